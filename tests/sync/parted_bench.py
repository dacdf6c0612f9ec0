"""One catalog that follows a source whose containers are listed in parts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from sqlalchemy import select

from catalog import checkpoints, containers, deletions
from catalog.checkpoints import Feed
from catalog.content import ContentStore
from catalog.database import Catalog
from catalog.tables import document, part
from connectors.interface import ConnectorError
from sync.documents import sync_documents
from sync.permissions import sync_permissions
from sync.reconcile import DeletionGuard, Reconciliation, reconcile
from sync.report import DocumentsReport
from tests.sync.empty_catalog import put_empty_catalog
from tests.sync.parted import BOX, SOURCE, PartedConnector, Site
from tests.sync.scripted import Ticking


class Installation:
    """One catalog that follows one site."""

    def __init__(self, site: Site, catalog: Catalog, folder: Path):
        self.site = site
        self.catalog = catalog
        self.content = ContentStore(str(folder / "content"))
        self.clock = Ticking()
        self.connector = PartedConnector(site, self.clock)
        self.guard = DeletionGuard(1.0)
        self.untold: set[str] = set()
        """Parts that lost something and have not been read since."""

    def sync(self) -> int | None:
        """The status that it failed with; None where it did not."""
        try:
            report = self.report()
        except ConnectorError as error:
            return error.status
        return None if report.refused is None else report.refused.status

    def report(self) -> DocumentsReport:
        """What a sync told; raises what it failed with as a whole."""
        return sync_documents(
            self.catalog, self.content, self.connector, BOX, self.clock, self.guard
        )

    def sweep(self) -> None:
        sync_permissions(self.catalog, self.connector, BOX, self.clock)

    def reconcile(self) -> Reconciliation:
        return reconcile(self.catalog, self.connector, BOX, self.guard, self.clock)

    def stored(self) -> dict[str, str | None]:
        """The part of each document that is not removed."""
        with self.catalog.reading() as connection:
            rows = connection.execute(
                select(document.c.native_id, part.c.name)
                .outerjoin(part, part.c.id == document.c.part_id)
                .where(document.c.removed_at.is_(None))
            )
            return {row.native_id: row.name for row in rows}

    def doubted(self) -> frozenset[str]:
        with self.catalog.reading() as connection:
            cursor = checkpoints.load(connection, SOURCE, BOX.id, Feed.CONTENT)
        assert cursor is not None
        return cursor.doubted

    def number(self) -> int:
        with self.catalog.reading() as connection:
            return containers.number(connection, SOURCE, BOX.id)

    def held(self) -> list[str]:
        with self.catalog.reading() as connection:
            return deletions.held_documents(connection, self.number())


def site_of(**held: int) -> Site:
    """Parts by name, with so many documents each."""
    site = Site()
    for key, count in held.items():
        site.parts[key] = {}
        for n in range(count):
            site.put(key, f"{key}{n}")
    return site


@contextmanager
def installed(**held: int) -> Iterator[Installation]:
    """An installation of its own that has synced nothing yet; parts as for `site_of`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Catalog.open(f"sqlite:///{put_empty_catalog(folder)}") as catalog:
            yield Installation(site_of(**held), catalog, folder)


HISTORIES = settings(
    deadline=None,
    max_examples=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
"""For whole histories, without looking for a shorter one."""
