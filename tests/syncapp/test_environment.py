"""What the environment says about the mail server."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from syncapp.environment import Mail, mail

NAME = "SYNCAPP_EMAIL_URL"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", Mail()),
        ("smtp://localhost", Mail("localhost")),
        (
            "smtp+starttls://me%40example.com:s%2Fcret@mail.example.com",
            Mail("mail.example.com", 587, "me@example.com", "s/cret", has_starttls=True),
        ),
        (
            "smtps://a:b@mail.example.com:4650",
            Mail("mail.example.com", 4650, "a", "b", has_tls=True),
        ),
    ],
)
def test_a_mail_server_is_one_address(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: Mail
) -> None:
    monkeypatch.setenv(NAME, url)
    assert mail(NAME) == expected


@pytest.mark.parametrize("url", ["mail.example.com", "https://mail.example.com", "smtp://"])
def test_an_address_that_is_none_says_what_one_looks_like(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv(NAME, url)
    with pytest.raises(ImproperlyConfigured, match="must look like"):
        mail(NAME)
