"""Versions, switching and reconciliation, over every index backend."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID, uuid5

import numpy as np
import pytest

from index.interface import (
    Entry,
    IndexedChunk,
    Reach,
    SearchIndexError,
    UnknownVersion,
    VersionServing,
    Where,
)
from index.reconcile import Differences, reconcile
from index.registry import open_index, open_versions
from index.serving import Serving
from index.settings import IndexSettings
from index.versions import Version, Versions
from tests.fixtures.chunk import indexed

ALL = Reach(frozenset(range(20)))
AWKWARD = "c1/a1-english..minilm é"


@pytest.fixture(params=["embedded", "weaviate"])
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[IndexSettings]:
    if request.param == "embedded":
        yield IndexSettings(_env_file=None, folder=tmp_path_factory.mktemp("versions"))
        return
    made: Callable[..., IndexSettings] = request.getfixturevalue("weaviate_settings")
    settings = made()
    yield settings
    from index.weaviate.connection import connect

    client = connect(settings)
    for name in client.collections.list_all():
        if name.startswith(settings.weaviate_collection + "_"):
            client.collections.delete(name)
    client.alias.delete(alias_name=settings.weaviate_collection)
    client.close()


@pytest.fixture
def versions(settings: IndexSettings) -> Iterator[Versions]:
    found = open_versions(settings)
    yield found
    found.close()


def document(number: int, count: int, version: str = "1", dimensions: int = 4):
    return number, [
        indexed(
            number,
            k,
            id=uuid5(UUID(int=1), f"{version}/{number}/{k}"),
            container=number % 3 + 1,
            scope=number % 5 + 1,
            text=f"version {version}",
            analysed="version",
            vector=np.eye(dimensions, dtype=np.float32)[k % dimensions],
        )
        for k in range(count)
    ]


def entry(of: tuple[int, list[IndexedChunk]]) -> Entry:
    number, chunks = of
    return Entry.of(number, chunks[0].container, chunks[0].scope, (c.id for c in chunks))


def test_build_switch_drop(versions: Versions) -> None:
    assert list(versions.all()) == []
    assert versions.serving() is None
    for missing in (versions.switch, versions.drop):
        with pytest.raises(UnknownVersion):
            missing("1")
    old = versions.open("1", 4)
    old.put([document(1, 3)])
    versions.switch("1")
    new = versions.open(AWKWARD, 8)
    assert versions.serving() == "1"
    new.put([document(1, 2, AWKWARD, 8), document(2, 2, AWKWARD, 8)])
    assert list(versions.all()) == [Version("1", 4, 3, True), Version(AWKWARD, 8, 4, False)]
    with pytest.raises(VersionServing):
        versions.drop("1")
    versions.switch(AWKWARD)
    versions.switch(AWKWARD)
    assert versions.serving() == AWKWARD
    # The old one is whole until told, and can be gone back to.
    assert old.documents() == {1: 3}
    versions.switch("1")
    versions.switch(AWKWARD)
    old.close()
    versions.drop("1")
    assert list(versions.all()) == [Version(AWKWARD, 8, 4, True)]
    assert new.documents() == {1: 2, 2: 2}
    new.close()
    with pytest.raises(SearchIndexError):
        versions.open(AWKWARD, 4)


def test_the_registry_opens_what_is_configured(settings: IndexSettings) -> None:
    index = open_index(settings, "7", 4)
    index.put([document(1, 1)])
    index.close()
    again = open_index(settings, "7", 4)
    assert again.documents() == {1: 1}
    again.close()


def test_no_search_fails_or_mixes_while_versions_switch(versions: Versions) -> None:
    for name in ("1", "2"):
        index = versions.open(name, 4)
        index.put([document(n, 2, name) for n in range(10)])
        index.close()
    versions.switch("1")
    serving = Serving(versions, every=0)
    wrong: list[object] = []
    met: set[str] = set()
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            try:
                with serving.lend() as index:
                    hits = [
                        *index.by_vector(np.ones(4, np.float32), ALL, Where(), 50),
                        *index.by_keyword(["version"], ALL, Where(), 50),
                    ]
                    told = {hit.chunk.text for hit in hits}
                    if len(hits) != 40 or told != {f"version {index.version}"}:
                        wrong.append((len(hits), told, index.version))
                    met.update(told)
            except Exception as error:
                wrong.append(error)
                raise

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        for name in ("2", "1"):
            versions.switch(name)
            done.wait(0.05)
    done.set()
    for thread in threads:
        thread.join()
    serving.close()
    assert wrong == []
    assert met == {"version 1", "version 2"}


def test_a_version_that_another_model_made_is_not_followed(versions: Versions) -> None:
    for name in ("a1", "a2", "b1"):
        versions.open(name, 4).put([document(1, 2, name)])
    versions.switch("a1")
    serving = Serving(versions, every=0, fits=lambda name: name.startswith("a"))
    for switched, lent in (("a1", "a1"), ("b1", "a1"), ("a2", "a2"), ("b1", "a2")):
        versions.switch(switched)
        with serving.lend() as index:
            assert index.version == lent
            assert index.documents() == {1: 2}
    serving.close()
    with pytest.raises(SearchIndexError, match="another embedding model"), serving.lend():
        pass


def test_a_version_made_anew_is_followed(versions: Versions) -> None:
    for name in ("1", "2"):
        versions.open(name, 4).put([document(1, 2, name)])
    versions.switch("1")
    serving = Serving(versions, every=0)
    with serving.lend() as index:
        assert index.documents() == {1: 2}
    # Nobody asks while it is dropped, made anew and put in service again.
    versions.switch("2")
    versions.drop("1")
    versions.open("1", 4).put([document(5, 3, "1")])
    versions.switch("1")
    with serving.lend() as index:
        assert index.documents() == {5: 3}
        assert len(index.by_vector(np.ones(4, np.float32), ALL, Where(), 50)) == 3
    serving.close()


def test_nothing_is_written_to_a_version_that_is_gone(versions: Versions) -> None:
    versions.open("2", 4).put([document(1, 2, "2")])
    old = versions.open("1", 4)
    old.put([document(1, 2)])
    versions.switch("2")
    versions.drop("1")
    try:
        failed = {failure.document for failure in old.put([document(2, 2), document(3, 1)])}
    except SearchIndexError:
        failed = {2, 3}
    assert failed == {2, 3}
    with pytest.raises(SearchIndexError):
        old.delete([1])
    assert versions.open("2", 4).documents() == {1: 2}


def test_nothing_in_service(versions: Versions) -> None:
    with pytest.raises(SearchIndexError, match="in service"), Serving(versions).lend():
        pass


def test_reconcile_names_every_difference(versions: Versions) -> None:
    index = versions.open("1", 4)
    documents = [document(n, 2 + n % 3) for n in range(1, 10)]
    index.put(documents)
    due = {d[0]: entry(d) for d in documents}
    nothing = reconcile(index, due.values())
    assert not nothing
    assert sum(t.chunks for t in nothing.containers.values()) == sum(e.chunks for e in due.values())
    assert all(t.found_chunks == t.chunks for t in nothing.containers.values())

    due[20] = Entry.of(20, 1, 1, [UUID(int=5)])
    due[21] = Entry.of(21, 1, 1, [])  # a document without chunks is rightly not here
    due[2] = replace(due[2], scope=9)
    due[3] = replace(due[3], container=9)
    due[4] = replace(due[4], chunks=9, ids=None)
    due[5] = replace(due[5], ids=7)
    due[6] = replace(due[6], ids=None)
    del due[7]
    found = reconcile(index, due.values())
    assert found == Differences(
        missing=(20,), altered=(4, 5), misplaced=(2, 3), surplus=(7,), containers=found.containers
    )
    assert sum(tally.differences for tally in found.containers.values()) == 6

    # Repaired as it says, nothing differs any more.
    wanted = dict(documents)
    wanted[2] = [replace(c, scope=9) for c in wanted[2]]
    wanted[3] = [replace(c, container=9) for c in wanted[3]]
    wanted[20] = [replace(document(20, 1)[1][0], container=1, scope=1)]
    del wanted[7]
    index.delete(found.surplus)
    assert not index.put(
        [(n, wanted[n]) for n in (*found.missing, *found.altered, *found.misplaced)]
    )
    assert not reconcile(index, [entry((n, chunks)) for n, chunks in wanted.items()])
    index.close()
