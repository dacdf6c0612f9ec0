"""Whatever the permissions: the clause that a file uses admits exactly the file's own readers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.google_drive.client import GoogleClient
from connectors.google_drive.file import DriveFile
from connectors.google_drive.permissions import Permissions, grant
from connectors.google_drive.tree import Tree
from connectors.patience import Patience

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TREE = Tree(None, "F")  # type: ignore[arg-type]  # nothing is asked about its top


class Client(GoogleClient):
    """Answers by itself: permissions by id, two a page, and how often each was asked."""

    def __init__(self, told: dict[str, list[dict[str, Any]]]):
        self.permissions = told
        self.asked: list[str] = []

    def told(self, request: Any) -> dict[str, Any]:
        id, token = request.args
        start = int(token or 0)
        if start == 0:
            self.asked.append(id)
        listed = self.permissions[id]
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(listed) else {}
        return {"permissions": listed[start : start + 2], **more}


@pytest.mark.parametrize("listed", [True, False], ids=["came with it", "asked for"])
def test_permissions_are_no_younger_than_the_listing_of_their_file(listed: bool) -> None:
    """They may wait long to be stored; what a later look revoked must not come back by them."""
    readers = [{"id": "1", "type": "user", "role": "reader", "emailAddress": "a@x.y"}]
    told = {"id": "f"} | ({"permissions": readers, "permissionIds": ["1"]} if listed else {})
    file = DriveFile.read(told, NOW - timedelta(hours=1))
    client = Client({} if listed else {"f": readers})
    permissions = Permissions(client, Patience(), lambda: NOW, TREE)
    (clause,) = permissions.access(file).clauses
    assert clause.grants
    assert clause.synced_at == NOW - timedelta(hours=1)


PERMISSION = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["user", "group", "domain", "anyone"]),
        "role": st.sampled_from(["owner", "organizer", "reader", "writer", "publishedReader"]),
        "emailAddress": st.sampled_from(["a@x.y", "A@x.y", "b@x.y"]),
        "domain": st.sampled_from(["x.y", "z.y"]),
        "allowFileDiscovery": st.booleans(),
    },
    optional={
        "view": st.sampled_from(["published", "metadata"]),
        "deleted": st.booleans(),
        "expirationTime": st.sampled_from(["2027-01-01T00:00:00Z", "2027-06-01T00:00:00Z"]),
        "permissionDetails": st.lists(
            st.fixed_dictionaries({"inherited": st.booleans()}), min_size=1, max_size=2
        ),
    },
)
PERMISSIONS = st.lists(PERMISSION, max_size=4)


@given(
    PERMISSIONS,
    st.lists(
        st.tuples(st.one_of(st.none(), PERMISSIONS), st.sampled_from([True, False, None])),
        min_size=1,
        max_size=6,
    ),
)
def test_a_files_clause_admits_its_own_readers_and_no_other(
    folder: list[dict[str, Any]],
    files: list[tuple[list[dict[str, Any]] | None, bool | None]],
) -> None:
    told = {"F": folder}
    listed = []
    for n, (own, limited) in enumerate(files):
        told[f"f{n}"] = folder if own is None else own
        entry = {"id": f"f{n}", "parents": ["F"], "inheritedPermissionsDisabled": limited}
        listed.append(DriveFile.read(entry))
    client = Client(told)
    permissions = Permissions(client, Patience(), lambda: NOW, TREE)
    for file in listed:
        (clause,) = permissions.access(file).clauses
        own = told[file.id]
        assert clause.grants == {g for p in own if (g := grant(p, bool(file.limited)))}
        direct = any(d["inherited"] is False for p in own for d in p.get("permissionDetails") or [])
        if clause.key == "file/F":
            assert file.limited is False
            assert not direct
        else:
            assert clause.key == f"file/{file.id}"
    assert client.asked.count("F") <= 1
