"""`bailiwick index`: whatever became of an index, a rebuild brings it back."""

from __future__ import annotations

import json
import re
import shutil
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, update

from access import utc_now
from catalog import containers, stages
from catalog.database import Catalog
from catalog.exclusive import alone
from catalog.tables import document, stage_mark
from service.cli import main
from sync.indexing import writing
from tests.sync.bench import Bench
from tests.sync.scripted import Script, Text, group, user
from workspace.workspace import Workspace

ROOT = Path(__file__).parents[2]
TOPICS = ("anchor", "beacon", "chart", "derrick")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BAILIWICK_HOME", str(tmp_path))
    monkeypatch.setenv("BAILIWICK_EMBEDDING_PROVIDER", "hashing")
    script = Script(page_size=50)
    script.share("drive/main", group("crew"))
    script.groups[group("crew")] = frozenset({user("ada")})
    for topic in TOPICS:
        script.put(topic, Text(f"On the {topic}", f"What a {topic} is for.".encode()))
    bench = Bench(script, tmp_path / "bench", f"sqlite:///{tmp_path / 'catalog.db'}", utc_now)
    bench.meet("ada")
    bench.groups()
    bench.read()
    bench.permissions()
    bench.close()
    shutil.copytree(tmp_path / "bench" / "content", tmp_path / "content")
    return tmp_path


@pytest.fixture
def call(home, monkeypatch, capfd):
    def call(*arguments: str) -> tuple[bool, str]:
        """Whether it went well, and what it said; nothing but one line where it did not."""
        monkeypatch.setattr(sys, "argv", ["bailiwick", *arguments])
        well = True
        try:
            main()
        except SystemExit as end:
            well = not end.code
        told = capfd.readouterr()
        said = told.out + told.err
        assert well or said.count("\n") == 1, said
        return well, said

    return call


def finds_all(call) -> bool:
    well, said = call("search", "what is it for", "--as", "ada", "--json")
    return well and len(json.loads(said)) == len(TOPICS)


def made(call) -> str:
    return json.loads(call("index", "status", "--json")[1])["settings_make"]


def test_a_version_that_was_dropped_can_be_gone_back_to(call, monkeypatch):
    assert call("index", "rebuild")[0]
    old = made(call)
    well, said = call("index", "drop", old)
    assert not well
    assert f"{old} is in service" in said
    monkeypatch.setenv("BAILIWICK_INDEX_LANGUAGES", "german")
    assert call("index", "rebuild")[0]
    assert call("index", "switch")[0]
    assert call("index", "drop", old)[0]
    well, said = call("index", "drop", old)
    assert not well
    assert f"there is no index version {old}" in said
    monkeypatch.delenv("BAILIWICK_INDEX_LANGUAGES")
    well, said = call("index", "rebuild")
    assert well
    assert f"{len(TOPICS)} chunks written, 0 texts embedded" in said
    assert "agrees" in said
    assert call("index", "switch")[0]
    assert finds_all(call)


def test_no_question_is_asked_of_vectors_that_another_model_made(call, monkeypatch):
    assert call("index", "rebuild")[0]
    monkeypatch.setenv("BAILIWICK_EMBEDDING_DIMENSIONS", "32")
    for command in ("status", "rebuild"):
        well, said = call("search", "what is it for", "--as", "ada")
        assert not well
        assert "the index in service was made by another embedding model" in said
        assert call("index", command)[0]
    assert call("index", "switch")[0]
    assert finds_all(call)


def test_nothing_is_switched_to_that_is_not_whole(call, home, monkeypatch):
    assert call("index", "rebuild")[0]
    old = made(call)
    monkeypatch.setenv("BAILIWICK_INDEX_LANGUAGES", "german")
    assert call("index", "rebuild")[0]
    with Workspace() as workspace:
        assert workspace.index.version != old
        workspace.index.delete([min(workspace.index.documents())])
    well, said = call("index", "switch")
    assert not well
    assert "not switched: 1 documents are missing" in said
    with Workspace() as workspace:
        assert workspace.versions.serving() == old
    assert call("index", "rebuild")[0]
    assert call("index", "switch")[0]


def test_an_index_that_was_lost_is_made_again(call, home):
    assert call("index", "rebuild")[0]
    shutil.rmtree(home / "index")
    well, said = call("search", "what is it for", "--as", "ada")
    assert not well
    assert "no index version is in service" in said
    well, said = call("index", "rebuild")
    assert "0 texts embedded" in said
    assert "agrees" in said
    assert finds_all(call)


