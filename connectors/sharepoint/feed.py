"""One pass over a site's content: parts read whole, and parts followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.interface import ConnectorError, CursorExpired, KnownVersions, SourceUnavailable
from connectors.reading import Found, Listed
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.place import CHANGES, CRAWL, Place
from connectors.sharepoint.reader import Entry, PartPage, PartReader
from corpus import Delete

LOOK = timedelta(minutes=10)
"""How old a look at permissions may grow while a long list is read."""


class Feed:
    """Reads a site from a place on; `place` is where it has come to."""

    def __init__(
        self,
        place: Place,
        known: KnownVersions,
        page_size: int,
        now: Callable[[], datetime],
    ):
        """Prepare, without a request."""
        self.place = place
        self._known = known
        self._page_size = page_size
        self._now = now

    def pages(self, readers: Iterable[PartReader]) -> Iterator[Listed]:
        """The changes of a site.

        A part that refuses does not stop the others. It is reported when they are read, and no
        place is told after it, so that it is tried again.

        Args:
            readers: of each part that the site has now, in an order that stays.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: some part does.
        """
        readers = list(readers)
        there = {reader.part.key for reader in readers}
        if not self.place.marks.keys() <= there:
            # A library or list is gone, with all that was in it.
            self.place = replace(self.place.within(there), compare=True)
        if self.place.link and self.place.part not in there:
            # The same, while it was being read.
            self.place = replace(self.place.at("", ""), compare=True)
        refused: SharePointRefused | None = None
        for reader in readers:
            read = self._since if reader.part.key in self.place.marks else self._whole
            try:
                yield from read(reader)
            except SharePointRefused as error:
                refused = refused or error
        if refused is not None:
            raise refused
        whole = self.place.phase == CRAWL or self.place.compare
        self.place = replace(self.place, phase=CHANGES, compare=False)
        end = self.place.cursor()
        yield Listed((), end, end, whole=whole)

    def _whole(self, reader: PartReader) -> Iterator[Listed]:
        """Everything in a part."""
        key = reader.part.key
        if self.place.part != key or self.place.rules.get(key) != reader.part.rules:
            # A reading of another, or by other rules, that was left tells nothing of what went
            # meanwhile.
            compare = self.place.compare or bool(self.place.link)
            place = self.place.at(key, "", reader.mark()).ruled(key, reader.part.rules)
            self.place = replace(place, compare=compare)
        began = self._now()
        for page in self._listed(reader):
            here = self.place.cursor()
            if page.next is not None:
                self.place = self.place.at(key, page.next, self.place.mark)
            else:
                self.place = self.place.after(key, page.mark or self.place.mark)
            yield Listed(_found(page.entries), here, self.place.cursor())
            if self._now() - began > LOOK:
                reader.begin()
                began = self._now()

    def _listed(self, reader: PartReader) -> Iterator[PartPage]:
        try:
            yield from reader.whole(self.place.link, self._page_size)
        except (CursorExpired, SharePointRefused) as error:
            if not self.place.link or not _forgotten(error):
                raise
            # The listing was interrupted for too long: begin it again. What was stored of it and
            # went meanwhile, no place tells of.
            self.place = replace(self.place.at(reader.part.key, "", reader.mark()), compare=True)
            yield from reader.whole("", self._page_size)

    def _since(self, reader: PartReader) -> Iterator[Listed]:
        """What happened in a part."""
        key = reader.part.key
        if self.place.rules.get(key) != reader.part.rules:
            # Its change log tells nothing of these.
            here = self.place.cursor()
            for entries in reader.everything():
                yield Listed(_found(entries), here, here)
            self.place = self.place.ruled(key, reader.part.rules)
            yield Listed((), here, self.place.cursor())
        pages = reader.since(self.place.marks[key], self.place.tops.get(key, ""))
        while True:
            try:
                happened = next(pages, None)
            except (CursorExpired, SourceUnavailable, SharePointRefused) as error:
                # It is too long ago, or too much has changed for one answer (504): read the
                # part anew, and let the listing tell what went meanwhile.
                if not _forgotten(error) and error.status != 504:
                    raise
                marks = {part: mark for part, mark in self.place.marks.items() if part != key}
                self.place = replace(self.place, marks=marks, compare=True)
                yield from self._whole(reader)
                return
            if happened is None:
                return
            here = self.place.cursor()
            stored = self._known(sorted(happened.gone)) if happened.gone else {}
            if happened.lost or not happened.gone <= stored.keys():
                # What is stored under no such id may have been a folder, with all below it.
                self.place = replace(self.place, compare=True)
            if happened.beneath is not None:
                for entries in happened.beneath():
                    yield Listed(_found(entries), here, here)
            # Only now: were the listing refused, the folder would never be told of again.
            self.place = self.place.followed(key, happened.mark, happened.top)
            gone = tuple(Delete(id) for id in sorted(stored))
            if gone or happened.clauses or happened.entries:
                found, after = _found(happened.entries), self.place.cursor()
                yield Listed(found, here, after, first=gone, clauses=happened.clauses)


def _forgotten(error: ConnectorError | SharePointRefused) -> bool:
    """Whether a place leads nowhere any more: 410, or 400 for one that can't even be read."""
    return isinstance(error, CursorExpired) or error.status == 400


def _found(entries: Iterable[Entry]) -> list[Found]:
    return [Found(each.id, each.version, each.access, each.read) for each in entries]
