"""The index against the catalog: what differs, and mending it."""

from __future__ import annotations

from collections.abc import Iterator

from catalog import stages
from catalog.database import Catalog
from catalog.exclusive import alone
from corpus import chunk_id
from index.interface import Entry, Index
from index.reconcile import Differences, reconcile
from sync.indexing import NO_SCOPE, writing

_NO_CHUNKS = 0
"""The digest of ids that no chunks have."""


def compare(catalog: Catalog, index: Index, chunker_version: str) -> Differences:
    """What the index holds otherwise than the catalog says it should.

    A document that has to be chunked first counts as missing or altered. Nothing should write
    to the index or the catalog meanwhile; what does shows as a difference that the next
    comparison lacks.
    """
    return reconcile(index, _expected(catalog, index.version, chunker_version))


def repair(catalog: Catalog, index: Index, stage: str, differences: Differences) -> None:
    """Make differing documents due again, and remove what should not be there.

    The next run of indexing writes them; vectors are known, so nothing is embedded again. What
    was surplus is due again as well: it may have been synced while the two were compared.

    Args:
        catalog: where the marks are.
        index: where surplus documents are removed.
        stage: the indexing stage of that index.
        differences: what `compare` found.
    """
    again = [*differences.missing, *differences.altered, *differences.misplaced]
    with alone(catalog, writing(stage)):
        with catalog.writing() as connection:
            stages.unmark(connection, stage, again)
            # A mark goes last: while it is there, a removed document is due to be dropped.
            stages.doubt(connection, stage, differences.surplus)
        index.delete(differences.surplus)
        with catalog.writing() as connection:
            stages.unmark(connection, stage, differences.surplus)


def _expected(catalog: Catalog, version: str, chunker_version: str) -> Iterator[Entry]:
    with catalog.reading() as connection:
        for each in stages.expected(connection, chunker_version):
            scope = NO_SCOPE if each.scope is None else each.scope
            if each.chunks is None:
                yield Entry(each.document, each.container, scope, chunks=1, ids=_NO_CHUNKS)
                continue
            ids = (
                chunk_id(each.source, each.native_id, version, ordinal)
                for ordinal in range(each.chunks)
            )
            yield Entry.of(each.document, each.container, scope, ids)
