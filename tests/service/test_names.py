"""What one command shows of a document, a person or a kind, the next one takes."""

from __future__ import annotations

import json
import shlex
import subprocess

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from access import Evidence, IdentityLink, Person, utc_now
from catalog import people
from catalog.database import Catalog
from catalog.errors import UnknownDocument
from catalog.tables import container, document
from connectors.registry import available_sources
from service.cli import bailiwick
from service.document_names import known, typed
from tests.sync.bench import Bench
from tests.sync.scripted import Script, Text, group, user

ODD = (
    "plain",
    "runbooks/a plan.md",
    "two  spaces.md",
    "$(reboot)`id`;rm -rf ~.md",
    'it\'s "quoted" & !.md',
    "50%20 off",
    "100%",
    "Grüße/日本語.md",
    "left\u202eright",
)


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BAILIWICK_HOME", str(tmp_path))
    monkeypatch.setenv("BAILIWICK_EMBEDDING_PROVIDER", "hashing")
    script = Script(page_size=50)
    script.share("drive/main", group("crew"))
    script.share("secret", user("bob"), user("stranger"))
    for number, name in enumerate(ODD):
        script.put(name, Text(f"Omelette {number}", b"How omelette %d is made." % number))
    script.put("hidden", Text("Omelette of Bob", b"A secret omelette.", shared=("secret",)))
    script.groups[group("crew")] = frozenset(
        {user("ada"), user("bob"), user("carol"), group("pets")}
    )
    bench = Bench(script, tmp_path, clock=utc_now)
    bench.meet("ada", "bob")
    bench.groups()
    bench.read()
    bench.permissions()
    yield bench
    bench.close()


