"""Every word of ours can be said in another language; German is the proof.

`make messages` adds new words to the catalog and compiles it; both files are kept.
"""

from __future__ import annotations

import gettext
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from companies.models import Role
from tests import factories

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("companies", "connectors", "jobs", "queue", "records", "syncapp", "templates", "ui")
LANGUAGES = sorted(path.name for path in (ROOT / "locale").iterdir())
needs_gettext = pytest.mark.skipif(
    shutil.which("msgfmt") is None, reason="gettext is not installed: apt-get install gettext"
)


def test_the_languages_offered_are_those_with_a_catalog() -> None:
    assert sorted(code for code, _name in settings.LANGUAGES) == ["de", "en"]
    assert LANGUAGES == ["de"]


@needs_gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_missing_or_doubtful(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """The words are collected anew, for a copy of the catalog: nothing here is written to."""
    shutil.copytree(ROOT / "locale", tmp_path / "locale")
    for source in SOURCES:
        (tmp_path / source).symlink_to(ROOT / source)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=[language], symlinks=True, no_obsolete=True, verbosity=0)
    catalog = tmp_path / "locale" / language / "LC_MESSAGES" / "django.po"
    for doubt in ("--untranslated", "--only-fuzzy"):
        found = run("msgattrib", doubt, "--no-obsolete", str(catalog))
        assert [line for line in found.splitlines() if line.startswith("msgid ")][1:] == []


@needs_gettext
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_application_reads_is_made_from_the_catalog(tmp_path: Path, language: str) -> None:
    folder = ROOT / "locale" / language / "LC_MESSAGES"
    made = tmp_path / "made.mo"
    run("msgfmt", "--check", "-o", str(made), str(folder / "django.po"))
    assert words(made) == words(folder / "django.mo")


@pytest.mark.django_db
def test_a_page_speaks_the_language_of_the_browser(client: Client) -> None:
    company = factories.company()
    client.force_login(factories.member(company=company, role=Role.OPERATOR))
    for accepted, title in (("de-AT,de;q=0.9", "Überblick"), ("fr", "Overview"), ("", "Overview")):
        page = client.get("/", headers={"accept-language": accepted})
        assert page.context["title"] == title


def words(compiled: Path) -> dict[Any, str]:
    with compiled.open("rb") as file:
        catalog: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {said: how for said, how in catalog.items() if said}


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
