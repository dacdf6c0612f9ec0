"""Why a person can, or can't, read a document: clause by clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from access import CLOCK_SKEW, Clause, Clock, Person, Principal, utc_now
from catalog import clauses, documents, identities, people, principals
from catalog.database import Catalog
from catalog.documents import StoredDocument
from catalog.entitlements import resolve
from catalog.paths import Path, paths
from catalog.people import KnownPerson
from catalog.policy import AccessPolicy

_TOLD = 5
"""How many readers are told of a clause that does not admit the person."""


@dataclass(frozen=True, slots=True)
class ClauseVerdict:
    """What one clause says of one person."""

    clause: Clause
    admits: bool
    through: Path | None
    """How the person meets the clause; None when they don't."""
    reason: str
    """In words, for an operator."""
    remedy: str
    """What would have to change; empty when the clause admits."""
    by: str = ""
    """`through` in words, with people by name; empty when the clause does not admit."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a person can, or can't, read a document."""

    person: KnownPerson
    document: StoredDocument
    readable: bool
    """The verdict; it is the one that search acts on."""
    reason: str
    """Why not, where no clause is to blame; empty otherwise."""
    clauses: tuple[ClauseVerdict, ...]


def explain(
    catalog: Catalog,
    policy: AccessPolicy,
    person: Person,
    document_id: int,
    clock: Clock = utc_now,
) -> Explanation:
    """Explain one person and one document, as of one moment.

    Raises:
        UnknownPerson: the catalog does not know the person.
        UnknownDocument: no document has that row number.
    """
    now = clock()
    with catalog.reading() as connection:
        who = people.get(connection, person)
        document = documents.get(connection, document_id)
        entitlements = resolve(connection, who, policy, now)
        verdicts: tuple[ClauseVerdict, ...] = ()
        if document.scope_id is not None:
            ways = paths(connection, entitlements, policy, now)
            verdicts = tuple(
                _verdict(connection, each, ways, policy, now)
                for each in clauses.of_scope(connection, document.scope_id)
            )
    reason = ""
    if document.removed_at is not None:
        reason = "the document is gone from its source"
    elif document.scope_id is None:
        reason = "nothing is known about who may read the document"
    elif document.forgotten(policy, now):
        reason = "the part of its container that it is in was looked at too long ago"
    elif not who.active:
        reason = "the person is no longer active"
    readable = not reason and document.scope_id in entitlements.scopes
    return Explanation(who, document, readable, reason, verdicts)


def _verdict(
    connection: Connection,
    clause: Clause,
    ways: dict[int, Path],
    policy: AccessPolicy,
    now: datetime,
) -> ClauseVerdict:
    if clause.grants is None:
        return ClauseVerdict(
            clause, False, None, f"its readers are unknown: {clause.reason}", "see the reason"
        )
    if now - clause.synced_at < -CLOCK_SKEW:
        return ClauseVerdict(
            clause,
            False,
            None,
            "its readers were confirmed at a time that is yet to come: a clock was wrong",
            "sync the permissions of the container",
        )
    if now - clause.synced_at > policy.limit(clause.source):
        return ClauseVerdict(
            clause,
            False,
            None,
            f"its readers were last confirmed {now - clause.synced_at} ago, over the limit",
            "sync the permissions of the container",
        )
    holding = [grant.principal for grant in clause.grants if grant.holds(now)]
    numbers = principals.find(connection, holding)
    found = [ways[row] for row in numbers.values() if row in ways]
    if found:
        way = min(found, key=lambda each: (len(each.steps), each.steps))
        by = _path(connection, way)
        return ClauseVerdict(clause, True, way, "admits the person", "", by)
    expired = len(clause.grants) - len(holding)
    return ClauseVerdict(
        clause,
        False,
        None,
        "admits none of the person's accounts and groups"
        + (f"; {expired} of its grants have expired" if expired else ""),
        _remedy(connection, holding),
    )


def _remedy(connection: Connection, holding: Sequence[Principal]) -> str:
    if not holding:
        return "a grant in the source: at present it admits nobody"
    told = sorted(holding)[:_TOLD]
    named = ", ".join(identities.described(connection, told).values())
    more = f" and {len(holding) - _TOLD} more" if len(holding) > _TOLD else ""
    return f"be one of {named}{more}, or be granted access in the source"


def _path(connection: Connection, path: Path) -> str:
    told = identities.described(connection, path.steps)
    steps = " > ".join(told[each] for each in path.steps)
    return steps if path.evidence is None else f"{steps} (account known by {path.evidence})"
