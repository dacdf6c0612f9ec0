"""The commands about access and the catalog, as an operator calls them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from access import AccessControl, Clause, Evidence, IdentityLink, utc_now
from catalog import clauses, containers, documents, people
from catalog.database import Catalog
from catalog.tables import identity_link
from service.cli import bailiwick
from service.difference import NotAnEarlierAnswer
from tests.catalog.worlds import CONTAINER, DRIVE, PEOPLE, USERS, document


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BAILIWICK_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def share(home):
    """Shares the one document with some accounts."""

    def write(*readers, ago=timedelta(0)):
        at = utc_now() - ago
        with Catalog.at(home) as catalog, catalog.writing() as connection:
            for who, account in zip(PEOPLE, USERS, strict=False):
                people.store(connection, who, name=who.subject)
                link = IdentityLink(who, account, Evidence.EXPLICIT)
                if account != USERS[3]:
                    people.replace_links(connection, [link], account.id, at)
            containers.store(connection, [CONTAINER], at)
            number = containers.number(connection, DRIVE, CONTAINER.id)
            clause = Clause.of(DRIVE, "k", readers, at)
            clauses.store(connection, [clause])
            one = document(0, AccessControl.all_of(clause))
            documents.store(connection, number, False, [(one, None)], at)

    return write


def run(*arguments, code=0):
    done = CliRunner().invoke(bailiwick, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.output


def told(*arguments):
    return json.loads(run(*arguments, "--json"))


def test_what_changed_between_two_moments(share, home):
    share(USERS[0], USERS[1])
    (home / "readers.json").write_text(run("who-can-read", "d0", "--json"))
    (home / "mine.json").write_text(run("what-can-read", "p0", "--json"))
    assert run("what-can-read", "p0", "--since", "mine.json") == "no difference\n"
    (home / "names.json").write_text('["google_drive:d0"]')
    assert run("what-can-read", "p0", "--since", "names.json") == "no difference\n"
    share(USERS[1], USERS[2])
    assert told("who-can-read", "d0", "--since", "readers.json") == {
        "gained": ["directory:p2"],
        "lost": ["directory:p0"],
    }
    assert run("what-can-read", "p0", "--since", "mine.json") == "- google_drive:d0\n"
    assert told("what-can-read", "p2", "--since", "mine.json") == {"gained": [], "lost": []}


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '[{"person": {"subject": "x"}}]', '[{"document": 1}]']
)
def test_a_file_that_is_no_earlier_answer_is_refused(share, home, text):
    share(USERS[0])
    (home / "x.json").write_text(text)
    for command in (("who-can-read", "d0"), ("what-can-read", "p0")):
        with pytest.raises(NotAnEarlierAnswer, match="is not what"):
            run(*command, "--since", "x.json")


def test_readers_who_are_nobody_are_counted_and_listed(share):
    share(USERS[0], USERS[3])
    assert told("status")["unresolved"] == 1
    assert "readers in grants who are nobody: 1" in run("status")
    (found,) = told("unresolved")["unresolved"]
    assert found["principal"]["id"] == USERS[3].id
    assert USERS[3].id in run("unresolved")


def test_status_says_what_is_hidden_before_users_ask(share):
    share(USERS[0], ago=timedelta(hours=20))
    assert "1 documents will be hidden from" in run("status")
    assert "hidden" not in run("status", "--within", "2")
    share(USERS[0], ago=timedelta(hours=19))  # confirmed again, an hour later
    (aging,) = told("status", "--within", "5.5")["aging"]
    assert (aging["hidden"], aging["soon"]) == (0, 1)


def test_status_says_what_is_hidden_now(share):
    share(USERS[0], ago=timedelta(hours=25))
    assert "1 documents are hidden" in run("status")
    assert told("status")["aging"][0]["hidden"] == 1


def test_purge_reports_what_went(share, home):
    share(USERS[0])
    with Catalog.at(home) as catalog, catalog.writing() as connection:
        documents.remove(connection, DRIVE, ["d0"], utc_now() - timedelta(days=29))
    assert told("purge")["documents"] == 0
    assert told("purge", "--days", "28")["documents"] == 1
    assert "0 documents purged" in run("purge")


def test_the_catalog_is_copied_in_one_command(share, home):
    share(USERS[0])
    to = f"sqlite:///{home / 'copy.db'}"
    assert told("catalog", "copy", "--to", to)["document"] == 1
    with Catalog.open(to) as catalog, catalog.reading() as connection:
        assert documents.find(connection, "d0").title == "Document 0"


def test_status_says_which_sources_groups_and_accounts_are_too_old(share, home):
    share(USERS[0])
    assert "memberships" not in run("status")
    with Catalog.at(home) as catalog, catalog.writing() as connection:
        connection.execute(identity_link.update().values(linked_at=utc_now() - timedelta(hours=30)))
    assert "google_drive/memberships" in run("status")
    told_of = {each["source"]: each for each in told("status")["memberships"]}
    assert told_of["google_drive"]["hidden"] == 4 - 1
