"""Why a real Tryton cannot be had here: the words that a skipped test shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncapp.tryton_server import TrytonError, Unavailable, install


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(install.VENV_VARIABLE, raising=False)
    monkeypatch.setenv("SYNCAPP_TRYTON_DIR", str(tmp_path))
    return tmp_path


def test_without_the_packages_it_is_unavailable_and_says_which_one_is_missing(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(own_folder))
    with pytest.raises(Unavailable, match="No matching distribution found for trytond"):
        install.environment()
    assert not list(own_folder.glob(f"*/{install.STAMP}"))


def test_a_wrong_folder_is_a_mistake_and_no_reason_to_skip(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(install.VENV_VARIABLE, str(own_folder))
    with pytest.raises(TrytonError, match="no bin/trytond-admin") as caught:
        install.environment()
    assert not isinstance(caught.value, Unavailable)


def test_another_series_is_installed_beside_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = install.requirements()
    monkeypatch.setenv(install.SERIES_VARIABLE, "7.0")
    assert "trytond~=8.0.0" in ours
    assert "trytond~=7.0.0" in install.requirements()
    assert len(install.requirements().splitlines()) == len(ours.splitlines())
