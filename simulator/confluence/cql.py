"""The part of CQL that connectors use, over pages, blog posts, comments and attachments.

https://developer.atlassian.com/cloud/confluence/advanced-searching-using-cql/
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from simulator.atlassian.accounts import account_id
from simulator.atlassian.markup import storage_text
from simulator.atlassian.query import (
    ORDERED,
    Call,
    Clause,
    QueryError,
    among,
    clauses,
    compare,
    holds,
    instant,
    parse_query,
)
from simulator.confluence.objects import Attachment, Comment, Content
from simulator.confluence.state import ConfluenceState
from simulator.people import Person

Found = Content | Comment | Attachment
_DATES = {"lastmodified": "modified", "created": "created"}
_TEXTS = ("title", "text", "sitesearch")
_FIELDS = frozenset(
    (
        *_DATES,
        *_TEXTS,
        "ancestor",
        "content",
        "contributor",
        "creator",
        "id",
        "label",
        "parent",
        "space",
        "space.id",
        "space.key",
        "space.type",
        "status",
        "type",
    )
)


class Hit:
    """One thing as the index knows it, which may be behind the truth."""

    __slots__ = ("body", "created", "item", "modified", "on", "title", "type")

    def __init__(self, state: ConfluenceState, item: Found, modified: datetime):
        self.item, self.modified, self.created = item, modified, item.created
        if isinstance(item, Content):
            self.on, self.type, self.title, self.body = item, item.kind, item.title, item.body
        else:
            self.on = state.contents[item.content]
            comment = isinstance(item, Comment)
            self.type = "comment" if comment else "attachment"
            self.title = self.on.title if isinstance(item, Comment) else item.name
            self.body = item.body if isinstance(item, Comment) else ""


def index(state: ConfluenceState, until: datetime) -> Iterator[Hit]:
    """Everything that the search index held at `until`, the present permissions aside."""
    for content in state.contents.values():
        if content.status != "current":
            continue
        known = [version.when for version in content.versions if version.when <= until]
        if known and content.created <= until:
            yield Hit(state, content, known[-1])
    others: list[Comment | Attachment] = [*state.comments.values(), *state.attachments.values()]
    for one in others:
        changed = one.modified if isinstance(one, Comment) and one.modified else one.created
        if one.created <= until and state.contents[one.content].status == "current":
            yield Hit(state, one, changed if changed <= until else one.created)


class Search:
    """One CQL query, for one caller."""

    def __init__(
        self, state: ConfluenceState, cql: str, person: Person | None, now: datetime, zone: ZoneInfo
    ):
        """Read the query.

        Raises:
            QueryError: it is malformed or names a field that CQL does not have.
        """
        self.state, self.person, self.now, self.zone = state, person, now, zone
        self.query = parse_query(cql)
        for clause in clauses(self.query.where):
            if clause.field not in _FIELDS:
                raise QueryError(f"Could not parse cql : No field exists with name: {clause.field}")
            if clause.field in _DATES:
                if clause.op not in ORDERED:
                    raise QueryError(f"Could not parse cql : no dates with {clause.op}")
                for value in clause.values:
                    if instant(value, now, zone) is None:
                        raise QueryError(f"Could not parse cql : {value} is no date")
        for field, _ in self.query.order:
            if field not in (*_DATES, "title", "id", "space", "type", "creator"):
                raise QueryError(f"Could not parse cql : can't order by {field}")

    def run(self, until: datetime) -> list[Hit]:
        """What the index holds that matches, in order."""
        found = [
            hit
            for hit in index(self.state, until)
            if holds(self.query.where, partial(self._match, hit))
        ]
        for field, down in reversed(self.query.order):
            found.sort(key=lambda hit: self._key(field, hit), reverse=down)
        return found

    def _key(self, field: str, hit: Hit) -> tuple[str, float]:
        if field in _DATES:
            return "", getattr(hit, _DATES[field]).timestamp()
        if field == "id":
            return "", float(hit.item.id.removeprefix("att"))
        if field == "space":
            return self.state.spaces[hit.on.space].key, 0
        if field == "creator":
            return hit.item.author, 0
        return (hit.type if field == "type" else hit.title.lower()), 0

    def _match(self, hit: Hit, clause: Clause) -> bool:
        field = clause.field
        if field in _DATES:
            right = instant(clause.values[0], self.now, self.zone)
            return right is not None and compare(clause.op, getattr(hit, _DATES[field]), right)
        if field in _TEXTS:
            return self._words(clause, hit)
        space = self.state.spaces[hit.on.space]
        if field == "space.type":
            return among(clause, space.kind)
        if field.startswith("space"):
            return among(clause, space.id if field == "space.id" else space.key)
        if field == "type":
            return among(clause, hit.type)
        if field == "status":
            return among(clause, hit.on.status)
        if field in ("id", "content"):
            return among(clause, hit.item.id)
        if field == "label":
            return among(clause, *(hit.item.labels if isinstance(hit.item, Content) else ()))
        if field == "parent":
            return among(clause, hit.on.parent)
        if field == "ancestor":
            return among(clause, *(page.id for page in self.state.ancestors(hit.on)))
        return self._person(clause, hit)

    def _person(self, clause: Clause, hit: Hit) -> bool:
        people = [hit.item.author]
        if clause.field == "contributor" and isinstance(hit.item, Content):
            people += [version.by for version in hit.item.versions]
        named = []
        for value in clause.values:
            if isinstance(value, Call):
                named.append(account_id(self.person.id) if self.person else "")
            else:
                named.append(value)
        return among(
            Clause(clause.field, clause.op, tuple(named)), *(account_id(one) for one in people)
        )

    def _words(self, clause: Clause, hit: Hit) -> bool:
        said = str(clause.values[0]).lower()
        if clause.field == "title" and clause.op in ("=", "!="):
            return compare(clause.op, hit.title.lower(), said)
        text = hit.title.lower()
        if clause.field != "title":
            text += " " + storage_text(hit.body).lower()
        match = all(word.strip("*") in text for word in said.split())
        if clause.op not in ("~", "!~"):
            raise QueryError(f"Could not parse cql : {clause.field} does not support {clause.op}")
        return match is (clause.op == "~")
