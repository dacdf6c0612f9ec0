"""One document that a source can't serve, told apart from a source that serves nothing."""

from __future__ import annotations

from threading import Lock

from connectors.interface import SourceUnavailable

ENOUGH = 5


class Patience:
    """Forgives server errors on single documents, but not `ENOUGH` in a row.

    One counts requests of one kind: what answers well must not excuse what never does.
    Throttling and lost connections concern the whole source and are never forgiven.
    """

    def __init__(self) -> None:
        """Begin patient."""
        self._lock = Lock()
        self._row = 0

    def succeeded(self) -> None:
        """A request was answered."""
        with self._lock:
            self._row = 0

    def forgive(self, error: SourceUnavailable) -> None:
        """Return if the error may be about one document alone.

        Raises:
            SourceUnavailable: it is about the source.
        """
        with self._lock:
            self._row += 1
            row = self._row
        if error.status is None or error.status < 500 or row >= ENOUGH:
            raise error
