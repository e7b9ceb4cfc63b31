"""What we changed of unfold's shell, and what must stay true when unfold is upgraded."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
import unfold
from django.contrib.staticfiles import finders
from django.test import Client

from tests import factories

UNFOLD = Path(unfold.__file__).parent
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# Ours replace these. When one changes upstream, look whether ours must change too.
# SHA-256 of each, in halves.
REPLACED = {
    "unfold/helpers/navigation_user.html": "4c9ba58b3f215326703c699fff40b582"
    "b10125257f7357126531e2cd73785716",
    "unfold/helpers/welcomemsg.html": "e8eab02522ba2319b937086bbcb6bf2a"
    "2bbe1489d236ad90ff23edbe070a7d6b",
    "unfold/helpers/search.html": "91996c27181d14ade8b4cbf84d90a4b0"
    "d293fdd92ae4325cda0f6889c29e28fb",
    "admin/base_site.html": "50eb1e71a0b2729ca7ff280934828eecc42d0c526e1effbeafcdfe9b3695637d",
    "admin/login.html": "13deb7765ce366590d73a58f260f438aa8a3580851a7540b542c451e445c6b78",
    "registration/logged_out.html": "cad8c8cf769b9e9111c14a7517cce7f3"
    "d1f2ae2992adbf708149dadc8cf40891",
}


@pytest.mark.parametrize(("name", "digest"), REPLACED.items())
def test_what_a_template_of_ours_replaces_is_what_it_was(name: str, digest: str) -> None:
    assert (TEMPLATES / name).exists()
    assert hashlib.sha256((UNFOLD / "templates" / name).read_bytes()).hexdigest() == digest


def test_every_replaced_template_is_watched() -> None:
    ours = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")}
    theirs = {
        str(path.relative_to(UNFOLD / "templates"))
        for path in (UNFOLD / "templates").rglob("*.html")
    }
    assert ours & theirs == set(REPLACED)


def test_no_class_of_ours_is_one_of_unfolds() -> None:
    """A class that Tailwind also knows would bring its utilities along."""
    ours = _classes(_stylesheet("ui/ui.css"))
    theirs = _classes(_stylesheet("unfold/css/styles.css"))
    assert ours & theirs == {"dark"}


def test_our_stylesheet_styles_no_bare_elements() -> None:
    """Our rules beat unfold's, whatever the order: a bare element would restyle the admin."""
    css = re.sub(r"/\*.*?\*/", "", _stylesheet("ui/ui.css"), flags=re.DOTALL)
    selectors = [one.strip() for one in re.findall(r"([^{}]+)\{", css)]
    bare = [
        part
        for selector in selectors
        if not selector.startswith("@")
        for part in re.split(r",(?![^(]*\))", selector)
        if re.match(r"[a-z]", part.strip()) and part.strip() not in {"to"}
    ]
    allowed = ("html[x-cloak]", "form:has(.pick", "a.chip", "select.control", "textarea.control")
    assert [part for part in map(str.strip, bare) if not part.startswith(allowed)] == []


def test_our_templates_have_no_inline_style_or_script() -> None:
    """The policy would refuse the script, and a style belongs to ui.css."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|\shx-on|javascript:")
    found = [
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if inline.search(path.read_text())
    ]
    assert found == []


@pytest.mark.django_db
def test_every_answer_carries_the_policy(client: Client) -> None:
    policy = client.get("/admin/login/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/jobs/",
        "/jobs/1/",
        "/errors/",
        "/queue/",
        "/connections/",
        "/tables/sync-jobs/settings/",
    ],
)
def test_a_page_needs_a_log_in(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/?next=")


@pytest.mark.django_db
def test_who_is_in_no_company_gets_pages_without_rows(client: Client) -> None:
    client.force_login(factories.user())
    for path in ("/", "/jobs/", "/errors/", "/queue/", "/connections/"):
        assert client.get(path).status_code == 200


@pytest.mark.django_db
def test_an_unknown_address_is_answered_inside_the_shell(client: Client) -> None:
    client.force_login(factories.member(company=factories.company()))
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


def _stylesheet(name: str) -> str:
    found = finders.find(name)
    assert isinstance(found, str)
    return Path(found).read_text()


def _classes(css: str) -> set[str]:
    css = re.sub(r"/\*.*?\*/|\"[^\"]*\"|url\([^)]*\)", "", css, flags=re.DOTALL)
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", css))
