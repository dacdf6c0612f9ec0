"""Which sites are read, and what one that can not be read stops."""

from __future__ import annotations

import logging
from urllib.parse import unquote

import pytest

from connectors.interface import (
    CursorExpired,
    SourceUnavailable,
)
from corpus import Cursor, Page, Reacl
from simulator.sharepoint.ids import HOST
from tests.connectors.sharepoint.there import (
    There,
    documents,
    nothing,
    settled,
)


def test_sites_are_filtered_by_address_and_id(there: There) -> None:
    there.state.create_site(path="/sites/closed", title="Closed")
    there.state.create_site(path="/personal/ana_saltmarsh", title="Ana")
    names = lambda **more: [each.name for each in there.connector(**more).containers()]  # noqa: E731
    assert names() == ["Team", "Closed", "Lab"] or sorted(names()) == ["Closed", "Lab", "Team"]
    assert sorted(names(onedrive=True)) == ["Ana", "Closed", "Lab", "Team"]
    address = f"https://{HOST}/sites/team"
    assert names(sites=(address,)) == ["Team", "Lab"]
    assert names(sites=(address,), subsites=False) == ["Team"]
    (team,) = there.connector(sites=(address,), subsites=False).containers()
    assert names(sites=(team.id,), subsites=False) == ["Team"]


def test_what_is_below_an_excluded_site_is_excluded_with_it(
    there: There, caplog: pytest.LogCaptureFixture
) -> None:
    there.state.create_site(path="/sites/closed é", title="Closed")
    there.state.create_site(path="/sites/teamwork", title="Work")
    names = lambda **more: sorted(each.name for each in there.connector(**more).containers())  # noqa: E731
    team, lab = (each for each in there.connector().containers() if each.name in ("Team", "Lab"))
    (closed,) = (each for each in there.connector().containers() if each.name == "Closed")
    for name in (team.id, team.url.upper() + "/", team.url.replace("team", "%74eam")):
        assert names(exclude_sites=(name,)) == ["Closed", "Work"]
        # Named by itself, it is still below what is excluded.
        assert not names(exclude_sites=(team.url,), sites=(lab.id,))
    assert names(exclude_sites=(lab.url,)) == ["Closed", "Team", "Work"]
    assert names(exclude_sites=(unquote(closed.url),)) == ["Lab", "Team", "Work"]
    assert not caplog.records
    assert names(exclude_sites=(lab.url, f"{team.url}x")) == ["Closed", "Team", "Work"]
    assert "place 2 of SHAREPOINT_EXCLUDE_SITES" in caplog.text
    assert "teamx" not in caplog.text


def test_a_locked_site_does_not_stop_the_others(
    there: There, caplog: pytest.LogCaptureFixture
) -> None:
    """Its subsites can't be listed, nor can its lists be read."""
    locked = there.state.create_site(path="/sites/locked", title="Locked")
    there.fault("forbidden", match=f"{there.state.sites[locked].id}/sites", times=None)
    connector = there.connector()
    assert sorted(each.name for each in connector.containers()) == ["Lab", "Locked", "Team"]
    assert "subsites" in caplog.text
    assert sum(len(page.groups) for page in connector.memberships())


def test_a_site_that_is_gone_does_not_stop_the_others(
    there: There, caplog: pytest.LogCaptureFixture
) -> None:
    here, gone = f"https://{HOST}/sites/team", f"https://{HOST}/sites/gone"
    with caplog.at_level(logging.WARNING):
        found = list(there.connector(sites=(gone, here)).containers())
    assert [each.name for each in found] == ["Team", "Lab"]
    assert "place 1" in caplog.text
    assert "gone" not in caplog.text
    with pytest.raises(SourceUnavailable):
        list(there.connector(sites=(gone,)).containers())


def test_a_site_that_is_out_of_reach_stops_alone(there: There) -> None:
    connector = there.connector()
    container = there.container(connector)
    there.fault("forbidden", endpoint="sites.drives", times=None)
    with pytest.raises(SourceUnavailable, match="HTTP 403"):
        list(connector.changes(container, None, there.known))


def test_a_list_that_refuses_does_not_stop_the_others(there: There) -> None:
    connector = there.connector()
    container = there.container(connector)
    table = there.made["list"]
    there.fault("forbidden", match=f"lists/{table}/items", times=None)
    seen: list[Page] = []
    key = f"list/{table}"
    others = {"", *(f"library/{there.made[name]}" for name in ("library", "other"))}
    for expected in ({"plan.docx", "costs.xlsx", "notes.md", "photo.png", "page"}, {"notes.md"}):
        found: list[Page] = []
        with pytest.raises(SourceUnavailable, match="HTTP 403: a library or list"):
            for page in connector.changes(container, settled(seen) if seen else None, nothing):
                found.append(page)
        assert documents(found).keys() == {there.made[name] for name in expected}
        # The others are compared without it, once.
        assert key not in found[-1].compare
        assert bool(seen) == (not found[-1].compare)
        assert seen or others < found[-1].compare
        assert not any(page.compare for page in found[:-1])
        seen += found
        there.state.edit(item=there.made["notes.md"], text="followed meanwhile")
    there.running.world.faults.clear()
    rest = list(connector.changes(container, settled(seen), nothing))
    assert documents(rest).keys() == {there.made[name] for name in ("notes.md", "risk", "calm")}
    assert rest[-1].compare == {key}


def test_a_list_that_refuses_for_good_leaves_the_others_swept(there: There) -> None:
    connector = there.connector()
    container = there.container(connector)
    there.fault("forbidden", match=f"lists/{there.made['list']}/items", times=None)
    cursor = None
    for _ in range(2):
        swept: set[str] = set()
        with pytest.raises(SourceUnavailable, match="HTTP 403"):
            for page in connector.permissions(container, cursor):
                swept |= {c.document_id for c in page.changes if isinstance(c, Reacl)}
                cursor = page.cursor
        names = ("plan.docx", "costs.xlsx", "notes.md", "photo.png", "page")
        assert swept == {there.made[name] for name in names}


def test_a_saved_place_of_another_server_is_expired(there: There) -> None:
    connector = there.connector()
    cursor = there.read(connector)[-1].cursor
    moved = Cursor(cursor.token.replace("127.0.0.1", "127.0.0.2"))
    with pytest.raises(CursorExpired):
        there.read(connector, moved)
