"""Documents: what is in the catalog, and what a page of changes does to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    literal,
    not_,
    or_,
    select,
    update,
)

from access import AccessControl, Source, is_young
from catalog import clauses, epoch, looks, parts, reach
from catalog.document_keys import body_key, index_key
from catalog.errors import UnknownDocument
from catalog.policy import AccessPolicy
from catalog.storable import storable
from catalog.tables import Instant, document, held_deletion
from catalog.upsert import batched, upsert
from corpus import Document

_ACCESS = ("scope_id", "access_at")
_THERE = document.c.removed_at.is_(None)
_NAMED = 5
"""How many documents an error names."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as the catalog holds it: everything but its text."""

    id: int
    """Row number."""
    container_id: int
    """Row number of its container."""
    source: Source
    native_id: str
    kind: str
    title: str
    url: str
    media_type: str
    skipped: str
    """Why there is no body; empty when there is one."""
    content_hash: str | None
    """SHA-256 (hex) of the body in the content store; None without a body."""
    owners: tuple[str, ...]
    created_at: datetime | None
    modified_at: datetime | None
    scope_id: int | None
    """None: nothing is known about who may read it, so nobody may."""
    body_key: str
    index_key: str
    synced_at: datetime
    removed_at: datetime | None
    part_id: int | None
    """Row number of the part of the container that it is in; None where none is known."""
    looked_at: datetime | None
    """When it was looked at last; None: at no time that is known."""

    def forgotten(self, policy: AccessPolicy, now: datetime) -> bool:
        """Whether it is in a part and was looked at too long ago, so that nobody may read it.

        Its clause may go on being confirmed by itself while nothing tells that the document is
        still under it.
        """
        if self.part_id is None:
            return False
        limit = policy.limit(self.source)
        return self.looked_at is None or not is_young(self.looked_at, now, limit)


def store(
    connection: Connection,
    container_id: int,
    canonical: bool,
    bodies: Sequence[tuple[Document, str | None]],
    now: datetime,
    asked: datetime | None = None,
) -> None:
    """Write documents as they are now, with their access.

    A body that was read before the one stored is left out, and so is where it was then. Access
    that was read before the access stored is left out: bodies take time to fetch, and
    the permission feed, which needs none, may have told of a restriction meanwhile. A document
    that was removed after it was looked at stays removed, and a later look brings it back.

    Args:
        connection: a writing connection.
        container_id: row of the container that they live in.
        canonical: whether that container's documents are preferred.
        bodies: each document, and the SHA-256 (hex) of its stored body or None.
        now: the present instant.
        asked: the time before their page was asked for, which dates the look at them; `now`
            when not given. Their clauses may have been read long before, or since.
    """
    scopes = _scopes(connection, (each.access for each, _ in bodies), now)
    numbers = parts.intern(connection, container_id, (each.part for each, _ in bodies))
    rows = [
        {
            "container_id": container_id,
            "source": each.source,
            "native_id": each.id,
            "kind": each.kind,
            "title": storable(each.title),
            "url": storable(each.url),
            "media_type": each.content.media_type,
            "skipped": each.content.skipped,
            "version": each.version,
            "content_hash": digest,
            "owners": storable(json.dumps(each.owners, ensure_ascii=False)),
            "created_at": each.created_at,
            "modified_at": each.modified_at,
            "scope_id": scopes[each.access],
            "access_at": looks.read_at(each.access),
            "looked_at": asked or now,
            "read_at": asked or now,
            "part_id": numbers.get(each.part),
            "body_key": body_key(each, digest),
            "index_key": index_key(each, digest, canonical),
            "synced_at": now,
            "removed_at": None,
        }
        for each, digest in sorted(bodies, key=lambda body: (body[0].source, body[0].id))
    ]

    # To write the key again, be it the same, would on PostgreSQL lock the row against whoever
    # only refers to it.
    apart = {"id", "source", "native_id", "removed_at", "looked_at", "part_id", *_ACCESS}
    columns = tuple(each.name for each in document.c if each.name not in apart)

    def later(excluded: Any) -> dict[str, ColumnElement[Any]]:
        """Each column by the look that it rests on."""
        read = excluded.read_at
        return {
            **{name: looks.unless_read_since(name, excluded[name], read, now) for name in columns},
            **{
                name: looks.unless_newer(name, excluded[name], excluded.access_at, now)
                for name in _ACCESS
            },
            "part_id": looks.unless_looked_since(
                "part_id", excluded.part_id, excluded.looked_at, now
            ),
            "removed_at": looks.if_removed_since(excluded.looked_at, now),
            "looked_at": looks.latest(excluded.looked_at, now),
        }

    for run in batched(rows):
        upsert(connection, document, run, ("source", "native_id"), columns, later)
    for source in sorted({each.source for each, _ in bodies}):
        reach.note(connection, source, [each.id for each, _ in bodies if each.source is source])
    _release(connection, [(each.source, each.id) for each, _ in bodies], _THERE)


