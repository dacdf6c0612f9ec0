"""What only a real Weaviate can show: roles, failures by object, a server that dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import pytest

from index.interface import Entry, Reach, SearchIndexError, Where
from index.reconcile import reconcile
from index.settings import IndexSettings
from index.weaviate import WeaviateIndex
from index.weaviate import writer as weaviate_writer
from index.weaviate.connection import connect
from index.weaviate.roles import create_roles
from index.weaviate.versions import WeaviateVersions
from tests.fixtures.chunk import indexed

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALL = Reach(frozenset(range(20)))
MakeSettings = Callable[..., IndexSettings]


def document(number: int, count: int, revision: int = 0, dimensions: int = 16):
    rng = np.random.default_rng([number, revision])
    vectors = rng.standard_normal((count, dimensions)).astype(np.float32)
    return number, [
        indexed(
            number,
            k,
            id=uuid5(UUID(int=2), f"{number}/{k}"),
            scope=number % 10,
            text=f"revision {revision}",
            analysed=f"revision r{revision}",
            owners=("owner1@example.com",),
            modified_at=NOW,
            content_hash="0" * 64,
            vector=vectors[k] / np.linalg.norm(vectors[k]),
        )
        for k in range(count)
    ]


@pytest.fixture
def index(weaviate_settings: MakeSettings) -> Iterator[WeaviateIndex]:
    settings = weaviate_settings()
    client = connect(settings)
    index = WeaviateIndex(settings, "1", 16, client)
    yield index
    client.collections.delete(index.collection)
    client.close()


def test_the_schema_leaves_nothing_to_chance(
    index: WeaviateIndex, weaviate_settings: MakeSettings
) -> None:
    config = index._client.collections.get(index.collection).config.get().to_dict()
    by_name = {p["name"]: p for p in config["properties"]}
    assert by_name["scope"]["dataType"] == by_name["container"]["dataType"] == ["int"]
    assert by_name["scope"]["indexFilterable"]
    assert by_name["owners"]["tokenization"] == "field"
    assert by_name["analysed"]["tokenization"] == "whitespace"
    assert by_name["modified_at"]["indexRangeFilters"]
    assert [n for n, p in by_name.items() if p.get("indexSearchable")] == ["analysed"]
    assert config["invertedIndexConfig"]["stopwords"]["preset"] == "none"
    [vector] = config["vectorConfig"].values()
    assert vector["vectorizer"] == {"none": {}}
    assert vector["vectorIndexConfig"]["rq"]["enabled"]
    assert vector["vectorIndexConfig"]["rq"]["bits"] == 8
    assert vector["vectorIndexConfig"]["filterStrategy"] == "acorn"

    other = weaviate_settings(weaviate_quantizer="none", weaviate_filter_strategy="sweeping")
    plain = WeaviateIndex(other, "1", 16, index._client)
    config = index._client.collections.get(plain.collection).config.get().to_dict()
    index._client.collections.delete(plain.collection)
    [vector] = config["vectorConfig"].values()
    assert vector["vectorIndexConfig"]["filterStrategy"] == "sweeping"
    assert not vector["vectorIndexConfig"].get("rq", {}).get("enabled")


def test_streamed_and_single_requests_write_the_same(
    index: WeaviateIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weaviate_writer, "_STREAMED", 1)
    assert not index.put([document(n, 3) for n in range(200)])
    monkeypatch.undo()
    # Unchanged in every part: nothing is written, by either road.
    writes: list[int] = []
    monkeypatch.setattr(index._writer, "_write", lambda chunks: writes.append(len(chunks)) or {})
    assert not index.put([document(n, 3) for n in range(200)])
    assert writes in ([0], [0, 0])
    monkeypatch.undo()
    assert index.documents() == dict.fromkeys(range(200), 3)


def test_an_object_that_fails_is_told_of_its_document(
    index: WeaviateIndex, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Every road. The server refuses a vector of another length than its first; our own check
    # would have caught that before, so it is taken away.
    monkeypatch.setattr(weaviate_writer, "refusal", lambda *_: "")
    assert not index.put([document(0, 2)])
    for streamed, request in ((1, 250), (10**9, 250), (10**9, 1)):
        monkeypatch.setattr(weaviate_writer, "_STREAMED", streamed)
        monkeypatch.setattr(weaviate_writer, "_REQUEST", request)
        number, chunks = document(5, 3)
        bad = (number, [chunks[0], replace(chunks[1], vector=np.ones(3, np.float32)), chunks[2]])
        revision = (streamed + request) % 7
        failures = index.put([document(4, 2, revision), bad, document(6, 2, revision)])
        assert [failure.document for failure in failures] == [5]
        assert failures[0].reason == "chunk 1: the server refused an object of it"
        documents = index.documents()
        assert documents[4] == documents[6] == 2
    assert not index.put([document(5, 3)])
    assert index.documents()[5] == 3
    assert "revision" not in caplog.text, "the client would log what was refused, text and all"


def test_a_failed_document_keeps_its_surplus(
    index: WeaviateIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.put([document(1, 4)])
    monkeypatch.setattr(weaviate_writer, "refusal", lambda *_: "")
    number, chunks = document(1, 1, revision=2)
    failures = index.put([(number, [replace(chunks[0], vector=np.ones(3, np.float32))])])
    assert [failure.document for failure in failures] == [1]
    assert index.documents() == {1: 4}


@pytest.mark.parametrize("when", ["before the put", "after it was written"])
def test_what_no_search_finds_is_written_anew(
    index: WeaviateIndex, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    # A server that comes back from a crash like this can't be had to order, so one chunk is
    # hidden from the first look.
    if when == "before the put":
        index.put([document(n, 3) for n in range(4)])
    hidden = document(2, 3)[1][1].id
    real = index._writer.findable
    looks: list[int] = []

    def once_blind(stored: Any) -> set[UUID]:
        looks.append(len(stored))
        return real(stored) - ({hidden} if hidden in stored and len(looks) <= 2 else set())

    removed: list[UUID] = []
    remove = index._writer._remove_one_by_one

    def noted(keys: Any) -> None:
        removed.extend(keys)
        remove(keys)

    monkeypatch.setattr(index._writer, "findable", once_blind)
    monkeypatch.setattr(index._writer, "_remove_one_by_one", noted)
    assert not index.put([document(n, 3) for n in range(4)])
    # The whole document, not the one chunk: what else it lost is not known.
    assert {c.id for c in document(2, 3)[1]} <= set(removed)
    assert index.documents() == dict.fromkeys(range(4), 3)


def test_a_lost_chunk_shows_in_reconciliation(
    index: WeaviateIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [document(n, 3) for n in range(4)]
    index.put(documents)
    due = [Entry.of(n, 1, n, (c.id for c in chunks)) for n, chunks in documents]
    assert not reconcile(index, due)
    hidden = documents[2][1][1].id
    real = index._writer.findable
    monkeypatch.setattr(index._writer, "findable", lambda stored: real(stored) - {hidden})
    assert reconcile(index, due).altered == (2,)


def test_nothing_held_is_missed_however_much_there_is(
    index: WeaviateIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pages far smaller than what is there: halving documents, then stretches of ordinals.
    index.put([document(n, 30) for n in range(8)])
    monkeypatch.setattr(weaviate_writer, "_PAGE", 16)
    assert len(index._writer.held(list(range(8)))) == 240
    index.delete([3, 5])
    assert index.documents() == dict.fromkeys([0, 1, 2, 4, 6, 7], 30)


def test_a_hole_in_the_ordinals_hides_nothing(
    index: WeaviateIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, chunks = document(1, 90)
    index.put([(number, [c for c in chunks if not 20 <= c.ordinal < 60])])
    monkeypatch.setattr(weaviate_writer, "_PAGE", 16)
    assert len(index._writer.held([1])) == 50


def test_roles_keep_the_reader_from_writing(weaviate: Any, weaviate_settings: MakeSettings) -> None:
    if not weaviate.key:
        pytest.skip("the server that WEAVIATE_URL names has no key to make roles with")
    root = weaviate_settings()
    name = root.weaviate_collection
    client = connect(root)
    roles = create_roles(root, client)
    assert create_roles(root, client) == roles
    keys = {}
    for role in (roles.writer, roles.reader):
        keys[role] = client.users.db.create(user_id=role)
        client.users.db.assign_roles(user_id=role, role_names=role)

    def settings(role: str, **more: Any) -> IndexSettings:
        return weaviate_settings(
            **{"weaviate_collection": name, "weaviate_api_key": keys[role], **more}
        )

    try:
        writing = WeaviateVersions(settings(roles.writer))
        index = writing.open("1", 16)
        assert not index.put([document(n, 300) for n in range(2)])
        assert not index.put([document(3, 2)])
        writing.switch("1")
        reading = WeaviateVersions(settings(roles.reader))
        assert reading.serving() == "1"
        assert [version.name for version in reading.all()] == ["1"]
        open_ = reading.open("1", 16)
        assert len(open_.by_vector(np.ones(16, np.float32), ALL, Where(), 5)) == 5
        assert len(open_.by_keyword(["revision"], ALL, Where(), 5)) == 5
        assert [failure.document for failure in open_.put([document(3, 1, 5)])] == [3]
        for forbidden in (
            lambda: open_.delete([3]),
            lambda: reading.open("2", 16),
            lambda: reading.drop("1"),
            lambda: reading.switch("1"),
        ):
            with pytest.raises(SearchIndexError):
                forbidden()
        assert index.documents() == {0: 300, 1: 300, 3: 2}
        # And neither sees what is not ours.
        with pytest.raises(SearchIndexError):
            WeaviateVersions(settings(roles.writer, weaviate_collection="Other")).open("1", 16)
        reading.close()
        index.close()
        writing.close()
    finally:
        client.alias.delete(alias_name=name)
        client.collections.delete(f"{name}_1")
        for role in (roles.writer, roles.reader):
            client.users.db.delete(user_id=role)
            client.roles.delete(role)
        client.close()


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"weaviate_api_key": "not-a-key"}, id="key"),
        pytest.param({"weaviate_url": "http://127.0.0.1:9"}, id="nobody there"),
        pytest.param({"weaviate_url": "ftp://127.0.0.1"}, id="no address"),
    ],
)
def test_one_line_says_what_is_wrong(weaviate_settings: MakeSettings, wrong: dict) -> None:
    with pytest.raises(SearchIndexError) as raised:
        WeaviateIndex(weaviate_settings(**wrong), "1", 16)
    assert "\n" not in str(raised.value)
    assert "not-a-key" not in str(raised.value)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_killed_in_the_middle_of_an_import_and_restarted(
    weaviate_node: Callable[[Path], Any], weaviate_settings: MakeSettings, tmp_path: Path
) -> None:
    with weaviate_node(tmp_path) as server:
        settings = weaviate_settings(
            weaviate_url=server.url,
            weaviate_grpc_port=server.grpc_port,
            weaviate_api_key=server.key,
            weaviate_insert_timeout=10,
        )
        # The caller's marks: what is still to be put. Only a put without failure takes one away.
        todo = {n: document(n, 5) for n in range(600)}
        index = WeaviateIndex(settings, "1", 16)
        assert not index.put([todo.pop(n) for n in range(50)])

        returned = threading.Event()
        halfway: list[bool] = []

        def die_and_come_back() -> None:
            time.sleep(0.4)
            server.kill()
            halfway.append(not returned.is_set())
            server.start()

        crash = threading.Thread(target=die_and_come_back)
        crash.start()
        try:
            # The client waits for the server to come back, some minutes at most.
            failed = {failure.document for failure in index.put(list(todo.values()))}
        except SearchIndexError:
            failed = set(todo)
        returned.set()
        crash.join()
        assert halfway == [True], "the server died too late for this to show anything"
        todo = {n: d for n, d in todo.items() if n in failed}
        index.close()
        index = WeaviateIndex(settings, "1", 16)
        due = [Entry.of(n, 1, n % 10, (c.id for c in document(n, 5)[1])) for n in range(600)]
        # What failed is put again, and what a reconciliation names: a server that is killed may
        # have lost from an index what it confirmed.
        assert not index.put(list(todo.values()))
        found = reconcile(index, due)
        assert not found.surplus
        assert not index.put([document(n, 5) for n in (*found.missing, *found.altered)])
        assert not reconcile(index, due)
        # Nothing is lost and nothing is there twice, for either leg and whatever the filter.
        assert index.documents() == dict.fromkeys(range(600), 5)
        for reach in (ALL, Reach(containers=frozenset([1]))):
            for where in (Where(), Where(sources=("github",), owners=("owner1@example.com",))):
                for hits in (
                    index.by_vector(np.ones(16, np.float32), reach, where, 10_000),
                    index.by_keyword(["revision"], reach, where, 10_000),
                    index.by_keyword(["r0"], reach, where, 10_000),
                ):
                    assert len(hits) == len({hit.chunk.id for hit in hits}) == 3000
        index.close()
