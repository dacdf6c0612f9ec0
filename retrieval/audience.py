"""Everyone who may read a document."""

from __future__ import annotations

from access import Clock, utc_now
from catalog import documents
from catalog.candidates import candidates
from catalog.database import Catalog
from catalog.people import KnownPerson
from catalog.policy import AccessPolicy
from catalog.readers import admitted


def audience(
    catalog: Catalog, policy: AccessPolicy, document_id: int, clock: Clock = utc_now
) -> list[KnownPerson]:
    """Everyone who may read a document now, in order of issuer and subject.

    Only those are asked about who stand anywhere beneath what the document's clauses name, all of
    them at once, and by the rules of a search.

    Raises:
        UnknownDocument: no document has that row number.
    """
    now = clock()
    with catalog.reading() as connection:
        document = documents.get(connection, document_id)
        if document.removed_at is not None or document.scope_id is None:
            return []
        if document.forgotten(policy, now):
            return []
        scope = document.scope_id
        return admitted(connection, candidates(connection, scope), scope, policy, now)
