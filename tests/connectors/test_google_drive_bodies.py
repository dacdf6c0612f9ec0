"""Bodies of Drive's files: those that fail, are cut short, are large, or are left out."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from hashlib import md5

import pytest

from connectors.google_drive.connector import GoogleDriveConnector
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import SourceUnavailable
from corpus import Failed, Reacl, Upsert
from tests.connectors.little_drive import BOX, NOW, Drive, connected, file, read, refuse
from tests.fixtures.wire import Answer, Asked, serving


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
