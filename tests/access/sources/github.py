"""GitHub: one clause a repository; organisations, nested teams and collaborators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from access import AccessControl, Clause, Principal, Source
from simulator.github.model import Repo
from simulator.github.state import GithubState
from simulator.people import Person
from simulator.verbs import VendorState
from simulator.world import World
from tests.access.sources.plain import Found, Groups, PlainSource, whereabouts
from tests.simulator.github.test_agreement import PEOPLE, VERBS, little_world

_OPENING = [
    ("github.add_member", {"org": "alpha", "person": "cyd", "pending": False, "role": "member"}),
    ("github.set_base", {"org": "alpha", "level": "none"}),
    ("github.set_base", {"org": "beta", "level": "none"}),
    ("github.nest_team", {"team": "alpha/y", "parent": "alpha/x"}),
    ("github.nest_team", {"team": "alpha/z", "parent": "alpha/y"}),
    ("github.add_team_member", {"team": "alpha/z", "person": "cyd"}),
    ("github.grant_team", {"team": "alpha/x", "repo": "alpha/two", "level": "read"}),
    ("github.change_visibility", {"repo": "beta/three", "visibility": "internal"}),
]


class GitHub(PlainSource):
    source = Source.GITHUB
    vendor = "github"

    def world(self) -> World:
        return little_world(_OPENING)

    def edits(self) -> st.SearchStrategy[Any]:
        return st.one_of(VERBS, VERBS, VERBS, whereabouts(PEOPLE))

    def documents(self, world: World, asked: datetime) -> Iterator[Found]:
        for repo in GithubState.of(world).repos.values():
            access = AccessControl.all_of(self._clause(world, repo, asked))
            for name, body in _parts(repo):
                yield Found(f"{repo.id}/{name}", str(repo.id), body, access)

    def _clause(self, world: World, repo: Repo, asked: datetime) -> Clause:
        state = GithubState.of(world)
        readers = [self.group(f"owners/{repo.org}")]
        if repo.visibility == "public":
            readers.append(self.anyone)
        if repo.visibility == "internal":
            readers.append(self.tenant)
        if state.orgs[repo.org].base != "none":
            readers.append(self.group(f"members/{repo.org}"))
        readers += [self._team(t.id) for t in state.teams.values() if repo.id in t.repos]
        readers += [
            self.named(world, "user", who)
            for who, grant in repo.collaborators.items()
            if not grant.pending
        ]
        return self.clause(f"repository/{repo.id}", readers, asked)

    def groups(self, world: World) -> Groups:
        state = GithubState.of(world)
        found: Groups = {self.tenant: frozenset(self.group(f"members/{org}") for org in state.orgs)}
        for org in state.orgs.values():
            joined = {who: m.role for who, m in org.members.items() if not m.pending}
            found[self.group(f"members/{org.id}")] = self._users(world, joined)
            owners = [who for who, role in joined.items() if role == "admin"]
            found[self.group(f"owners/{org.id}")] = self._users(world, owners)
        for team in state.teams.values():
            below = [self._team(t.id) for t in state.teams.values() if t.parent == team.id]
            found[self._team(team.id)] = self._users(world, team.members) | frozenset(below)
        return found

    def put_members(self, state: Any, told: VendorState) -> None:
        assert isinstance(told, GithubState)
        state.teams = {
            number: replace(team, repos=state.teams[number].repos if number in state.teams else {})
            for number, team in told.teams.items()
        }
        for number, org in state.orgs.items():
            org.members = told.orgs[number].members if number in told.orgs else {}

    def without_members(self, state: Any, people: dict[str, Person]) -> None:
        state.teams = {}
        for org in state.orgs.values():
            org.members = {}

    def _team(self, number: int) -> Principal:
        return self.group(f"team/{number}")

    def _users(self, world: World, who: Any) -> frozenset[Principal]:
        return frozenset(self.named(world, "user", each) for each in who)


def _parts(repo: Repo) -> Iterator[tuple[str, str]]:
    for path, blob in (repo.git.head.files if repo.git.head else {}).items():
        yield f"blob/{path}", str(blob)
    for number, issue in repo.issues.items():
        if issue.pull or repo.has_issues:
            yield f"{'pull' if issue.pull else 'issues'}/{number}", issue.body
    for number, talk in repo.discussions.items() if repo.has_discussions else ():
        yield f"discussions/{number}", talk.body
    for path in repo.wiki.head.files if repo.has_wiki and repo.wiki.head else ():
        yield f"wiki/{path.removesuffix('.md')}", path
