"""What the emulator can't make: Drive's rarer answers, over real sockets."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from access import Clause, Principal, PrincipalKind, Source
from connectors.google_drive.connector import GoogleDriveConnector
from connectors.google_drive.permissions import grant
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import (
    ApiDisabled,
    AuthenticationFailed,
    CursorExpired,
    MissingScope,
    NotConfigured,
    SourceUnavailable,
)
from corpus import Container, Document, Failed, Reacl, Upsert
from tests.fixtures.service_account import key_file
from tests.fixtures.wire import Answer, Asked, Wire, serving

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BOX = Container(Source.GOOGLE_DRIVE, "my-drive-1", "My Drive", "")
SHARED = Container(Source.GOOGLE_DRIVE, "D", "Shared", "")


def file(id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "name": f"secret title {id}",
        "mimeType": "text/plain",
        "parents": ["F"],
        "size": "2",
        "modifiedTime": "2026-01-01T00:00:00.000Z",
        "inheritedPermissionsDisabled": False,
        **more,
    }


def allow(email: str, **more: Any) -> dict[str, Any]:
    return {"type": "user", "role": "reader", "emailAddress": email, "id": email, **more}


@dataclass
class Drive:
    """A little Drive: its pages, permissions and bodies, each replaceable by an `Answer`."""

    pages: list[list[dict[str, Any]]] = field(default_factory=lambda: [[file("a"), file("b")]])
    permissions: dict[str, Any] = field(default_factory=dict)
    bodies: dict[str, Answer] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    list_extra: dict[str, Any] = field(default_factory=dict)
    before: list[Answer] = field(default_factory=list)
    known_fields: bool = True

    def __call__(self, asked: Asked) -> Answer:
        if self.before:
            return self.before.pop(0)
        parts = asked.path.removeprefix("/drive/v3/").split("/")
        if parts[0] == "changes":
            return Answer({"startPageToken": "7", "newStartPageToken": "7", "changes": []})
        if parts == ["files"] and "mimeType = " in asked.query["q"]:
            return Answer({"files": []})
        if len(parts) == 2 and asked.query.get("alt") != "media":
            return refuse(404, "notFound")
        if parts == ["files"]:
            return self.files(asked)
        if parts[-1] == "permissions":
            return self.permission_page(parts[1], asked)
        return self.bodies.get(parts[1], Answer(b"hi"))

    def files(self, asked: Asked) -> Answer:
        if not self.known_fields and "inheritedPermissionsDisabled" in asked.query["fields"]:
            return refuse(400, "invalidParameter", "'inheritedPermissionsDisabled' is not served")
        token = asked.query.get("pageToken", "")
        number = int(token or 0)
        if number >= len(self.pages):
            return refuse(400, "invalid", "Invalid Value", "pageToken")
        following = str(number + 1) if number + 1 < len(self.pages) else ""
        following = self.tokens.get(token, following)
        more = {"nextPageToken": following} if following else {}
        listed = self.pages[number]
        if not self.known_fields:
            listed = [
                {k: v for k, v in f.items() if k != "inheritedPermissionsDisabled"} for f in listed
            ]
        return Answer({"files": listed, **more, **self.list_extra})

    def permission_page(self, id: str, asked: Asked) -> Answer:
        told = self.permissions.get(id, [allow("ava@acme.com")])
        if isinstance(told, Answer):
            return told
        start = int(asked.query.get("pageToken", 0))
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(told) else {}
        return Answer({"permissions": told[start : start + 2], **more})


def refuse(status: int, reason: str, message: str = "no", location: str = "") -> Answer:
    error = {"reason": reason, "message": message, "location": location}
    return Answer({"error": {"code": status, "message": message, "errors": [error]}}, status)


@contextmanager
def connected(
    drive: Drive, slept: list[float] | None = None, **settings: Any
) -> Iterator[tuple[GoogleDriveConnector, Wire]]:
    with serving(drive) as wire:
        given = {"access_token": "t", "api_root": wire.url, "attempts": 3, **settings}
        options = GoogleDriveSettings(_env_file=None, **given)
        sleep = slept.append if slept is not None else lambda _: None
        yield GoogleDriveConnector(options, sleep=sleep), wire


def read(drive: Drive, box: Container = BOX, **settings: Any) -> dict[str, Document]:
    with connected(drive, **settings) as (connector, _):
        changes = [c for p in connector.changes(box, None, lambda _: {}) for c in p.changes]
    return {c.document.id: c.document for c in changes if isinstance(c, Upsert)}


def only(document: Document) -> Clause:
    (clause,) = document.access.clauses
    return clause


def names(clause: Clause) -> set[str]:
    assert clause.grants is not None
    return {g.principal.id for g in clause.grants}


def test_a_file_that_follows_its_folder_uses_the_folders_clause() -> None:
    drive = Drive(permissions={"b": [allow("ava@acme.com"), allow("bob@acme.com")]})
    found = read(drive)
    assert only(found["a"]).key == "file/F"
    assert only(found["b"]).key == "file/b"
    assert names(only(found["b"])) == {"ava@acme.com", "bob@acme.com"}


def test_a_folder_is_read_once_for_all_its_files() -> None:
    drive = Drive(pages=[[file(f"f{n}") for n in range(20)]])
    with connected(drive) as (connector, wire):
        list(connector.changes(BOX, None, lambda _: {}))
    assert wire.paths().count("/drive/v3/files/F/permissions") == 1


def test_equal_readers_do_not_make_a_limited_file_follow_its_folder() -> None:
    drive = Drive(pages=[[file("a", inheritedPermissionsDisabled=True), file("b")]])
    found = read(drive)
    assert only(found["a"]).key == "file/a"
    assert only(found["b"]).key == "file/F"


def test_no_file_follows_its_folder_where_limited_access_is_not_told() -> None:
    found = read(Drive(known_fields=False))
    assert {only(d).key for d in found.values()} == {"file/a", "file/b"}


def test_a_direct_permission_on_a_shared_drive_keeps_a_file_apart() -> None:
    inherited = {"permissionDetails": [{"inherited": True, "inheritedFrom": "D"}]}
    direct = {"permissionDetails": [{"inherited": True}, {"inherited": False}]}
    drive = Drive(
        permissions={
            "a": [allow("ava@acme.com", **inherited)],
            "b": [allow("ava@acme.com", **direct)],
        }
    )
    found = read(drive, SHARED)
    assert only(found["a"]).key == "file/F"
    assert only(found["b"]).key == "file/b"


def test_permissions_are_read_to_the_last_page() -> None:
    everyone = [allow(f"u{n}@acme.com") for n in range(7)]
    found = read(Drive(permissions={"a": everyone}))
    assert names(only(found["a"])) == {f"u{n}@acme.com" for n in range(7)}


@pytest.mark.parametrize(
    "answer",
    [
        refuse(403, "insufficientFilePermissions"),
        refuse(404, "notFound"),
        Answer({"kind": "drive#permissionList"}),
        Answer({"error": "?"}, 500),
    ],
    ids=["403", "404", "no list", "500"],
)
def test_unreadable_permissions_are_unknown_and_counted_with_a_reason(answer: Answer) -> None:
    found = read(Drive(permissions={"a": answer}))
    assert not found["a"].access.known
    assert only(found["a"]).key == "file/a"
    assert only(found["a"]).reason.startswith("permissions can't be read")
    assert found["b"].access.known


def test_an_unreadable_folder_costs_its_files_nothing() -> None:
    found = read(Drive(permissions={"F": refuse(403, "insufficientFilePermissions")}))
    assert all(d.access.known and only(d).key == f"file/{d.id}" for d in found.values())


def test_an_empty_list_is_known_and_admits_nobody() -> None:
    found = read(Drive(permissions={"a": []}))
    assert only(found["a"]).grants == frozenset()


@pytest.mark.parametrize(
    ("told", "kind", "id"),
    [
        (allow("Ava@ACME.com"), PrincipalKind.USER, "ava@acme.com"),
        ({**allow("Eng@acme.com"), "type": "group"}, PrincipalKind.GROUP, "eng@acme.com"),
        (
            {"type": "domain", "role": "reader", "domain": "Acme.com", "allowFileDiscovery": True},
            PrincipalKind.DOMAIN,
            "acme.com",
        ),
        ({"type": "domain", "role": "writer", "domain": "a.b"}, PrincipalKind.DOMAIN, "link:a.b"),
        ({"type": "anyone", "role": "reader"}, PrincipalKind.ANYONE, "link"),
        (
            {"type": "anyone", "role": "reader", "allowFileDiscovery": True},
            PrincipalKind.ANYONE,
            "discoverable",
        ),
        ({"type": "user", "role": "reader", "id": "7"}, PrincipalKind.USER, "id/7"),
    ],
)
def test_grantees(told: dict[str, Any], kind: PrincipalKind, id: str) -> None:
    given = grant(told)
    assert given is not None
    assert given.principal == Principal(Source.GOOGLE_DRIVE, kind, id)


@pytest.mark.parametrize(
    "told",
    [
        allow("ava@acme.com", deleted=True),
        allow("ava@acme.com", view="published"),
        allow("ava@acme.com", view="metadata"),
        allow("ava@acme.com", role="publishedReader"),
        allow("ava@acme.com", role=None),
        {"type": "wizard", "role": "reader", "id": "1"},
        {"type": "domain", "role": "reader"},
        {"type": "user", "role": "reader"},
        allow("ava@acme.com", expirationTime="whenever"),
        allow(
            "ava@acme.com",
            inheritedPermissionsDisabled=True,
            permissionDetails=[{"inherited": True}],
        ),
    ],
)
def test_what_grants_nothing(told: dict[str, Any]) -> None:
    assert grant(told) is None


def test_limited_access_leaves_organisers_and_direct_grants() -> None:
    inherited = [{"inherited": True}]
    assert grant(allow("a@b.c", permissionDetails=inherited), limited=True) is None
    assert grant(allow("a@b.c", role="organizer", permissionDetails=inherited), limited=True)
    both = [{"inherited": True}, {"inherited": False}]
    assert grant(allow("a@b.c", permissionDetails=both), limited=True)


def test_a_grant_that_ends_says_when() -> None:
    given = grant(allow("ava@acme.com", expirationTime="2026-12-01T00:00:00.000Z"))
    assert given is not None
    assert given.expires_at is not None
    assert given.expires_at.isoformat() == "2026-12-01T00:00:00+00:00"


def test_a_body_that_fails_is_one_failure_and_names_no_title() -> None:
    drive = Drive(bodies={"a": Answer({}, 500)})
    with connected(drive) as (connector, _):
        (page,) = connector.changes(BOX, None, lambda _: {})
        readers, failed, good = page.changes
        # What is stored, be it without a version to know it by, must not keep its old readers.
        assert isinstance(readers, Reacl)
        assert isinstance(failed, Failed)
        assert isinstance(good, Upsert)
        assert "HTTP 500" in failed.reason
        assert "secret" not in failed.reason + failed.remedy
        (page,) = connector.changes(BOX, None, lambda ids: dict.fromkeys(ids, "old"))
        assert [type(c) for c in page.changes] == [Reacl, Failed, Upsert]


def test_many_failures_in_a_row_are_the_sources() -> None:
    files = [file(f"f{n}") for n in range(9)]
    down = {f["id"]: Answer({}, 503) for f in files}
    with (
        connected(Drive(pages=[files], permissions=dict(down), bodies=down)) as (connector, _),
        pytest.raises(SourceUnavailable),
    ):
        list(connector.changes(BOX, None, lambda _: {}))


def test_permissions_that_are_read_well_do_not_excuse_bodies_that_never_are() -> None:
    files = [file(f"f{n:02}") for n in range(50)]
    down = {f["id"]: Answer({}, 503) for f in files}
    with (
        connected(Drive(pages=[files], bodies=down)) as (connector, wire),
        pytest.raises(SourceUnavailable),
    ):
        list(connector.changes(BOX, None, lambda _: {}))
    bodies = {each.path for each in wire.asked if each.query.get("alt") == "media"}
    assert 5 <= len(bodies) < 15, "the run stops, and asks for no more bodies"


@pytest.mark.parametrize("broken", [range(5), range(20, 33), range(0, 40, 2)], ids=str)
def test_broken_files_are_counted_and_the_rest_goes_on(broken: range) -> None:
    files = [file(f"f{n:02}") for n in range(40)]
    down = {f"f{n:02}": Answer({}, 500) for n in broken}
    with connected(Drive(pages=[files], bodies=down)) as (connector, _):
        (page,) = connector.changes(BOX, None, lambda _: {})
    failed = {c.document_id for c in page.changes if isinstance(c, Failed)}
    read = {c.document.id for c in page.changes if isinstance(c, Upsert)}
    assert failed == set(down)
    assert read == {f["id"] for f in files} - failed


def test_a_body_cut_short_is_asked_for_again_and_never_stored() -> None:
    whole = b"a whole body"
    listed = file("a", size=str(len(whole)), md5Checksum=md5(whole).hexdigest())
    bodies = [Answer(whole[:5]), Answer(whole)]

    class Cut(Drive):
        def __call__(self, asked: Asked) -> Answer:
            if asked.path.endswith("/files/a"):
                if asked.query.get("alt") != "media":
                    return Answer({"md5Checksum": listed["md5Checksum"]})
                return bodies.pop(0) if len(bodies) > 1 else bodies[0]
            return super().__call__(asked)

    drive = Cut(pages=[[listed]])
    assert read(drive)["a"].content.data == whole
    bodies[:] = [Answer(whole[:5])]
    with connected(drive) as (connector, _):
        (page,) = connector.changes(BOX, None, lambda _: {})
    assert [type(c) for c in page.changes] == [Reacl, Failed]


def test_a_body_that_changed_since_it_was_listed_is_read_as_it_is() -> None:
    listed = file("a", size="3", md5Checksum=md5(b"old").hexdigest())

    class Edited(Drive):
        def __call__(self, asked: Asked) -> Answer:
            if asked.path.endswith("/files/a") and asked.query.get("alt") != "media":
                return Answer({"md5Checksum": md5(b"new text").hexdigest()})
            return super().__call__(asked)

    found = read(Edited(pages=[[listed]], bodies={"a": Answer(b"new text")}))
    assert found["a"].content.data == b"new text"


def test_an_outage_that_begins_midway_stops_and_keeps_what_was_read() -> None:
    """The proof that was good before is asked again, and is down as well."""
    files = [file(f"f{n:03}") for n in range(300)]
    drive = Drive(pages=[files[:30], files[30:60], files[60:]])
    served: list[str] = []

    def handler(asked: Asked) -> Answer:
        if asked.query.get("alt") == "media":
            served.append(asked.path)
            number = int(asked.path[-3:])
            if number >= 60 or served.count(asked.path) > 1:
                return Answer({}, 503)
        return drive(asked)

    pages = []
    with serving(handler) as wire:
        settings = GoogleDriveSettings(
            _env_file=None, access_token="t", api_root=wire.url, attempts=1
        )
        connector = GoogleDriveConnector(settings, sleep=lambda _: None)
        with pytest.raises(SourceUnavailable):
            for page in connector.changes(BOX, None, lambda _: {}):
                pages.append(page)
    assert [len(p.changes) for p in pages] == [30, 30]
    assert len(served) < 60 + 30


def test_what_was_read_ahead_says_when_it_was_asked_for() -> None:
    """Else a look that waited to be stored would pass for a newer one than a later look's."""
    drive = Drive(pages=[[file(f"f{p}{n}") for n in range(3)] for p in range(4)])
    clock = [NOW]
    listed: dict[str, datetime] = {}

    def handler(asked: Asked) -> Answer:
        clock[0] += timedelta(seconds=1)
        if asked.path.endswith("/files") and "mimeType != " in asked.query["q"]:
            listed[asked.query.get("pageToken", "0")] = clock[0]
        return drive(asked)

    with serving(handler) as wire:
        settings = GoogleDriveSettings(_env_file=None, access_token="t", api_root=wire.url)
        connector = GoogleDriveConnector(settings, now=lambda: clock[0])
        for number, page in enumerate(connector.changes(BOX, None, lambda _: {})):
            clock[0] += timedelta(hours=1)  # so long it takes to store the page
            assert page.asked is not None
            assert page.asked < listed[str(number)]
    assert max(listed.values()) < NOW + timedelta(hours=1), "read ahead, or this tests nothing"


