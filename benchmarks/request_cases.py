"""What a source is asked and how much it answers, case by case, with a catalog's memory."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from connectors.interface import ListingPage
from corpus import Container, Cursor, Page, Reacl, Upsert

Found = dict[str, Any]
"""Figures by name."""


class Meter:
    """Requests and bytes of answers, by kind."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.inner: Counter[str] = Counter()
        """Requests that came within others, as the parts of a batch; their bytes are those of
        the batch."""

    def note(self, kind: str, answer: bytes) -> None:
        self.requests[kind] += 1
        self.bytes[kind] += len(answer)

    @property
    def figures(self) -> Found:
        """All of it, for JSON."""
        return {
            "requests": self.requests.total(),
            "by_kind": dict(self.requests),
            "bytes": self.bytes.total(),
            "bytes_by_kind": dict(self.bytes),
            "within_batches": self.inner.total(),
        }


class Cases:
    """Runs case after case with one connector, and keeps what each cost in `found`.

    It remembers versions and the place in the feed as a catalog would, so that bodies count as
    stored already: what is left is the cost of knowing what changed and who may read it.
    """

    def __init__(
        self,
        connector: Any,
        container: Container,
        metered: Callable[[], AbstractContextManager[Meter]],
    ):
        self.found: Found = {}
        self._connector = connector
        self._container = container
        self._metered = metered
        self._versions: dict[str, str] = {}
        self._since: Cursor | None = None

    def listed(self, name: str = "listing") -> None:
        """The listing that a comparison needs. It comes first: it tells what is stored."""
        pages = list(self.run(name, self._connector.listing(self._container)))
        assert any(page.complete for page in pages)

    def synced(self, name: str) -> None:
        """One pass over the changes since the last."""
        feed = self._connector.changes(self._container, self._since, self._stored)
        last: Page = self.run(name, feed)[-1]
        # What it asks to compare was compared: that costs what a listing does.
        self._since = replace(last.cursor, doubted=last.cursor.doubted - last.compare)
        self.found[name]["parts_to_compare"] = len(last.compare)

    def swept(self, name: str) -> None:
        """Who may read each document, asked anew."""
        self.run(name, self._connector.permissions(self._container, None))

    def run(self, name: str, pages: Iterable[Any]) -> list[Any]:
        """Read all `pages` and keep what that cost under `name`."""
        began = time.monotonic()
        kept, bodies, documents = [], 0, 0
        with self._metered() as meter:
            for page in pages:
                kept.append(page)
                if isinstance(page, ListingPage):
                    self._versions.update(page.versions)
                    documents += len(page.versions)
                    continue
                for change in getattr(page, "changes", ()):
                    documents += isinstance(change, Upsert | Reacl)
                    if isinstance(change, Upsert):
                        bodies += 1
                        self._versions[change.document.id] = change.document.version
        seconds = round(time.monotonic() - began, 1)
        told = {"bodies": bodies, "documents": documents, "seconds": seconds}
        self.found[name] = meter.figures | told
        by_kind = ", ".join(f"{kind} {n:,}" for kind, n in meter.requests.most_common())
        inner = f" ({meter.inner.total():,} in batches)" if meter.inner else ""
        print(
            f"{name:<32}{meter.requests.total():>7,} requests"
            f"{meter.bytes.total():>13,} bytes  {by_kind}{inner}",
            flush=True,
        )
        return kept

    def _stored(self, ids: Sequence[str]) -> Mapping[str, str]:
        return {id: self._versions[id] for id in ids if id in self._versions}
