"""Documents: what is in the catalog, and what a page of changes does to it."""

from __future__ import annotations

import hashlib
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
    case,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from access import CLOCK_SKEW, AccessControl, Source
from catalog import clauses, epoch, reach
from catalog.errors import UnknownDocument
from catalog.tables import Instant, container, document, held_deletion
from catalog.upsert import batched, upsert
from corpus import Document

_ACCESS = ("scope_id", "access_at")


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


def store(
    connection: Connection,
    container_id: int,
    canonical: bool,
    bodies: Sequence[tuple[Document, str | None]],
    now: datetime,
    asked: datetime | None = None,
) -> None:
    """Write documents as they are now, with their access.

    Access that was read before the access stored is left out: bodies take time to fetch, and
    the permission feed, which needs none, may have told of a restriction meanwhile. A document
    that was removed after it was looked at stays removed.

    Args:
        connection: a writing connection.
        container_id: row of the container that they live in.
        canonical: whether that container's documents are preferred.
        bodies: each document, and the SHA-256 (hex) of its stored body or None.
        now: the present instant.
        asked: the time before their page was asked for, which dates the look at those whose
            access names no clause; `now` when not given.
    """
    scopes = _scopes(connection, (each.access for each, _ in bodies), now)
    rows = [
        {
            "container_id": container_id,
            "source": each.source,
            "native_id": each.id,
            "kind": each.kind,
            "title": _storable(each.title),
            "url": _storable(each.url),
            "media_type": each.content.media_type,
            "skipped": each.content.skipped,
            "version": each.version,
            "content_hash": digest,
            "owners": _storable(json.dumps(each.owners, ensure_ascii=False)),
            "created_at": each.created_at,
            "modified_at": each.modified_at,
            "scope_id": scopes[each.access],
            "access_at": _read_at(each.access),
            "body_key": _body_key(each, digest),
            "index_key": _index_key(each, digest, canonical),
            "synced_at": now,
            "removed_at": None,
        }
        for each, digest in sorted(bodies, key=lambda body: (body[0].source, body[0].id))
    ]

    def access(excluded: Any) -> dict[str, ColumnElement[Any]]:
        return {
            name: _unless_newer(name, excluded[name], excluded.access_at, now) for name in _ACCESS
        } | {"removed_at": _if_removed_since(func.coalesce(excluded.access_at, looked), now)}

    looked = literal(asked or now, Instant)
    # To write the key again, be it the same, would on PostgreSQL lock the row against whoever
    # only refers to it.
    apart = {"id", "source", "native_id", "removed_at", *_ACCESS}
    columns = tuple(each.name for each in document.c if each.name not in apart)
    for run in batched(rows):
        upsert(connection, document, run, ("source", "native_id"), columns, access)
    for source in sorted({each.source for each, _ in bodies}):
        reach.note(connection, source, [each.id for each, _ in bodies if each.source is source])
    _release(connection, [(each.source, each.id) for each, _ in bodies])


def index_anew(connection: Connection, container_id: int) -> None:
    """Make every document of a container due for the index, whose entries have all changed."""
    wanted = select(document.c.id, document.c.index_key).where(
        document.c.container_id == container_id
    )
    for row in connection.execute(wanted).all():
        connection.execute(
            update(document)
            .where(document.c.id == row.id)
            .values(index_key=_hash(row.index_key, "anew"))
        )


def set_access(
    connection: Connection,
    source: Source,
    access: Mapping[str, AccessControl],
    now: datetime,
    asked: datetime | None = None,
) -> None:
    """Write who may read documents whose bodies are as they were.

    A document that the catalog has not met is left out: its body comes with the next crawl.
    Access that was read before the access stored is left out too, and a document that was
    removed and whose text is purged stays removed until its body is read again; so does one
    that was removed after this look at it, which began at `asked` where no clause tells when.
    """
    scopes = _scopes(connection, access.values(), now)
    wanted: dict[tuple[int | None, datetime | None], list[str]] = {}
    for native_id, control in access.items():
        wanted.setdefault((scopes[control], _read_at(control)), []).append(native_id)
    for (scope_id, read_at), names in wanted.items():
        values = {"scope_id": scope_id, "access_at": read_at}
        changes = {
            name: _unless_newer(
                name, literal(value, document.c[name].type), literal(read_at, Instant), now
            )
            for name, value in values.items()
        }
        looked = literal(read_at or asked or now, Instant)
        for run in batched(names):
            connection.execute(
                update(document)
                .where(document.c.source == source, document.c.native_id.in_(run))
                .values(synced_at=now, removed_at=_if_gone(looked, now), **changes)
            )
    reach.note(connection, source, list(access))
    _release(connection, [(source, name) for name in access])