def set_access(
    connection: Connection,
    source: Source,
    access: Mapping[str, AccessControl],
    now: datetime,
    asked: datetime | None = None,
    within: parts.Within | None = None,
) -> None:
    """Write who may read documents whose bodies are as they were, and in which part they are.

    A document that the catalog has not met is left out: its body comes with the next crawl.
    Access that was read before the access stored is left out too, and a document that was
    removed and whose text is purged stays removed until its body is read again; so does one
    that was removed after this look at it, which began at `asked` (`now` when not given). The part
    is written of what lives in the container of `within`, unless a later look has told it.
    """
    scopes = _scopes(connection, access.values(), now)
    looked = literal(asked or now, Instant)
    numbers = parts.of_documents(connection, within)
    wanted: dict[tuple[int | None, datetime | None, int | None], list[str]] = {}
    for native_id, control in access.items():
        told = (scopes[control], looks.read_at(control), numbers.get(native_id))
        wanted.setdefault(told, []).append(native_id)
    for (scope_id, read_at, part_id), names in wanted.items():
        values = {"scope_id": scope_id, "access_at": read_at}
        changes = {
            name: looks.unless_newer(
                name, literal(value, document.c[name].type), literal(read_at, Instant), now
            )
            for name, value in values.items()
        }
        if within is not None and part_id is not None:
            changes["part_id"] = parts.unless_elsewhere(within, part_id, looked, now)
        for run in batched(names):
            connection.execute(
                update(document)
                .where(document.c.source == source, document.c.native_id.in_(run))
                .values(
                    synced_at=now,
                    removed_at=looks.if_gone(looked, now),
                    looked_at=looks.latest(looked, now),
                    **changes,
                )
            )
    reach.note(connection, source, list(access))
    _release(connection, [(source, name) for name in access], _THERE)


def remove(
    connection: Connection,
    source: Source,
    native_ids: Iterable[str],
    now: datetime,
    told: datetime | None = None,
) -> int:
    """Hide documents for good reason: a tombstone, or a deletion that a person accepted.

    They vanish from answers with this transaction; their chunks and text go later. The removal
    counts from when the source had told of it, and not from when that is written: a look at the
    document after that brings it back, and if one was stored already, nothing is removed.

    Args:
        connection: a writing connection.
        source: where the documents are.
        native_ids: which.
        now: the present instant.
        told: when the source's answer that they are gone had come; `now` when not given.

    Returns:
        How many were there until now.
    """
    epoch.hold(connection)
    since = told or now
    removed = 0
    for run in batched(sorted(native_ids)):
        those = and_(document.c.source == source, document.c.native_id.in_(run))
        gone = and_(those, not_(looks.shown_after(since, now)))
        removed += connection.execute(
            update(document).where(gone, document.c.removed_at.is_(None)).values(removed_at=since)
        ).rowcount
        # Gone once more: what was seen of it in between brings nothing back either.
        connection.execute(
            update(document).where(gone, document.c.removed_at < since).values(removed_at=since)
        )
        _release(connection, [(source, name) for name in run])
    return removed


def present(connection: Connection, container_id: int) -> dict[str, int]:
    """Row numbers by native id of a container's documents that are not removed."""
    return {name: row for name, row, _ in every_present(connection, container_id)}


def every_present(
    connection: Connection, container_id: int
) -> Iterator[tuple[str, int, int | None]]:
    """As `present`, with the row number of the part, streamed: there may be a million."""
    # The statement's own option: on the connection it would outlast it, and PostgreSQL would be
    # asked for a cursor of whatever is written next.
    rows = connection.execute(
        select(document.c.native_id, document.c.id, document.c.part_id)
        .where(document.c.container_id == container_id, document.c.removed_at.is_(None))
        .execution_options(yield_per=10_000)
    )
    for row in rows:
        yield row.native_id, row.id, row.part_id


