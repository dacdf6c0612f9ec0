import inspect
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.confluence.oracle import BOOKS
from simulator.confluence.state import ConfluenceState
from simulator.oracle import documents, readable
from simulator.world import World
from tests.simulator.atlassian_worlds import (
    DIRECTORY,
    confluence_finds,
    confluence_opens,
    confluence_sees,
    disagreements,
    do,
    group,
    person,
    small_world,
)


@pytest.fixture(scope="module")
def company():
    return World.company()


def test_everyone_sees_what_the_oracle_says(company):
    assert not list(disagreements(company, "confluence", confluence_sees, confluence_opens))


def test_searching_finds_what_is_current_and_readable(company):
    contents = ConfluenceState.of(company).contents
    for who in company.directory.people:
        found = confluence_finds(company, who)
        for document in documents(company, "confluence"):
            current = contents[document.id].status == "current"
            assert (document.id in found) == (current and readable(company, who, document))


def test_the_two_readings_share_no_code():
    package = Path(inspect.getfile(BOOKS[0].rules[next(iter(BOOKS[0].rules))].holds)).parent
    for mine, other in (("oracle", "view"), ("view", "oracle")):
        text = (package / f"{mine}.py").read_text()
        assert f"confluence.{other}" not in text
        assert "accounts import groups_seen" not in text or mine == "view"


def test_the_company_exercises_every_rule(company):
    """Without any single rule, the oracle and the API disagree somewhere."""
    for book in BOOKS:
        for name in book.rules:
            with book.without(name):
                assert any(disagreements(company, "confluence", confluence_sees)), name
    assert all(rule.cites for book in BOOKS for rule in book.rules.values())


def verbs(contents, spaces):
    """Verbs over a world whose content ids are known."""
    content, space = st.sampled_from(contents), st.sampled_from(spaces)
    subject = st.one_of(
        st.fixed_dictionaries({"type": st.just("user"), "subject": person}),
        st.fixed_dictionaries({"type": st.just("group"), "subject": group}),
    )
    everyone = st.just({"type": "anonymous"})

    def call(name, **args):
        return st.tuples(st.just(f"confluence.{name}"), st.fixed_dictionaries(args))

    def on(name, who, **args):
        return st.builds(
            lambda one, more: (f"confluence.{name}", {**one, **more}),
            who,
            st.fixed_dictionaries(args),
        )

    restricting = {"content": content, "operation": st.sampled_from(("read", "read", "update"))}
    return st.one_of(
        DIRECTORY,
        on("restrict", subject, **restricting),
        on("restrict", subject, **restricting),
        on("unrestrict", subject, **restricting),
        call("unrestrict", content=content),
        on("grant_space", st.one_of(subject, subject, everyone), space=space),
        call("allow_anonymous", allowed=st.booleans()),
        call("give_access", group=group),
        call("take_access", group=group),
        call("move", content=content, parent=st.one_of(content, space)),
        call("trash", content=content),
        call("restore", content=content),
        call("purge", content=content),
        call("archive", content=content, archived=st.booleans()),
        call("publish", content=content),
        call("delete_space", space=space),
    )


def template():
    world = small_world()
    state = ConfluenceState.of(world)
    state.give_access(group="staff")
    for one in ("ann", "ben", "cat"):
        world.directory.add_member(group="staff", person=one)
    for key, creator in (("ONE", "ann"), ("TWO", "ben")):
        state.create_space(key=key, name=key, creator=creator)
    state.grant_space(space="ONE", type="group", subject="staff")
    above = ""
    for number in range(4):
        above = state.create_page(space="ONE", title=f"P{number}", author="ann", parent=above)
    state.create_page(space="TWO", title="Q", author="ben")
    state.create_page(space="ONE", title="D", author="cat", status="draft")
    state.create_blogpost(space="ONE", title="B", author="ann")
    return world


_IDS = tuple(ConfluenceState.of(template()).contents)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(verbs(_IDS, ("ONE", "TWO")), max_size=14))
def test_random_worlds_agree(steps):
    world = template()
    assert tuple(ConfluenceState.of(world).contents) == _IDS
    do(world, steps)
    assert not list(disagreements(world, "confluence", confluence_sees, confluence_opens))
