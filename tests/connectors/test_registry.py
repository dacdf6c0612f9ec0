import subprocess
import sys
from pathlib import Path

import pytest

from access import Source
from connectors.interface import NotConfigured
from connectors.registry import (
    absence,
    available_sources,
    open_connector,
    settings_of,
    standing,
)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    import os

    for name in list(os.environ):
        if name.upper().startswith(("GITHUB_", "GOOGLE_DRIVE_", "SHAREPOINT_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_credentials_nothing_is_configured() -> None:
    assert {standing(each) for each in available_sources()} == {"not configured"}
    for source in available_sources():
        with pytest.raises(NotConfigured, match=f"docs/sources/{source.value}"):
            open_connector(source)


def test_a_source_without_connector_says_so() -> None:
    with pytest.raises(NotConfigured, match="no connector yet"):
        open_connector(Source.JIRA)


def test_settings_come_from_dotenv_and_hide_secrets(bare: Path) -> None:
    (bare / ".env").write_text(
        "GITHUB_TOKEN=sesame\nGITHUB_ORGANISATIONS=acme, other\nGOOGLE_DRIVE_ACCESS_TOKEN=sesame\n"
    )
    assert [each for each in available_sources() if not standing(each)] == [
        Source.GOOGLE_DRIVE,
        Source.GITHUB,
    ]
    settings = settings_of(Source.GITHUB)
    assert settings.organisations == ("acme", "other")  # type: ignore[attr-defined]
    assert "sesame" not in repr(settings)


def test_a_bad_value_is_named_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_MAX_BYTES", "sesame")
    with pytest.raises(NotConfigured, match="GITHUB_MAX_BYTES") as caught:
        settings_of(Source.GITHUB)
    assert "sesame" not in str(caught.value)


def test_an_address_without_a_scheme_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "api.github.com")
    with pytest.raises(NotConfigured, match="GITHUB_API_URL: not an address"):
        settings_of(Source.GITHUB)


def test_no_sdk_is_imported_before_a_connector_is_opened() -> None:
    code = (
        "import sys; from connectors.registry import available_sources, standing;"
        "[standing(each) for each in available_sources()];"
        "print([m for m in ('googleapiclient', 'github', 'google.auth') if m in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"GITHUB_TOKEN": "sesame"}, "Set GITHUB_ORGANISATIONS, see"),
        ({"GITHUB_ORGANISATIONS": "acme"}, "Set GITHUB_TOKEN, see"),
        ({"GITHUB_TOKEN": "", "GITHUB_PAGE_SIZE": "5"}, "Set GITHUB_TOKEN and GITHUB_ORGAN"),
    ],
)
def test_a_half_set_source_names_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], missing: str
) -> None:
    assert absence(Source.GITHUB) == "not configured"
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert missing in absence(Source.GITHUB)
    with pytest.raises(NotConfigured, match=missing) as caught:
        open_connector(Source.GITHUB)
    assert "sesame" not in str(caught.value)


def test_a_drive_without_credentials_names_both_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_DRIVE_USERS", "ava@acme.com")
    with pytest.raises(NotConfigured, match="SERVICE_ACCOUNT_FILE or GOOGLE_DRIVE_ACCESS_TOKEN"):
        open_connector(Source.GOOGLE_DRIVE)