def test_what_is_left_out_says_why() -> None:
    drive = Drive(
        pages=[
            [
                file("big", size="999999999"),
                file("png", mimeType="image/png"),
                file("no", capabilities={"canDownload": False}),
                file("form", mimeType="application/vnd.google-apps.form"),
                file("doc", mimeType="application/vnd.google-apps.document"),
                file("grown"),
            ]
        ],
        bodies={
            "doc": refuse(403, "exportSizeLimitExceeded"),
            "grown": Answer(b"x" * 2000),
        },
    )
    found = read(drive, max_bytes=1000)
    assert {id: d.content.skipped for id, d in found.items()} == {
        "big": "larger than the limit",
        "png": "no text in this type: image/png",
        "no": "its owner has switched off downloading",
        "form": "no text in this type: application/vnd.google-apps.form",
        "doc": "larger than Google exports (10 MB)",
        "grown": "larger than the limit",
    }
    assert all(d.content.data is None for d in found.values())


def test_large_bodies_make_several_pages_that_go_on_from_the_same_place() -> None:
    files = [file(f"f{n}") for n in range(3)]
    drive = Drive(
        pages=[files, [file("last")]],
        bodies={f["id"]: Answer(b"x" * 19_000_000) for f in files},
    )
    with connected(drive) as (connector, _):
        pages = list(connector.changes(BOX, None, lambda _: {}))
        assert [len(p.changes) for p in pages] == [1, 1, 1, 1]
        assert pages[0].cursor == pages[1].cursor != pages[2].cursor
        again = list(connector.changes(BOX, pages[0].cursor, lambda _: {}))
        assert len(again) == 4


