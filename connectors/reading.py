"""From the documents of a listing to changes: bodies only where needed, several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from access import AccessControl, Source
from connectors.interface import KnownVersions, SourceUnavailable
from connectors.patience import Patience
from connectors.refused import Refused
from connectors.workers import in_order
from corpus import Change, Document, Failed, Reacl, Upsert

PAGE_BYTES = 32_000_000
"""Bodies that one page carries at most, so that memory does not grow with a source's pages."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document that a listing told of, with the means to read the rest."""

    id: str
    version: str
    access: Callable[[], AccessControl]
    """Who may read it; may raise `ConnectorError`, and turns a refusal into an unknown clause."""
    read: Callable[[AccessControl], Document]
    """The document with its body; may raise `ConnectorError` and `Refused`."""


class Reading:
    """Reads documents in their order over a few threads; a context, so that none outlives it."""

    def __init__(self, source: Source, concurrency: int, patience: Patience, known: KnownVersions):
        """Prepare.

        Args:
            source: whose documents are read.
            concurrency: how many are read at once.
            patience: tells a bad document from a source that is down.
            known: asked in the caller's own thread, once for each call of `batches`.
        """
        self._source = source
        self._concurrency = concurrency
        self._patience = patience
        self._known = known
        self._pool = ThreadPoolExecutor(concurrency, f"{source}-reading")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def batches(self, found: Sequence[Found]) -> Iterator[tuple[tuple[Change, ...], bool]]:
        """The changes that `found` make, in batches of bounded size, and whether it is the last.

        There is always a last one, be it empty.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        stored = self._known([each.id for each in found]) if found else {}

        def work(each: Found) -> tuple[Change, ...]:
            return self._change(each, stored)

        batch: list[Change] = []
        size = 0
        for changes in in_order(self._pool, self._concurrency, work, found):
            more = sum(_size(change) for change in changes)
            if batch and size + more > PAGE_BYTES:
                yield tuple(batch), False
                batch, size = [], 0
            batch.extend(changes)
            size += more
        yield tuple(batch), True

    def _change(self, found: Found, stored: Mapping[str, str]) -> tuple[Change, ...]:
        access = found.access()
        if stored.get(found.id) == found.version:
            return (Reacl(found.id, access),)
        try:
            document = found.read(access)
        except (Refused, SourceUnavailable) as error:
            if isinstance(error, SourceUnavailable):
                self._patience.forgive(error)
            failed = Failed(
                found.id,
                f"the body can't be read: HTTP {error.status} {error.reason}".rstrip(),
                f"Open it in {self._source.label} as the account that syncs; it is tried again"
                " at the next crawl.",
            )
            # What is stored of it keeps its old body, but not its old readers. It may be stored
            # without a version to be known by; of a stranger nothing is written.
            return (Reacl(found.id, access), failed)
        self._patience.succeeded()
        return (Upsert(document),)


def _size(change: Change) -> int:
    return len(change.document.content.data or b"") if isinstance(change, Upsert) else 0
