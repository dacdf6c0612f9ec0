"""What every GraphQL object stands on: who asks, errors, people, and connections."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphql import GraphQLError, GraphQLResolveInfo

from simulator.github.api import cursor, place
from simulator.github.model import Org
from simulator.github.show import Json, Show
from simulator.github.view import Sight
from simulator.paging import cut
from simulator.wire import Call

T = TypeVar("T")
_MOST = 100


def wrong(kind: str, message: str) -> GraphQLError:
    """An error of GitHub's: its type stands beside the message."""
    return GraphQLError(message, extensions={"type": kind})


class GraphBase(ABC):
    """What one caller can reach."""

    def __init__(self, call: Call, seen: Sight, left: dict[str, int], reset: str):
        """Resolve for one request.

        Args:
            call: the request.
            seen: the caller's view.
            left: the GraphQL budget.
            reset: when it is full again.
        """
        self.call, self.seen, self.show = call, seen, Show(call, seen)
        self.state, self._left, self._reset = seen.state, left, reset

    def connection(
        self, items: Sequence[T], show: Callable[[T], Any], key: Callable[[T], int], **given: Any
    ) -> Json:
        """A page of a list: ``first`` or ``last`` must be said, and be 100 at most."""
        first, last = given.get("first"), given.get("last")
        if first is None and last is None:
            said = "You must provide a `first` or `last` value to properly paginate the connection."
            raise wrong("MISSING_PAGINATION_BOUNDARIES", said)
        size = int(first if first is not None else last or 0)
        if not 0 <= size <= _MOST:
            said = f"Requesting {size} records on the connection exceeds the limit of 100 records."
            raise wrong("EXCESSIVE_PAGINATION", said)
        low, high = 0, len(items)
        for name in ("after", "before"):
            if given.get(name):
                at = place(items, given[name], key)
                if at is None:
                    said = f"`{given[name]}` does not appear to be a valid cursor."
                    raise wrong("INVALID_CURSOR_ARGUMENTS", said)
                low, high = (at, high) if name == "after" else (low, at - 1)
        if first is not None:
            page = cut(self.call, items[:high], low, size)
            end: int | None = page.next
            rows, start = list(page.items), low
        else:
            start = max(high - size, low)
            rows, end = list(items[start:high]), high if high < len(items) else None
        last_cursor = end if end is not None else start + len(rows)
        ends = [cursor(start + n + 1, key(row)) for n, row in enumerate(rows)]
        if ends and last_cursor != start + len(rows):
            ends[-1] = cursor(last_cursor, key(items[last_cursor - 1]) if last_cursor else 0)
        shown = [show(row) for row in rows]
        return {
            "totalCount": len(items),
            "nodes": shown,
            "edges": [{"cursor": c, "node": n} for c, n in zip(ends, shown, strict=True)],
            "pageInfo": {
                "hasNextPage": end is not None,
                "hasPreviousPage": start > 0,
                "startCursor": ends[0] if ends else None,
                "endCursor": ends[-1] if ends else None,
            },
        }

    def user(self, person: str) -> Json | None:
        """A User; None for deleted accounts."""
        shown = self.show.user(person)
        if not person or shown["login"] == "ghost":
            return None
        profile = self.show.profile(person)
        account = self.state.account(person)

        def verified(_info: GraphQLResolveInfo, login: str) -> list[str]:
            org = self.state.find_org(login)
            held = org.members.get(person) if org else None
            if org is None or held is None or held.pending or not self.seen.in_org(org):
                return []
            return [
                e.address
                for e in account.emails
                if e.verified and e.address.rpartition("@")[2].lower() in org.domains
            ]

        return {
            **self._actor(shown, "User"),
            "name": account.name,
            "email": profile["email"] or "",
            "createdAt": profile["created_at"],
            "isViewer": person == self.seen.who,
            "organizationVerifiedDomainEmails": verified,
            "organization": lambda _i, login: self._org(login),
        }

    def _actor(self, shown: Json, kind: str) -> Json:
        return {
            "__typename": kind,
            "id": shown["node_id"],
            "databaseId": shown["id"],
            "login": shown["login"],
            "avatarUrl": lambda _i, **_: shown["avatar_url"],
            "url": shown["html_url"],
            "resourcePath": f"/{shown['login']}",
        }

    def author(self, person: str) -> Json | None:
        """Whoever wrote something: a User, the app's Bot, or nobody any more."""
        return self.user(person) if person else self._actor(self.show.user(""), "Bot")

    def _org(self, login: str) -> Json:
        org = self.state.find_org(login)
        if org is None:
            said = f"Could not resolve to an Organization with the login of '{login}'."
            raise wrong("NOT_FOUND", said)
        return self.org(org)

    @abstractmethod
    def org(self, org: Org) -> Json:
        """An Organization."""
