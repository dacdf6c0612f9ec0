"""Who may read a file of Drive, by answers that no emulator makes."""

from __future__ import annotations

from typing import Any

import pytest

from access import Principal, PrincipalKind, Source
from connectors.google_drive.permissions import grant
from tests.connectors.little_drive import (
    BOX,
    SHARED,
    Drive,
    allow,
    connected,
    file,
    names,
    only,
    read,
    refuse,
)
from tests.fixtures.wire import Answer


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