def test_what_is_marked_while_a_lost_index_is_made_anew_is_put_again(call, home):
    """A writer may have written to the lost one, and be about to mark what it wrote."""
    assert call("index", "rebuild")[0]
    with Workspace() as writer, Workspace() as other:
        stage = writer.indexer.stage
        [one, *_] = sorted(writer.index.documents())
        with alone(writer.catalog, writing(stage)):
            shutil.rmtree(home / "index")
            opening = threading.Thread(target=lambda: other.index)
            opening.start()
            opening.join(2)
            with writer.catalog.writing() as connection:
                stages.mark(connection, stage, [(one, "done", 1)], utc_now())
        opening.join(60)
        with other.catalog.reading() as connection:
            said = select(stage_mark.c.fingerprint).where(stage_mark.c.stage == stage)
            assert set(connection.execute(said).scalars()) == {""}


def test_what_is_gone_is_dropped_from_an_index_that_was_taken_for_lost(call, monkeypatch):
    """A version that can't be read for a moment is not listed, and holds what it held."""
    assert call("index", "rebuild")[0]
    with Workspace() as workspace:
        [gone, *kept] = sorted(workspace.index.documents())
        with workspace.catalog.writing() as connection:
            there = update(document).where(document.c.id == gone)
            connection.execute(there.values(removed_at=utc_now()))
    with Workspace() as workspace:
        with monkeypatch.context() as patch:
            patch.setattr(type(workspace.versions), "all", lambda _: [])
            opened = workspace.index
        with workspace.catalog.reading() as connection:
            [main] = containers.load(connection)
        workspace.indexer.run(main)
        assert sorted(opened.documents()) == kept


def test_what_an_index_lost_of_a_document_is_put_again(call, home):
    assert call("index", "rebuild")[0]
    with Workspace() as workspace:
        [one, two, *_] = sorted(workspace.index.documents())
        workspace.index.delete([one, two])
    assert "2 documents are missing" in call("index", "reconcile")[1]
    said = call("index", "rebuild")[1]
    assert "2 chunks written" in said
    assert "agrees" in said
    assert finds_all(call)


@pytest.mark.parametrize("file", ["vectors.f32", "index.sqlite"])
def test_a_damaged_index_is_deleted_and_rebuilt_as_the_error_says(call, home, file):
    assert call("index", "rebuild")[0]
    [folder] = (home / "index").glob("v-*")
    with (folder / file).open("r+b") as data:
        data.truncate((folder / file).stat().st_size // 2 if file == "index.sqlite" else 0)
    for command in (("search", "what is it for", "--as", "ada"), ("index", "switch")):
        well, said = call(*command)
        assert not well
        assert "bailiwick index rebuild" in said
    for command in (("index", "rebuild"), ("index", "reconcile", "--repair")):
        well, said = call(*command)
        assert not well
        assert f"delete the folder {folder} and run `bailiwick index rebuild`" in said
    shutil.rmtree(folder)
    well, said = call("search", "what is it for", "--as", "ada")
    assert not well
    assert "which is in service, is not there" in said
    well, said = call("index", "rebuild")
    assert "0 texts embedded" in said
    assert "agrees" in said
    assert finds_all(call)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": null}', '{"version": 5}'])
def test_what_names_the_version_in_service_can_be_deleted(call, home, text):
    assert call("index", "rebuild")[0]
    pointer = home / "index" / "serving.json"
    pointer.write_text(text)
    for command in (("search", "x", "--as", "ada"), ("index", "status"), ("index", "rebuild")):
        well, said = call(*command)
        assert not well
        assert f"{pointer} names no version: delete it and run `bailiwick index switch`" in said
    pointer.unlink()
    assert call("index", "switch")[0]
    assert finds_all(call)


def test_a_backup_is_restored_as_docs_running_tells(call, home):
    """A process is killed after it, and leaves a journal that would be written into it."""
    assert call("index", "rebuild")[0]
    assert call("catalog", "copy", "--to", f"sqlite:///{home / 'backup.db'}")[0]
    with Catalog.at(home) as catalog:
        with catalog.writing() as connection:
            connection.execute(update(document).values(removed_at=utc_now()))
        left = {each: each.read_bytes() for each in home.glob("catalog.db-*")}
    assert len(left) == 2
    for file, data in left.items():
        file.write_bytes(data)
    assert not finds_all(call)
    for file, data in left.items():
        file.write_bytes(data)
    told = re.findall(r"`(catalog\.db-\w+)`", (ROOT / "docs" / "running.md").read_text())
    for name in told:
        (home / name).unlink()
    shutil.rmtree(home / "index")
    (home / "backup.db").replace(home / "catalog.db")
    well, said = call("index", "rebuild")
    assert well
    assert "agrees" in said
    assert finds_all(call)