def call(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(bailiwick, arguments, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def test_what_search_shows_is_what_explain_and_who_can_read_take(bench):
    call("index", "rebuild")
    told = json.loads(call("search", "omelette", "--as", "ada", "-k", "50", "--json"))
    assert {each["document"] for each in told} == {f"google_drive:{name}" for name in ODD}
    shown = call("search", "omelette", "--as", "ada", "-k", "50").splitlines()
    titles = {each["title"]: each["document"] for each in told}
    met = 0
    for at, line in enumerate(shown):
        if not line.startswith("   http"):
            continue
        name, url = shown[at - 1].strip(), line.strip()
        assert shlex.split(name) == [name], "it is one word, and a shell does nothing about it"
        assert not set(name) & set("$`;&!~*?#<>|(){}[]'\"\\")
        said = call("explain", name, "--as", "ada")
        title = said.splitlines()[1].strip()
        assert said.startswith(f"Ada (ada) can read {name}\n")
        asked = json.loads(call("explain", name, "--as", "ada", "--json"))
        assert f"google_drive:{asked['document']['native_id']}" == titles[title]
        assert "bob" in call("who-can-read", name)
        assert not set(url) & set("!\\ "), "an interactive shell does nothing about it either"
        for quote in "'\"":
            pasted = ["bash", "-c", f"printf %s {quote}{url}{quote}"]
            assert subprocess.check_output(pasted, text=True) == url
        if "50%20 off" not in titles[title]:  # no URL, and half encoded: only the id will do
            assert call("explain", url, "--as", "ada") == said
        met += 1
    assert met == len(ODD)
    listed = call("what-can-read", "ada").splitlines()[1:]
    assert {each.split()[0] for each in listed} == {typed(each) for each in titles.values()}
    assert {each.split(maxsplit=2)[2] for each in listed} == set(titles)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    with Catalog.at(tmp_path_factory.mktemp("names")) as opened:
        with opened.writing() as connection:
            here = {"source": "github", "native_id": "1", "name": "", "url": "", "canonical": False}
            connection.execute(insert(container).values(id=1, seen_at=utc_now(), **here))
        yield opened


@example(names=["a b", "a%20b"])
@given(names=st.lists(st.text(st.sampled_from("ab %2005$é"), min_size=1), unique=True, max_size=6))
def test_no_name_leads_to_another_document(empty, names):
    """By what is shown a document is found; by its id alone too, unless that may mean two."""
    rest = ("title", "url", "media_type", "skipped", "version", "body_key", "index_key")
    with empty.writing() as connection:
        connection.execute(delete(document))
        for name in names:
            connection.execute(
                insert(document).values(
                    **dict.fromkeys(rest, ""),
                    container_id=1,
                    source="github",
                    native_id=name,
                    kind="file",
                    owners="[]",
                    synced_at=utc_now(),
                )
            )
        for name in names:
            shown = typed(f"github:{name}")
            assert known(connection, shown).native_id == name
            half = shown.removeprefix("github:")
            if half in set(names) - {name}:
                with pytest.raises(UnknownDocument, match="two documents"):
                    known(connection, half)
            else:
                assert known(connection, half).native_id == name


def test_an_address_that_two_documents_have_had(bench):
    with bench.catalog.writing() as connection:
        both = document.c.native_id.in_(["plain", "100%"])
        connection.execute(update(document).where(both).values(url="https://drive.test/one"))
    with bench.catalog.reading() as connection, pytest.raises(UnknownDocument) as caught:
        known(connection, "https://drive.test/one")
    assert "google_drive:100%, google_drive:plain" in str(caught.value)
    bench.script.delete("100%")
    bench.read()
    assert "can read google_drive:plain" in call("explain", "https://drive.test/one", "--as", "ada")


def test_people_are_told_by_name(bench):
    said = call("explain", "google_drive:plain", "--as", "ada")
    assert (
        "by Ada (user ada@example.com) > group crew@example.com (Ada, Bob and 2 more)"
        " (account known by explicit)" in said
    )
    bench.script.share("secret", group("pets"), group("club"))
    bench.script.groups[group("pets")] = frozenset({group("cats")})
    bench.script.groups[group("club")] = frozenset()
    bench.groups()
    bench.permissions()
    said = call("explain", "hidden", "--as", "ada")
    assert (
        "group club@example.com (no member is known), group pets@example.com (1 member), or" in said
    )
    bench.script.share("secret", user("bob"), user("stranger"))
    bench.permissions()
    bench.meet("ada", "bob", "eve")
    assert "be one of group crew@example.com (Ada, Bob and 2 more), or" in call(
        "explain", "plain", "--as", "eve"
    )
    said = call("explain", "hidden", "--as", "ada")
    assert said.startswith("Ada (ada) can't read google_drive:hidden\n  Omelette of Bob\n")
    assert "be one of Bob (user bob@example.com), user stranger@example.com, or" in said
    with bench.catalog.writing() as connection:
        people.store(connection, Person("directory", "bob"), name="Bob", email="b@mail.example")
    said = call("explain", "hidden", "--as", "bob")
    assert "by Bob (user bob@example.com, b@mail.example)" in said
    told = json.loads(call("explain", "hidden", "--as", "bob", "--json"))
    assert "by" in told["clauses"][0]


def test_an_account_that_two_people_claim_has_no_name(bench):
    with bench.catalog.writing() as connection:
        links = [
            IdentityLink(Person("directory", who), user("bob"), Evidence.EXPLICIT)
            for who in ("ada", "bob")
        ]
        people.replace_links(connection, links, "directory", utc_now())
    assert "be one of user bob@example.com, user stranger" in call(
        "explain", "hidden", "--as", "ada"
    )


def test_a_kind_that_no_document_has(bench):
    call("index", "rebuild")
    assert "Omelette" in call("search", "omelette", "--as", "ada", "--kind", "file")
    said = call("search", "omelette", "--as", "ada", "--kind", "file", "--kind", "fiel", code=2)
    assert "no document has the kind 'fiel'; there are: file" in said


@pytest.mark.parametrize(
    "command",
    [("search", "x", "--as", "ada", "--source"), ("failures",), ("deletes", "accept")],
    ids=lambda command: command[0],
)
def test_only_sources_with_a_connector_are_offered(bench, command):
    more = ("main",) if command[0] == "deletes" else ()
    said = call(*command, "jira", *more, code=2)
    offered = said[said.index("not one of") :]
    assert {each.value for each in available_sources()} == {
        each.strip(" '.\n") for each in offered.removeprefix("not one of").split(",")
    }