def load(connection: Connection, ids: Sequence[int]) -> dict[int, StoredDocument]:
    """Documents by row number."""
    found: dict[int, StoredDocument] = {}
    for run in batched(ids):
        rows = connection.execute(select(document).where(document.c.id.in_(run)))
        found.update((row.id, of_row(row)) for row in rows)
    return found


def get(connection: Connection, number: int) -> StoredDocument:
    """A document by row number.

    Raises:
        UnknownDocument: there is none.
    """
    found = load(connection, [number])
    if number not in found:
        raise UnknownDocument(f"no document has row number {number}")
    return found[number]


def find(connection: Connection, name: str) -> StoredDocument:
    """The one document with this ``source:native id``, native id or URL, in that order.

    A URL may have had several documents, one after the other: the one that is there now counts.

    Raises:
        UnknownDocument: none, or more than one, goes by that name.
    """
    source, colon, native_id = name.partition(":")
    if colon and source in set(Source):
        exact = select(document).where(
            document.c.source == source, document.c.native_id == native_id
        )
        row = connection.execute(exact).first()
        if row is not None:
            return of_row(row)
    wanted = select(document).where(or_(document.c.native_id == name, document.c.url == name))
    rows = connection.execute(wanted.order_by(document.c.source, document.c.native_id)).all()
    rows = [row for row in rows if row.removed_at is None] or rows
    if not rows:
        raise UnknownDocument(
            f"no document is known as {name!r}; name it by source:id or by its URL, as search "
            "shows them"
        )
    if len(rows) > 1:
        named = ", ".join(f"{row.source}:{row.native_id}" for row in rows[:_NAMED])
        more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
        raise UnknownDocument(f"{len(rows)} documents are known as {name!r}: {named}{more}")
    return of_row(rows[0])


def guarded_by(connection: Connection, scopes: Iterable[int]) -> list[StoredDocument]:
    """Present documents that any of these scopes guards, in order of source and native id."""
    found: list[StoredDocument] = []
    for run in batched(sorted(scopes)):
        rows = connection.execute(
            select(document).where(document.c.scope_id.in_(run), document.c.removed_at.is_(None))
        )
        found.extend(of_row(row) for row in rows)
    return sorted(found, key=lambda each: (each.source, each.native_id))


def of_row(row: Row[tuple[object, ...]]) -> StoredDocument:
    """The document that a row describes."""
    return StoredDocument(
        id=row.id,
        container_id=row.container_id,
        source=Source(row.source),
        native_id=row.native_id,
        kind=row.kind,
        title=row.title,
        url=row.url,
        media_type=row.media_type,
        skipped=row.skipped,
        content_hash=row.content_hash,
        owners=tuple(json.loads(row.owners)),
        created_at=row.created_at,
        modified_at=row.modified_at,
        scope_id=row.scope_id,
        body_key=row.body_key,
        index_key=row.index_key,
        synced_at=row.synced_at,
        removed_at=row.removed_at,
        part_id=row.part_id,
        looked_at=row.looked_at,
    )


def _scopes(
    connection: Connection, controls: Iterable[AccessControl], now: datetime
) -> dict[AccessControl, int | None]:
    distinct = set(controls)
    numbers = clauses.store(
        connection, (each for one in distinct for each in one.clauses), lambda: now
    )
    sets = {
        one: frozenset(numbers[each.source, each.key] for each in one.clauses)
        for one in distinct
        if one.clauses
    }
    scopes = clauses.intern_scopes(connection, sets.values())
    return {one: scopes[sets[one]] if one in sets else None for one in distinct}


def _release(
    connection: Connection, names: Sequence[tuple[Source, str]], *those: ColumnElement[bool]
) -> None:
    """A document that showed itself, or is gone for certain, is held no longer."""
    for source in {source for source, _ in names}:
        for run in batched([name for each, name in names if each is source]):
            ids = select(document.c.id).where(
                document.c.source == source, document.c.native_id.in_(run), *those
            )
            connection.execute(delete(held_deletion).where(held_deletion.c.document_id.in_(ids)))
