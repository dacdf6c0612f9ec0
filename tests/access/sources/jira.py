"""Jira: the product, the permission scheme, the security level and the restriction, together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from access import AccessControl, Clause, Principal, Source
from simulator.atlassian.accounts import account_id
from simulator.jira.objects import APPLICATION, Holder, Issue
from simulator.jira.state import JiraState
from simulator.people import Person
from simulator.verbs import VerbError
from simulator.world import World
from tests.access.sources.plain import Found, PlainSource, directory
from tests.simulator.atlassian_worlds import GROUPS, PEOPLE
from tests.simulator.jira.test_agreement import template, verbs

_REVOKE, _EXPEL = "revoke", "expel"
_OF_ISSUE = {"reporter", "assignee", "userCustomField", "groupCustomField"}
"""Holders who are others from issue to issue."""


class Jira(PlainSource):
    source = Source.JIRA
    vendor = "jira"

    def world(self) -> World:
        return template()

    def edits(self) -> st.SearchStrategy[Any]:
        theirs = verbs()
        taking = st.tuples(st.sampled_from([_REVOKE, _EXPEL]), st.integers(0, 63))
        return st.one_of(theirs, theirs, theirs, directory(PEOPLE, GROUPS), taking)

    def edit(self, world: World, edit: Any) -> None:
        state = JiraState.of(world)
        if edit[0] == _REVOKE:
            held = [
                (scheme.id, key)
                for scheme in state.schemes.values()
                for key, each in scheme.grants.items()
                if each.permission == "BROWSE_PROJECTS"
            ]
            scheme, grant = _pick(held, edit[1])
            state.revoke(scheme=scheme, grant=grant)
        elif edit[0] == _EXPEL:
            levels = [level for each in state.securities.values() for level in each.levels.values()]
            level, member = _pick([(one.id, m) for one in levels for m in one.members], edit[1])
            state.remove_from_level(level=level, member=member)
        else:
            super().edit(world, edit)

    def accounts(self, person: Person) -> list[str]:
        return [account_id(person.id)]

    def documents(self, world: World, asked: datetime) -> Iterator[Found]:
        state = JiraState.of(world)
        product = self.clause("product", map(self.group, state.access), asked)
        for issue in state.issues.values():
            clauses = [product, self._browsing(world, issue, asked)]
            if issue.security:
                members = list(state.level(issue.security)[1].members.values())
                clauses.append(
                    self._held(world, issue, f"level/{issue.security}", members, [], asked)
                )
            if issue.restricted:
                readers = [
                    who for role in issue.restricted for who in self._actors(world, issue, role)
                ]
                clauses.append(self.clause(f"restriction/{issue.id}", readers, asked))
            body = f"{issue.summary} {issue.description}"
            yield Found(issue.id, issue.project, body, AccessControl.all_of(*clauses))

    def _browsing(self, world: World, issue: Issue, asked: datetime) -> Clause:
        state = JiraState.of(world)
        project = state.projects[issue.project]
        holders = [
            each
            for each in state.schemes[project.scheme].grants.values()
            if each.permission == "BROWSE_PROJECTS"
        ]
        admins = state.administrators if project.style == "next-gen" else ()
        more = [self.named(world, "user", who) for who in admins]
        return self._held(world, issue, f"browse/{project.id}", holders, more, asked)

    def _held(
        self,
        world: World,
        issue: Issue,
        key: str,
        holders: Iterable[Holder],
        more: list[Principal],
        asked: datetime,
    ) -> Clause:
        """One clause for all issues, unless some holder is another for each of them.

        Roles and leads are others for each project.
        """
        kinds = {each.type for each in holders}
        if kinds & _OF_ISSUE:
            key = f"{key}/{issue.id}"
        elif kinds & {"projectRole", "projectLead"}:
            key = f"{key}/of/{issue.project}"
        readers = [who for each in holders for who in self._readers(world, issue, each)]
        return self.clause(key, [*readers, *more], asked)

    def _readers(self, world: World, issue: Issue, holder: Holder) -> list[Principal]:
        state, wanted = JiraState.of(world), holder.parameter
        match holder.type:
            case "user" | "group":
                return [self.named(world, holder.type, wanted)]
            case "projectRole":
                return self._actors(world, issue, wanted)
            case "applicationRole":
                return list(map(self.group, state.access)) if wanted in ("", APPLICATION) else []
            case "anyone":
                return [self.anyone]
            case "projectLead":
                return [self.named(world, "user", state.projects[issue.project].lead)]
            case "reporter" | "assignee":
                who = getattr(issue, holder.type)
                return [self.named(world, "user", who)] if who else []
        chosen = issue.fields.get(wanted) or []
        kind = "user" if holder.type == "userCustomField" else "group"
        each = chosen if isinstance(chosen, list) else [chosen]
        return [self.named(world, kind, one) for one in each]

    def _actors(self, world: World, issue: Issue, role: str) -> list[Principal]:
        held = JiraState.of(world).projects[issue.project].actors.get(role)
        if held is None:
            return []
        return [
            *(self.named(world, "user", who) for who in held.users),
            *map(self.group, held.groups),
        ]


def _pick(options: list[Any], number: int) -> Any:
    if not options:
        raise VerbError("nothing to take")
    return options[number % len(options)]
