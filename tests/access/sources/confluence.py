"""Confluence: the product, the space, every restricted page above and the page, all together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from access import AccessControl, Clause, Source
from simulator.atlassian.accounts import account_id
from simulator.confluence.objects import Content, Space
from simulator.confluence.state import ConfluenceState
from simulator.people import Person
from simulator.verbs import VerbError
from simulator.world import World
from tests.access.sources.plain import Found, PlainSource, directory
from tests.simulator.atlassian_worlds import GROUPS, PEOPLE
from tests.simulator.confluence.test_agreement import template, verbs

_REVOKE = "revoke"


class Confluence(PlainSource):
    source = Source.CONFLUENCE
    vendor = "confluence"

    def world(self) -> World:
        return template()

    def edits(self) -> st.SearchStrategy[Any]:
        contents = sorted(ConfluenceState.of(template()).contents)
        theirs = verbs(contents, ("ONE", "TWO"))
        revoking = st.tuples(st.just(_REVOKE), st.integers(0, 63))
        texts = st.tuples(
            st.just("confluence.edit"),
            st.fixed_dictionaries(
                {"content": st.sampled_from(contents), "body": st.sampled_from(["a", "b"])}
            ),
        )
        return st.one_of(theirs, theirs, theirs, directory(PEOPLE, GROUPS), revoking, texts)

    def edit(self, world: World, edit: Any) -> None:
        if edit[0] != _REVOKE:
            super().edit(world, edit)
            return
        state = ConfluenceState.of(world)
        held = [
            (space, key)
            for space in state.spaces
            for key, each in state.spaces[space].permissions.items()
            if each.operation == "read"
        ]
        if not held:
            raise VerbError("nothing to revoke")
        space, key = held[edit[1] % len(held)]
        state.revoke_space(space=space, permission=key)

    def accounts(self, person: Person) -> list[str]:
        return [account_id(person.id)]

    def documents(self, world: World, asked: datetime) -> Iterator[Found]:
        state = ConfluenceState.of(world)
        product = self.clause("product", map(self.group, state.access), asked)
        for content in state.contents.values():
            if content.status == "trashed":
                continue
            space = state.spaces[content.space]
            clauses = [product, self._space(world, space, asked)]
            for at in (content, *state.ancestors(content)):
                if at.restriction("read").set:
                    clauses.append(self._restriction(world, at, asked))
            if content.status == "draft":
                author = [self.named(world, "user", content.author)]
                clauses.append(self.clause(f"draft/{content.id}", author, asked))
            body = f"{content.id} {content.body}"
            yield Found(content.id, space.id, body, AccessControl.all_of(*clauses))

    def _space(self, world: World, space: Space, asked: datetime) -> Clause:
        anonymous = ConfluenceState.of(world).anonymous
        readers = [
            self.named(world, each.type, each.subject)
            for each in space.permissions.values()
            if (each.operation, each.target) == ("read", "space")
            and (each.type != "anonymous" or anonymous)
        ]
        return self.clause(f"space/{space.id}", readers, asked)

    def _restriction(self, world: World, content: Content, asked: datetime) -> Clause:
        held = content.restriction("read")
        readers = [self.named(world, "user", who) for who in held.users]
        readers += map(self.group, held.groups)
        return self.clause(f"restriction/{content.id}", readers, asked)