def outside(
    connection: Connection, source: Source, native_ids: Iterable[str], container_id: int
) -> set[str]:
    """Of those documents, the ones that the catalog knows in another container than this."""
    found: set[str] = set()
    for run in batched(sorted(native_ids)):
        found.update(
            connection.execute(
                select(document.c.native_id).where(
                    document.c.source == source,
                    document.c.native_id.in_(run),
                    document.c.container_id != container_id,
                )
            ).scalars()
        )
    return found


def unseen_since(
    connection: Connection, container_id: int, ids: Iterable[int], began: datetime
) -> dict[str, int]:
    """Of those rows, the present ones still in the container that nothing showed since `began`."""
    found: dict[str, int] = {}
    for run in batched(sorted(ids)):
        rows = connection.execute(
            select(document.c.native_id, document.c.id).where(
                document.c.id.in_(run),
                document.c.container_id == container_id,
                document.c.removed_at.is_(None),
                document.c.synced_at < began,
            )
        )
        found.update((row.native_id, row.id) for row in rows)
    return found


def remove(connection: Connection, source: Source, native_ids: Iterable[str], now: datetime) -> int:
    """Hide documents for good reason: a tombstone, or a deletion that a person accepted.

    They vanish from answers with this transaction; their chunks and text go later.
    """
    epoch.hold(connection)
    removed = 0
    for run in batched(sorted(native_ids)):
        removed += connection.execute(
            update(document)
            .where(
                document.c.source == source,
                document.c.native_id.in_(run),
                document.c.removed_at.is_(None),
            )
            .values(removed_at=now)
        ).rowcount
        _release(connection, [(source, name) for name in run])
    return removed


def forget_bodies(connection: Connection, ids: Sequence[int]) -> None:
    """Forget that bodies are stored, so that the next crawl reads them again."""
    epoch.hold(connection)
    for run in batched(sorted(ids)):
        connection.execute(
            update(document).where(document.c.id.in_(run)).values(content_hash=None, version="")
        )


def versions(connection: Connection, source: Source, native_ids: Sequence[str]) -> dict[str, str]:
    """Versions of those documents whose bodies are stored, or left out on purpose."""
    found: dict[str, str] = {}
    for run in batched(native_ids):
        rows = connection.execute(
            select(document.c.native_id, document.c.version).where(
                document.c.source == source,
                document.c.native_id.in_(run),
                or_(document.c.content_hash.is_not(None), document.c.skipped != ""),
            )
        )
        found.update((row.native_id, row.version) for row in rows)
    return found


def present(connection: Connection, container_id: int) -> dict[str, int]:
    """Row numbers by native id of a container's documents that are not removed."""
    return dict(every_present(connection, container_id))


def every_present(connection: Connection, container_id: int) -> Iterator[tuple[str, int]]:
    """As `present`, streamed: a container may hold a million."""
    rows = connection.execution_options(yield_per=10_000).execute(
        select(document.c.native_id, document.c.id).where(
            document.c.container_id == container_id, document.c.removed_at.is_(None)
        )
    )
    for row in rows:
        yield row.native_id, row.id


def held(connection: Connection, container_id: int, native_ids: Iterable[str]) -> set[str]:
    """Those of some documents that live in a container and are not removed."""
    found: set[str] = set()
    for run in batched(sorted(native_ids)):
        found.update(
            connection.execute(
                select(document.c.native_id).where(
                    document.c.container_id == container_id,
                    document.c.native_id.in_(run),
                    document.c.removed_at.is_(None),
                )
            ).scalars()
        )
    return found


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
    """The one document with this native id, URL, or ``source:native id``.

    Raises:
        UnknownDocument: none, or more than one, goes by that name.
    """
    wanted = select(document).where(or_(document.c.native_id == name, document.c.url == name))
    rows = connection.execute(wanted).all()
    source, colon, native_id = name.partition(":")
    if not rows and colon and source in set(Source):
        rows = connection.execute(
            select(document).where(document.c.source == source, document.c.native_id == native_id)
        ).all()
    if len(rows) != 1:
        said = "no document is" if not rows else f"{len(rows)} documents are"
        raise UnknownDocument(f"{said} known as {name!r}; name it by source:id or by its URL")
    return of_row(rows[0])


