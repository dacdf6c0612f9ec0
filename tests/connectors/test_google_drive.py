"""What the emulator can't make: Drive's rarer answers about listings and accounts."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from access import Principal, PrincipalKind, Source
from connectors.google_drive.connector import GoogleDriveConnector
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import (
    ApiDisabled,
    AuthenticationFailed,
    CursorExpired,
    MissingScope,
    NotConfigured,
    SourceUnavailable,
)
from tests.connectors.little_drive import BOX, Drive, connected, file, refuse
from tests.fixtures.service_account import key_file
from tests.fixtures.wire import Answer, Asked, serving


def test_an_incomplete_search_proves_nothing() -> None:
    with connected(Drive(list_extra={"incompleteSearch": True})) as (connector, _):
        assert [page.complete for page in connector.listing(BOX)] == [False]


def test_a_repeated_page_token_is_an_error_and_no_loop() -> None:
    drive = Drive(pages=[[file("a")], [file("b")]], tokens={"1": "1"})
    with connected(drive) as (connector, _):
        with pytest.raises(SourceUnavailable, match="repeated page token"):
            list(connector.listing(BOX))
        with pytest.raises(SourceUnavailable, match="repeated page token"):
            list(connector.changes(BOX, None, lambda _: {}))


def test_throttling_waits_as_told_and_goes_on() -> None:
    slept: list[float] = []
    throttled = refuse(403, "userRateLimitExceeded")
    before = [
        Answer(throttled.body, 429, {"Retry-After": "7"}),
        Answer(throttled.body, 403, {"Retry-After": "3"}),
    ]
    with connected(Drive(before=before), slept) as (connector, _):
        assert list(connector.listing(BOX))
    assert slept == [7.0, 3.0]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refuse(403, "insufficientPermissions"), MissingScope),
        (refuse(403, "accessNotConfigured"), ApiDisabled),
        (refuse(403, "dailyLimitExceeded"), SourceUnavailable),
        (refuse(404, "notFound"), SourceUnavailable),
        (refuse(410, "gone"), CursorExpired),
        (refuse(400, "invalid", "Invalid Value", "pageToken"), CursorExpired),
        (Answer(b"<html>"), SourceUnavailable),
    ],
)
def test_what_a_refused_listing_means(answer: Answer, error: type[Exception]) -> None:
    with connected(Drive(before=[answer] * 3)) as (connector, _), pytest.raises(error):
        list(connector.listing(BOX))


def test_groups_come_from_the_directory_api_when_configured() -> None:
    def handler(asked: Asked) -> Answer:
        if asked.path == "/admin/directory/v1/groups":
            if "pageToken" in asked.query:
                return Answer({"groups": [{"id": "2", "email": "Core@acme.com"}]})
            group = {"id": "1", "email": "eng@acme.com", "aliases": ["dev@acme.com"]}
            return Answer({"groups": [group], "nextPageToken": "x"})
        if asked.path == "/admin/directory/v1/groups/2/members":
            return refuse(403, "forbidden")
        return Answer(
            {
                "members": [
                    {"id": "u", "email": "Ava@acme.com", "type": "USER"},
                    {"id": "g", "email": "core@acme.com", "type": "GROUP"},
                    {"id": "C01", "type": "CUSTOMER"},
                ]
            }
        )

    def named(kind: PrincipalKind, id: str) -> Principal:
        return Principal(Source.GOOGLE_DRIVE, kind, id)

    with serving(handler) as wire:
        settings = GoogleDriveSettings(
            _env_file=None, access_token="t", directory=True, directory_api_root=wire.url
        )
        pages = list(GoogleDriveConnector(settings).memberships())
    groups = {group: members for page in pages for group, members in page.groups.items()}
    assert groups == {
        named(PrincipalKind.GROUP, "eng@acme.com"): {
            named(PrincipalKind.USER, "ava@acme.com"),
            named(PrincipalKind.GROUP, "core@acme.com"),
            named(PrincipalKind.TENANT, "C01"),
        },
        named(PrincipalKind.GROUP, "dev@acme.com"): {named(PrincipalKind.GROUP, "eng@acme.com")},
        named(PrincipalKind.GROUP, "core@acme.com"): None,
    }


def test_shared_drives_are_listed_to_the_last_page_and_filtered() -> None:
    def handler(asked: Asked) -> Answer:
        if asked.path.endswith("/about"):
            return Answer({"user": {"permissionId": "9", "displayName": "Ava"}})
        if "pageToken" in asked.query:
            return Answer({"drives": [{"id": "D2", "name": "Two"}]})
        return Answer({"drives": [{"id": "D1", "name": "One"}], "nextPageToken": "x"})

    with serving(handler) as wire:
        settings = GoogleDriveSettings(_env_file=None, access_token="t", api_root=wire.url)
        found = [c.id for c in GoogleDriveConnector(settings).containers()]
        assert found == ["D1", "D2", "my-drive-9"]
        chosen = settings.model_copy(update={"shared_drives": ("D2",)})
        assert [c.id for c in GoogleDriveConnector(chosen).containers()] == ["D2", "my-drive-9"]


def test_a_service_account_acts_as_each_user_in_turn(tmp_path: Path) -> None:
    """Domain-wide delegation: every My Drive is read as its owner, and only what they own."""
    queries: list[tuple[str, str]] = []

    def handler(asked: Asked) -> Answer:
        if asked.path == "/token":
            claims = parse_qs(asked.body.decode())["assertion"][0].split(".")[1]
            told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
            if told.get("sub") == "gone@acme.com":
                return Answer({"error": "invalid_grant"}, 400)
            return Answer({"access_token": f"as {told.get('sub')}", "expires_in": 3600})
        who = asked.headers["authorization"].removeprefix("Bearer as ")
        if asked.path.endswith("/drives"):
            return Answer({"drives": [{"id": "D", "name": "Shared"}]})
        if asked.path.endswith("/about"):
            user = {"permissionId": f"id-{who}", "displayName": who, "emailAddress": who}
            return Answer({"user": user})
        if asked.path.endswith("/startPageToken"):
            return Answer({"startPageToken": "7"})
        if "mimeType = " not in asked.query["q"]:
            queries.append((who, asked.query["q"]))
        return Answer({"files": []})

    with serving(handler) as wire:
        settings = GoogleDriveSettings(
            _env_file=None,
            service_account_file=key_file(tmp_path, f"{wire.url}/token"),
            subject="admin@acme.com",
            users=("Ava@acme.com", "bob@acme.com"),
            domain_admin=False,
            api_root=wire.url,
            attempts=2,
        )
        connector = GoogleDriveConnector(settings, sleep=lambda _: None)
        boxes = list(connector.containers())
        assert [box.id for box in boxes] == [
            "D",
            "my-drive-id-ava@acme.com",
            "my-drive-id-bob@acme.com",
        ]
        for box in boxes:
            assert list(connector.changes(box, None, lambda _: {}))
        assert [who for who, _ in queries] == ["admin@acme.com", "ava@acme.com", "bob@acme.com"]
        assert ["'me' in owners" in query for _, query in queries] == [False, True, True]
        gone = settings.model_copy(update={"subject": "gone@acme.com"})
        with pytest.raises(AuthenticationFailed, match="delegation"):
            list(GoogleDriveConnector(gone, sleep=lambda _: None).containers())


def test_a_key_file_that_is_none_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text('{"private_key": "sesame"}')
    settings = GoogleDriveSettings(_env_file=None, service_account_file=path)
    with pytest.raises(NotConfigured, match="SERVICE_ACCOUNT_FILE") as caught:
        list(GoogleDriveConnector(settings).containers())
    assert "sesame" not in str(caught.value)