def test_a_rename_changes_the_version() -> None:
    with connected(Drive()) as (connector, _):
        (before,) = connector.listing(BOX)
    with connected(Drive(pages=[[file("a", name="other"), file("b")]])) as (connector, _):
        (after,) = connector.listing(BOX)
    assert before.versions["a"] != after.versions["a"]
    assert before.versions["b"] == after.versions["b"]


def test_what_is_stored_costs_no_download() -> None:
    with connected(Drive()) as (connector, wire):
        (listed,) = connector.listing(BOX)
        list(connector.changes(BOX, None, lambda ids: {id: listed.versions[id] for id in ids}))
    asked = {p.rsplit("/", 1)[1] for p in wire.paths()}
    assert asked == {"startPageToken", "files", "F", "permissions"}


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


def test_bodies_are_fetched_side_by_side() -> None:
    class Slow(Drive):
        def __call__(self, asked: Asked) -> Answer:
            if asked.query.get("alt") != "media":
                return super().__call__(asked)
            with guard:
                running.append(len(running))
                most.append(len(running))
            time.sleep(0.2)
            with guard:
                running.pop()
            return super().__call__(asked)

    guard = threading.Lock()
    running: list[int] = []
    most: list[int] = []

    drive = Slow(pages=[[file(f"f{n}") for n in range(8)]])
    with connected(drive, concurrency=4) as (connector, _):
        list(connector.changes(BOX, None, lambda _: {}))
    assert 1 < max(most) <= 4


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
