"""SharePoint as a `SourceConnector`."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from access import AccessControl, Clause, Source
from connectors.budget import Budget
from connectors.capability import Capability
from connectors.interface import (
    CursorExpired,
    KnownVersions,
    ListingPage,
    SourceUnavailable,
    Throttled,
)
from connectors.patience import Patience
from connectors.position import END, Position
from connectors.reading import Reading
from connectors.retry import Retry
from connectors.sharepoint.capabilities import capabilities
from connectors.sharepoint.client import SharePointClient
from connectors.sharepoint.drives import MOST
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.feed import LOOK, Feed
from connectors.sharepoint.files import Library
from connectors.sharepoint.groups import memberships
from connectors.sharepoint.items import ItemList
from connectors.sharepoint.pages import PageLibrary
from connectors.sharepoint.parts import Part, PartKind, all_told
from connectors.sharepoint.parts import parts as parts_of
from connectors.sharepoint.permissions import Permissions
from connectors.sharepoint.place import CHANGES, CRAWL, SWEEP, Place
from connectors.sharepoint.reader import Entry, PartPage, PartReader, Refusing
from connectors.sharepoint.refusals import MET, Refusals, afresh, meaning
from connectors.sharepoint.settings import SharePointSettings
from connectors.sharepoint.sites import Site, Sites, asked, unreadable
from connectors.sharepoint.tally import Tally
from connectors.sharepoint.tenant import Tenant
from connectors.workers import in_order
from corpus import Container, Cursor, MembershipPage, Page, PermissionPage, Reacl

END_OF_FEED = Position(END).cursor()
_READERS: dict[PartKind, Callable[..., PartReader]] = {
    PartKind.LIBRARY: Library,
    PartKind.PAGES: PageLibrary,
    PartKind.LIST: ItemList,
}


class SharePointConnector:
    """Library files, site pages and list items of SharePoint sites, with who may read them.

    A site is read part by part: each library by its drive's ``delta``, each list and page library
    by REST. Changes are followed part by part too, each with a place of its own in the cursor.
    """

    source = Source.SHAREPOINT

    def __init__(
        self,
        settings: SharePointSettings,
        *,
        budgets: Path | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        """Prepare, without a request.

        Raises:
            NotConfigured: the credentials can't be used.
        """
        self._settings = settings
        self._now = now
        retry = Retry(
            self.source,
            settings.attempts,
            settings.longest_wait,
            sleep,
            budget=Budget.of(
                budgets, self.source, settings.credential, settings.rate, settings.burst
            ),
        )
        self._client = SharePointClient(settings, retry)
        self._tenant = Tenant(
            self._client, everyone_includes_guests=settings.everyone_includes_guests
        )
        self._sites = Sites(self._client, settings)

    def containers(self) -> Iterator[Container]:
        """Every site that the settings admit, subsites as sites of their own."""
        return self._sites.containers()

    def changes(
        self, container: Container, since: Cursor | None, known: KnownVersions
    ) -> Iterator[Page]:
        """What changed after `since`; without it, everything in the site.

        The page that ends a pass asks to compare the parts that were read from their beginning,
        and those in which something went of which SharePoint does not tell what it was (a
        folder's content, a list's item, a whole library): their listing finds it.

        A part that refuses, or answers with server errors alone, is told of after that page; the
        others are read, and compared, without it.

        Raises:
            CursorExpired: this connector, as it is now, did not write `since`.
        """
        place = Place.saved(since, (CRAWL, CHANGES)) or Place(CRAWL)
        site = Site.of(container)
        self._check(site, place)
        # Each has patience of its own: permissions that are read well say nothing of bodies.
        concurrency = self._settings.concurrency
        with Reading(self.source, concurrency, Patience(), known, self._now) as reading:
            try:
                patience = Patience()
                readers = [self._reader(part, patience) for part in parts_of(self._client, site)]
                ask = partial(asked, self._client, site)
                feed = Feed(place, known, self._settings.page_size, ask, self._now)
                yield from reading.pages(feed.pages(readers))
            except SharePointRefused as refused:
                raise unreadable(refused, "a site can't be read") from None

    def permissions(self, container: Container, since: Cursor | None) -> Iterator[PermissionPage]:
        """Who may read each document of the site now, without reading a body."""
        place = Place.saved(since, (SWEEP,)) or Place(SWEEP)
        site = Site.of(container)
        self._check(site, place)
        try:
            with ThreadPoolExecutor(self._settings.concurrency, "sharepoint") as pool:
                yield from self._sweep(site, place, pool)
        except SharePointRefused as refused:
            raise unreadable(refused, "the permissions of a site can't be read") from None

    def listing(
        self, container: Container, parts: Collection[str] | None = None
    ) -> Iterator[ListingPage]:
        """Ids and versions, part by part; one is whole only if everything promised was seen.

        A list says how many items it has, and each folder how many children. Where fewer were
        listed, the part is listed once more; where they are still fewer, nothing is proven of it.
        """
        site = Site.of(container)
        try:
            held = parts_of(self._client, site)
            all_held = all_told(self._client, site, held)
        except MET as error:
            raise meaning(error, "a site can't be listed") from None
        wanted = [part for part in held if parts is None or part.key in parts]
        complete = all_held and len(wanted) == len(held)
        ask = partial(asked, self._client, site)
        refusals = Refusals("a library or list of a site can't be listed", ask)
        for part in wanted:
            try:
                whole = yield from self._listed(part)
            except MET as error:
                refusals.met(part.key, error)
                complete = False
            else:
                refusals.answered()
                complete = complete and whole
        keys = frozenset(part.key for part in held) if all_held else None
        yield ListingPage({}, complete, parts=keys, refused=refusals.error)

    def memberships(self) -> Iterator[MembershipPage]:
        """Entra's groups, Microsoft 365 groups with their owners, and the groups of each site."""
        sites = (Site.of(each) for each in self.containers())
        yield from memberships(self._client, self._tenant, sites)

    def capabilities(self) -> Iterator[Capability]:
        """What a sync needs to do, each tried on the first site that is found."""
        return capabilities(self._client, self._sites, self._settings)

    def _listed(self, part: Part) -> Generator[ListingPage, None, bool]:
        """A part's pages; gives whether they proved complete."""
        for again in (True, False):
            tally = Tally()
            try:
                for page in self._reader(part, Patience()).whole("", MOST):
                    tally.add(page)
                    versions = {each.id: each.version for each in page.entries}
                    yield ListingPage(versions, False, part.key)
            except CursorExpired:
                if not again:
                    raise
                continue
            if tally.complete:
                yield ListingPage({}, False, part.key, whole=True)
                return True
        return False

    def _sweep(
        self, site: Site, place: Place, pool: ThreadPoolExecutor
    ) -> Iterator[PermissionPage]:
        """Every part; one that refuses does not stop the others, and is reported at the end.

        The next sweep begins afresh even so, also where the server counts as down: were the places
        of the other parts kept, they would not be looked at again for as long as some refuse. One
        that is throttled, or killed, goes on where it was: that passes.
        """
        patience = Patience()
        ask = partial(asked, self._client, site)
        refusals = Refusals("the permissions in a library or list of a site can't be read", ask)
        for part in parts_of(self._client, site):
            if part.key in place.marks:
                continue
            reader = self._reader(part, patience)
            link = place.link if place.part == part.key else ""
            began = self._now()
            try:
                for page in afresh(partial(reader.whole, page_size=MOST), link):
                    if page.next is None:
                        place = place.after(part.key, "")
                    else:
                        place = place.at(part.key, page.next)
                    found = in_order(pool, len(page.entries) or 1, _access, page.entries)
                    yield _permission_page(part, page, list(found), place.cursor())
                    if self._now() - began > LOOK:
                        reader.begin()
                        began = self._now()
            except MET as error:
                try:
                    refusals.met(part.key, error)
                except Throttled:
                    raise
                except SourceUnavailable:
                    yield PermissionPage((), (), END_OF_FEED)
                    raise
                # Whom its own permissions admit may be told even so: who lost them is not to stay.
                with suppress(SourceUnavailable):
                    yield PermissionPage(tuple(reader.top().clauses), (), place.cursor())
            else:
                refusals.answered()
        yield PermissionPage((), (), END_OF_FEED)
        refusals.told()

    def _reader(self, part: Part, patience: Patience) -> PartReader:
        def look() -> Permissions:
            return Permissions(self._client, self._tenant, part.site, patience, self._now)

        if part.refused is not None:
            return Refusing(part, part.refused, look)
        return _READERS[part.kind](self._client, part, look, self._settings)

    def _check(self, site: Site, place: Place) -> None:
        """A saved address must lead where it led.

        Raises:
            CursorExpired: it does not: another server is configured.
        """
        links = [place.link, place.mark, *place.marks.values()]
        if not all(self._client.knows(site.host, link) for link in links if link):
            raise CursorExpired(
                self.source, "the saved place is on another server", "Reconcile from the start."
            )


def _access(entry: Entry) -> AccessControl:
    return entry.access()


def _permission_page(
    part: Part, page: PartPage, found: list[AccessControl], cursor: Cursor
) -> PermissionPage:
    clauses: set[Clause] = {clause for access in found for clause in access.clauses}
    changes = zip(page.entries, found, strict=True)
    return PermissionPage(
        tuple(sorted(clauses, key=lambda clause: clause.key)),
        tuple(Reacl(entry.id, access, part.key) for entry, access in changes),
        cursor,
    )