@dataclass(frozen=True, slots=True)
class Tally:
    """How a container's documents stand."""

    documents: int
    unknown: int
    """Documents without a scope, or with a clause that is unknown."""
    skipped: Mapping[str, int]
    """Bodies left out on purpose, by reason."""
    clauses: int
    """Clauses that guard the container's documents."""


def tally(connection: Connection, container_id: int) -> Tally:
    """Count a container's documents that are not removed."""
    here = (document.c.container_id == container_id, document.c.removed_at.is_(None))
    total = connection.execute(select(func.count()).select_from(document).where(*here))
    skipped = connection.execute(
        select(document.c.skipped, func.count())
        .where(*here, document.c.skipped != "")
        .group_by(document.c.skipped)
    )
    return Tally(
        int(total.scalar_one()),
        clauses.unguarded(connection, container_id),
        {row[0]: row[1] for row in skipped},
        clauses.guarding(connection, container_id),
    )


def guarded_by(connection: Connection, scopes: Iterable[int]) -> list[StoredDocument]:
    """Present documents that any of these scopes guards, in order of source and native id."""
    found: list[StoredDocument] = []
    for run in batched(sorted(scopes)):
        rows = connection.execute(
            select(document).where(document.c.scope_id.in_(run), document.c.removed_at.is_(None))
        )
        found.extend(of_row(row) for row in rows)
    return sorted(found, key=lambda each: (each.source, each.native_id))


def by_scope(connection: Connection, container_id: int) -> dict[int | None, int]:
    """How many of a container's documents each scope guards; None for those without one."""
    rows = connection.execute(
        select(document.c.scope_id, func.count())
        .where(document.c.container_id == container_id, document.c.removed_at.is_(None))
        .group_by(document.c.scope_id)
    )
    return {row[0]: row[1] for row in rows}


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
    )


def container_names(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Names of containers by row number."""
    found: dict[int, str] = {}
    for run in batched(sorted(set(ids))):
        rows = connection.execute(
            select(container.c.id, container.c.name).where(container.c.id.in_(run))
        )
        found.update((row.id, row.name) for row in rows)
    return found


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


def _read_at(control: AccessControl) -> datetime | None:
    """When a source was asked for this access: its newest clause; None where it has none."""
    return max((each.synced_at for each in control.clauses), default=None)


def _if_removed_since(looked: ColumnElement[Any], now: datetime) -> ColumnElement[Any]:
    """The time of removal, if it came no earlier than a look at the source; else none.

    A removal dated in the future says nothing: some clock was wrong.
    """
    later = and_(document.c.removed_at >= looked, document.c.removed_at <= now + CLOCK_SKEW)
    return case((later, document.c.removed_at), else_=null())


def _if_gone(looked: ColumnElement[Any], now: datetime) -> ColumnElement[Any]:
    purged = and_(document.c.version == "", document.c.content_hash.is_(None))
    return case((purged, document.c.removed_at), else_=_if_removed_since(looked, now))


def _unless_newer(
    name: str, value: ColumnElement[Any], read_at: ColumnElement[Any], now: datetime
) -> ColumnElement[Any]:
    """`value`, unless the column's present one rests on a later look at the source.

    Access that nobody knows has no time, and is always taken: it can only hide. It leaves the
    time of the last look that told. A look dated in the future is none: some clock was wrong.
    """
    later = and_(document.c.access_at > read_at, document.c.access_at <= now + CLOCK_SKEW)
    kept = case((later, document.c[name]), else_=value)
    return kept if name == "scope_id" else func.coalesce(kept, document.c[name])


def _release(connection: Connection, names: Sequence[tuple[Source, str]]) -> None:
    """A document that showed itself, or is gone for certain, is held no longer."""
    for source in {source for source, _ in names}:
        for run in batched([name for each, name in names if each is source]):
            ids = select(document.c.id).where(
                document.c.source == source, document.c.native_id.in_(run)
            )
            connection.execute(delete(held_deletion).where(held_deletion.c.document_id.in_(ids)))


def _body_key(each: Document, digest: str | None) -> str:
    """Changes when the chunks may: with the body, its type, or the title they carry."""
    return _hash(digest, each.content.media_type, each.content.skipped, each.title)


def _index_key(each: Document, digest: str | None, canonical: bool) -> str:
    """Changes when anything that the index holds may, the scope apart."""
    return _hash(
        _body_key(each, digest),
        each.url,
        each.kind,
        each.owners,
        each.created_at and each.created_at.isoformat(),
        each.modified_at and each.modified_at.isoformat(),
        canonical,
    )


def _storable(text: str) -> str:
    """Text as both databases take it: lone surrogates and NUL have no place in a row."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
