"""Requests, batches, tokens and threads."""

from __future__ import annotations

import gc
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from access import Source
from connectors.interface import (
    SourceUnavailable,
)
from connectors.refused import Refused
from connectors.retry import Retry
from connectors.sharepoint.client import SharePointClient
from connectors.sharepoint.errors import Reply
from corpus import Reacl
from simulator.sharepoint.ids import HOST
from tests.connectors.sharepoint.there import (
    There,
    settings,
)
from tests.fixtures.wire import Answer, Asked, serving


def client(there: There, **more: object) -> SharePointClient:
    retry = Retry(Source.SHAREPOINT, 3, 60.0, there.slept.append)
    return SharePointClient(settings(there.running.url, **more), retry)


def test_a_throttled_part_of_a_batch_is_asked_for_again_alone(there: There) -> None:
    ours = client(there)
    drive = there.state.listing(there.made["library"]).drive
    items = ours.graph.drives.by_drive_id(drive).items
    ids = [there.made[name] for name in ("plan.docx", "costs.xlsx", "notes.md")] * 9
    there.fault("rate_limit", endpoint="items.get", seconds=4, times=2)
    there.fault("rate_limit", endpoint="items.get", seconds=9)
    found = ours.batch([items.by_drive_item_id(id).to_get_request_information for id in ids])
    assert [each["id"] for each in found if isinstance(each, dict)] == ids
    assert there.slept == [9.0]  # the longest of three, once
    assert there.asked()["items.get"] == len(ids) + 3


def test_a_batch_tells_a_no_from_a_part_that_is_down(there: There) -> None:
    ours = client(there)
    drive = there.state.listing(there.made["library"]).drive
    items = ours.graph.drives.by_drive_id(drive).items
    there.fault("server_error", endpoint="items.get", match=there.made["plan.docx"], times=None)
    ids = ["nothing", there.made["plan.docx"], there.made["notes.md"]]
    no, down, there_ = ours.batch(
        [items.by_drive_item_id(id).to_get_request_information for id in ids]
    )
    assert isinstance(no, Refused)
    assert no.status == 404
    assert isinstance(down, SourceUnavailable)
    assert down.status == 503
    assert isinstance(there_, dict)
    there.running.world.faults.clear()
    there.fault("rate_limit", endpoint="items.get", times=None)
    with pytest.raises(SourceUnavailable, match="throttled"):
        ours.batch([items.by_drive_item_id(ids[1]).to_get_request_information])


def test_a_token_goes_to_no_other_host(there: There) -> None:
    """Wherever a page says that the next one is, and whatever address a site claims to have."""
    strangers: list[Asked] = []

    def evil(asked: Asked) -> Answer:
        strangers.append(asked)
        return Answer({"value": []})

    with serving(evil) as wire:
        ours = client(there)
        with pytest.raises(SourceUnavailable, match="another host"):
            list(ours.pages(ours.graph.sites.get_all_sites.to_get_request_information, wire.url))
        with pytest.raises(SourceUnavailable, match="leads away"):
            ours.rest(HOST, f"{wire.url}/_api/web")
        with pytest.raises(SourceUnavailable, match="leads away"):
            ours.rest(HOST, f"https://{HOST}.evil.example/_api/web")
    assert strangers == []


def test_a_token_server_that_says_nothing_is_waited_for_as_long_as_is_set() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    ours = SharePointClient(settings(url, timeout=1), Retry(Source.SHAREPOINT, 1, 1.0))
    began = time.monotonic()
    with silent, pytest.raises(SourceUnavailable, match="token server"):
        ours.graph_token()
    assert time.monotonic() - began < 20


def test_an_answer_that_is_no_json_is_tried_again(there: There) -> None:
    ours = client(there)
    there.fault("truncated_json", endpoint="sites.getAll", times=2)
    ask = partial(ours.told, ours.graph.sites.get_all_sites.to_get_request_information)
    assert ask()["value"]
    there.fault("truncated_json", endpoint="sites.getAll", times=3)
    with pytest.raises(SourceUnavailable, match="can't be read"):
        ask()


def test_of_a_body_without_end_no_more_is_read_than_the_limit(there: There) -> None:
    """From wherever Graph sends on to, and without the token."""
    sent: list[dict[str, str]] = []

    class Endless(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(302 if "content" in self.path else 200)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            with suppress(OSError):
                while "content" not in self.path:
                    self.wfile.write(bytes(65536))

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        ours = client(there, graph_root=f"http://127.0.0.1:{server.server_port}")
        item = ours.graph.drives.by_drive_id("d").items.by_drive_item_id("i")
        assert ours.content(item.content.to_get_request_information, 200_000) is None
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert ["authorization" in headers for headers in sent] == [True, False]


def test_where_a_list_refuses_to_tell_of_all_items_it_is_asked_for_some_at_a_time(
    there: There,
) -> None:
    for number in range(90):
        there.state.create_file(parent=there.made["folder"], name=f"{number}.txt", author="ana")
    there.state.break_inheritance(target=there.made["notes.md"])
    connector = there.connector()
    swept = []
    for most in (6, 12):
        pages = connector.permissions(there.container(connector), None)
        there.running.world.requests.clear()
        found = {
            c.document_id: c.access for page in pages for c in page.changes if isinstance(c, Reacl)
        }
        swept.append({id: {c.key for c in access.clauses} for id, access in found.items()})
        assert all(access.known for access in found.values())
        assert there.asked()["rest.items"] <= most
        assert not there.asked()["rest.item"]
        there.fault("forbidden", match="HasUniqueRoleAssignments&$top=5000", times=None)
    assert swept[0] == swept[1]


def test_half_a_character_is_read_as_a_question_mark() -> None:
    """JSON may carry what no file or database takes."""
    body = rb'{"value": "\uD83d x \ud83d\ude00"}'
    assert Reply(200, {}, body).json() == {"value": "? x \U0001f600"}


def test_a_connector_that_is_let_go_leaves_no_thread(there: There) -> None:
    connector = there.connector()
    list(connector.containers())
    assert _loops()
    del connector
    _eventually(lambda: not _loops())


def _loops() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name == "sharepoint-loop"]


def _eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        gc.collect()
        assert time.monotonic() < until
        time.sleep(0.01)
