import inspect
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.jira.objects import HOLDERS, PLAIN
from simulator.jira.oracle import BOOKS
from simulator.jira.state import JiraState
from simulator.world import World
from tests.simulator.atlassian_worlds import (
    DIRECTORY,
    disagreements,
    do,
    group,
    jira_opens,
    jira_sees,
    person,
    small_world,
)


@pytest.fixture(scope="module")
def company():
    world = World.company()
    # The company's only administrator of Jira is the service account.
    JiraState.of(world).make_admin(person="wanda")
    return world


def test_everyone_sees_what_the_oracle_says(company):
    assert not list(disagreements(company, "jira", jira_sees, jira_opens))


def test_the_two_readings_share_no_code():
    package = Path(inspect.getfile(BOOKS[0].rules[next(iter(BOOKS[0].rules))].holds)).parent
    for mine, other in (("oracle", "view"), ("view", "oracle")):
        text = (package / f"{mine}.py").read_text()
        assert f"jira.{other}" not in text
        assert "accounts import groups_seen" not in text or mine == "view"


def test_the_company_exercises_every_rule(company):
    """Without any single rule, the oracle and the API disagree somewhere."""
    for book in BOOKS:
        for name in book.rules:
            with book.without(name):
                assert any(disagreements(company, "jira", jira_sees)), name
    assert all(rule.cites for book in BOOKS for rule in book.rules.values())


def template():
    world = small_world()
    state = JiraState.of(world)
    state.give_access(group="staff")
    for one in ("ann", "ben", "cat"):
        world.directory.add_member(group="staff", person=one)
    state.create_role(name="Builders")
    state.create_field(name="People", kind="users")
    state.create_field(name="Team", kind="group")
    scheme = state.create_scheme(name="S")
    state.create_scheme(name="Empty")
    security = state.create_security_scheme(name="X")
    for name in ("L", "M"):
        state.create_level(scheme=security, name=name)
    state.grant(scheme=scheme, permission="BROWSE_PROJECTS", type="group", parameter="staff")
    state.create_project(key="ONE", name="One", lead="ann", scheme=scheme, security=security)
    state.create_project(key="TWO", name="Two", lead="dov", scheme=scheme)
    state.create_project(key="OWN", name="Own", lead="ben", style="next-gen")
    state.create_project(key="LIM", name="Lim", lead="eva", style="next-gen", access="limited")
    for project in ("ONE", "ONE", "TWO", "OWN", "LIM"):
        state.create_issue(project=project, summary="Issue", reporter="cat", assignee="dov")
    state.create_issue(
        project="ONE", summary="Sub", reporter="ben", type="Sub-task", parent="ONE-1"
    )
    return world


_STATE = JiraState.of(template())
_ISSUES, _ROLES, _FIELDS = tuple(_STATE.issues), tuple(_STATE.roles), tuple(_STATE.fields)
_SCHEMES = tuple(one.id for one in _STATE.schemes.values() if not one.project)
_ALL_SCHEMES = tuple(_STATE.schemes)
_LEVELS = tuple(level for one in _STATE.securities.values() for level in one.levels)
_PROJECTS = tuple(one.key for one in _STATE.projects.values())


def verbs():
    issue, role = st.sampled_from(_ISSUES), st.sampled_from(_ROLES)
    project, level = st.sampled_from(_PROJECTS), st.sampled_from(_LEVELS)

    def call(name, **args):
        return st.tuples(st.just(f"jira.{name}"), st.fixed_dictionaries(args))

    holders = {
        "user": person,
        "group": group,
        "projectRole": role,
        "applicationRole": st.sampled_from(("", "jira-software")),
        "userCustomField": st.just(_FIELDS[0]),
        "groupCustomField": st.just(_FIELDS[1]),
    }
    holder = st.sampled_from(HOLDERS).flatmap(
        lambda kind: st.fixed_dictionaries(
            {"type": st.just(kind)} | ({} if kind in PLAIN else {"parameter": holders[kind]})
        )
    )

    def on(name, who, **args):
        return st.builds(
            lambda one, more: (f"jira.{name}", {**one, **more}), who, st.fixed_dictionaries(args)
        )

    subject = st.one_of(
        st.fixed_dictionaries({"type": st.just("user"), "subject": person}),
        st.fixed_dictionaries({"type": st.just("group"), "subject": group}),
    )
    fields = st.fixed_dictionaries(
        {},
        optional={_FIELDS[0]: st.lists(person, max_size=2), _FIELDS[1]: group},
    )
    browse = st.just("BROWSE_PROJECTS")
    return st.one_of(
        DIRECTORY,
        on("grant", holder, scheme=st.sampled_from(_ALL_SCHEMES), permission=browse),
        on("grant", holder, scheme=st.sampled_from(_ALL_SCHEMES), permission=browse),
        on("add_to_level", holder, level=level),
        call("set_security", issue=issue, level=st.one_of(level, st.just(""))),
        call("set_security_scheme", project=project),
        call("set_scheme", project=project, scheme=st.sampled_from(_SCHEMES)),
        on("add_actor", subject, project=project, role=role),
        on("remove_actor", subject, project=project, role=role),
        call("restrict_issue", issue=issue, roles=st.lists(role, max_size=1)),
        call("edit_issue", issue=issue, assignee=person, reporter=person, fields=fields),
        call("set_lead", project=project, lead=person),
        call("move_issue", issue=issue, project=project),
        call("delete_issue", issue=issue),
        call("make_admin", person=person),
        call("give_access", group=group),
        call("take_access", group=group),
    )


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(verbs(), max_size=14))
def test_random_worlds_agree(steps):
    world = template()
    assert tuple(JiraState.of(world).issues) == _ISSUES
    do(world, steps)
    assert not list(disagreements(world, "jira", jira_sees, jira_opens))
