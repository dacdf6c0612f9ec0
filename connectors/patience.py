"""One document that a source can't serve, told apart from a source that serves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock

from connectors.interface import SourceUnavailable
from connectors.refused import Refused

ENOUGH = 5
Request = Callable[[], object]
"""A request of the kind that is counted; it returns only if the source served it."""


class Patience:
    """Forgives server errors on single documents, and after `ENOUGH` in a row asks for proof.

    The proof is a request of the same kind that the source answers: the last one that went well
    is made again, then others. If one is answered the documents are broken and the source is
    not; if none is, the source is down.

    One counts requests of one kind: what answers well must not excuse what never does.
    Throttling and lost connections concern the whole source and are never forgiven.
    """

    def __init__(self) -> None:
        """Begin patient."""
        self._lock = Lock()
        self._proving = Lock()
        self._row = 0
        self._good: Request | None = None

    def succeeded(self, again: Request | None = None) -> None:
        """A request was answered; `again` makes it once more, should proof be needed."""
        with self._lock:
            self._row = 0
            self._good = again or self._good

    def forgive(self, error: SourceUnavailable, others: Iterable[Request] = ()) -> None:
        """Return if the error is about one document alone.

        Args:
            error: what a document's request met.
            others: requests for other documents, to be tried in their order if none went well.

        Raises:
            SourceUnavailable: it is about the source.
        """
        if error.status is None or error.status < 500:
            raise error
        with self._lock:
            self._row += 1
            if self._row < ENOUGH:
                return
        with self._proving:
            with self._lock:
                if self._row < ENOUGH:  # another thread has the proof
                    return
                good = self._good
            for request in (*((good,) if good else ()), *others):
                try:
                    request()
                except (SourceUnavailable, Refused):
                    continue
                self.succeeded(request)
                return
        raise error
