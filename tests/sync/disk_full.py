"""A sync in a process of its own, whose disk is full once as much is read ahead as may be."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from access import AccessControl
from connectors.interface import KnownVersions
from connectors.patience import Patience
from connectors.reading import PAGE_BYTES, Found, Listed, Reading
from corpus import Container, Content, Cursor, Document, Page, Upsert
from tests.sync.bench import Bench
from tests.sync.scripted import SOURCE, Script, ScriptedConnector, Text, user

_BODY = bytes(PAGE_BYTES // 4)


class ReadAhead(ScriptedConnector):
    """Reads bodies as the real connectors do: a few at once, ahead of the page being stored."""

    read = 0

    def changes(
        self, container: Container, since: Cursor | None, known: KnownVersions
    ) -> Iterator[Page]:
        (page,) = super().changes(container, since, known)
        with Reading(SOURCE, 2, Patience(), known, self.clock) as reading:
            yield from reading.pages(
                Listed([_found(self, each.document)], page.cursor, page.cursor)
                for each in page.changes
                if isinstance(each, Upsert)
            )


def _found(connector: ReadAhead, document: Document) -> Found:
    def read(access: AccessControl) -> Document:
        connector.read += 1
        return replace(document, content=Content(_BODY, "text/plain"))

    return Found(document.id, document.version, partial(AccessControl, frozenset()), read)


def run(folder: Path) -> None:
    """Sync, and meet a full disk."""
    script = Script(page_size=100)
    script.share("drive/main", user("ada"))
    for n in range(20):
        script.put(f"d{n:02}", Text(f"Title {n}", b"x"))
    bench = Bench(script, folder)
    connector = bench.connector = ReadAhead(script, bench.clock)

    def step(name: str) -> None:
        if name == "content":
            before = -1
            while connector.read != before:  # the threads go on until they may not
                before = connector.read
                time.sleep(0.3)
            assert before < 20, "some wait"
            raise OSError(28, "No space left on device")

    bench.interfere(step)
    bench.read()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
