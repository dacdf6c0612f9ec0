"""From a source's groups, and the directory file's, into the catalog."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime

from access import Clock, IdentityLink, Source, utc_now
from catalog import memberships, people
from catalog.database import Catalog
from connectors.directory import Directory
from connectors.interface import SourceConnector
from corpus import MembershipPage
from sync.asking import asking
from sync.directory import DIRECTORY
from sync.report import MembershipsReport


def sync_memberships(
    catalog: Catalog,
    connector: SourceConnector,
    directory: Directory | None,
    clock: Clock = utc_now,
    read_at: datetime | None = None,
) -> MembershipsReport:
    """Read the members of every group of a source, from its API and the directory file.

    A group that a feed no longer mentions, once that feed was read to its end, is emptied.

    Args:
        catalog: where groups and their members go.
        connector: the source.
        directory: what the directory file said; None where there is none.
        clock: tells the time.
        read_at: the time before the directory file was read; now when not given.

    Raises:
        ConnectorError: the source could not be read to its end; the pages read are kept.
    """
    began = time.monotonic()
    source = connector.source
    pages = [] if directory is None else [directory.memberships(source)]
    listed = _read(catalog, source, DIRECTORY, pages, clock, read_at)
    told = _read(catalog, source, source.value, connector.memberships(), clock)
    groups, unknown, members = (a + b for a, b in zip(listed, told, strict=True))
    return MembershipsReport(groups, unknown, members, time.monotonic() - began)


def _read(
    catalog: Catalog,
    source: Source,
    feed: str,
    pages: Iterable[MembershipPage],
    clock: Clock,
    read_at: datetime | None = None,
) -> tuple[int, int, int]:
    groups = unknown = members = 0
    links: list[IdentityLink] = []
    start = last = read_at or clock()
    with closing(asking(pages, clock)) as told:
        for page, asked in told:
            last = read_at or asked
            with catalog.writing() as connection:
                memberships.store(connection, page, feed, last, clock)
            links.extend(page.links)
            groups += len(page.groups)
            unknown += sum(each is None for each in page.groups.values())
            members += sum(len(each or ()) for each in page.groups.values())
    with catalog.writing() as connection:
        memberships.finish(connection, source, feed, start, last, clock)
        if feed != DIRECTORY:  # the file's links are written with its people
            people.replace_links(connection, links, feed, start, clock)
    return groups, unknown, members
