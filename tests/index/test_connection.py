"""Errors of the Weaviate client as ours: the kind and the status, never its words."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from index.interface import SearchIndexError
from index.settings import IndexSettings
from index.weaviate.connection import connect, translated


def test_no_word_of_what_was_written_is_told():
    from weaviate.exceptions import UnexpectedStatusCodeError, WeaviateBaseError

    answer = httpx.Response(422, text="invalid property: Secret title")
    for error, said in (
        (WeaviateBaseError("Secret title"), "Weaviate, writing: WeaviateBaseError"),
        (
            UnexpectedStatusCodeError("Secret title", answer),
            "Weaviate, writing: UnexpectedStatusCodeError, HTTP 422",
        ),
        (httpx.ConnectError("Secret title"), "Weaviate, writing: ConnectError"),
    ):
        with pytest.raises(SearchIndexError) as raised, translated("writing"):
            raise error
        assert str(raised.value) == said


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], str]]:
    """Starts a server that answers everything with the same JSON; gives its address."""
    servers: list[HTTPServer] = []

    def start(body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b'"x"', b"null", b"<html>", b"", b'{"version": null}', b'{"version": "x"}'],
)
def test_another_server_than_weaviate_is_told_of(answering, body: bytes) -> None:
    url = answering(body)
    with pytest.raises(SearchIndexError) as raised:
        connect(IndexSettings(_env_file=None, backend="weaviate", weaviate_url=url))
    assert url in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "http://[::1", "http://", "weaviate"])
def test_no_address_is_told_of(url: str) -> None:
    with pytest.raises(SearchIndexError, match="not a Weaviate address"):
        connect(IndexSettings(_env_file=None, backend="weaviate", weaviate_url=url))
