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
from connectors.sharepoint.refusals import MET, Refusals, afresh
from corpus import Cursor, Delete

LOOK = timedelta(minutes=10)
"""How old a look at permissions may grow while a long list is read."""


class Feed:
    """Reads a site from a place on; `place` is where it has come to."""

    def __init__(
        self,
        place: Place,
        known: KnownVersions,
        page_size: int,
        ask: Callable[[], object],
        now: Callable[[], datetime],
    ):
        """Prepare, without a request; `ask` as for `Refusals`."""
        self.place = place
        self._ask = ask
        self._known = known
        self._page_size = page_size
        self._now = now

    def pages(self, readers: Iterable[PartReader]) -> Iterator[Listed]:
        """The changes of a site; the last page says which parts are to be compared.

        A part that refuses does not stop the others. Its own place stays where it was, so that it
        is tried again, and what is doubted of it is not compared before it answers. It is
        reported when the others are read.

        Args:
            readers: of each part that the site has now, in an order that stays.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable, or some part does.
        """
        readers = list(readers)
        there = {reader.part.key for reader in readers}
        self.place = self.place.among(there)
        if self.place.phase == CRAWL:
            # What is stored may be of any age, and of parts that are gone since.
            self.place = self.place.doubting("")
        refusals = Refusals("a library or list of a site can't be read", self._ask)
        for reader in readers:
            key = reader.part.key
            followed = key in self.place.marks
            try:
                yield from (self._since if followed else self._whole)(reader)
            except MET as error:
                try:
                    refusals.met(key, error)
                except SourceUnavailable:
                    # How far the parts before it were followed is not to be found out again.
                    here = self.place.cursor()
                    yield Listed((), here, here)
                    raise
                if key not in self.place.marks:
                    # What is stored of it may be too old for a change log to tell what went.
                    self.place = self.place.doubting(key)
            else:
                refusals.answered()
        self.place = replace(self.place, phase=CHANGES)
        end = self.place.cursor()
        yield Listed((), end, end, compare=self.place.doubted - refusals.parts)
        refusals.told()

    def _whole(self, reader: PartReader) -> Iterator[Listed]:
        """Everything in a part."""
        key = reader.part.key
        if self.place.part != key or self.place.rules.get(key) != reader.part.rules:
            # A reading of another, or by other rules, that was left tells nothing of what went
            # meanwhile.
            if self.place.link:
                self.place = self.place.doubting(self.place.part)
            self.place = self.place.at(key, "", reader.mark()).ruled(key, reader.part.rules)
        began = self._now()
        for page in self._listed(reader):
            here = self.place.cursor()
            if page.next is not None:
                self.place = self.place.at(key, page.next, self.place.mark)
            else:
                self.place = self.place.after(key, page.mark or self.place.mark)
                if self.place.phase == CRAWL:
                    self.place = self.place.doubting(key)
            yield Listed(_found(reader, page.entries), here, self.place.cursor())
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
            key = reader.part.key
            self.place = self.place.doubting(key).at(key, "", reader.mark())
            yield from reader.whole("", self._page_size)

    def _since(self, reader: PartReader) -> Iterator[Listed]:
        """What happened in a part."""
        key = reader.part.key
        if self.place.rules.get(key) != reader.part.rules:
            # Its change log tells nothing of these. Until all is looked at no rules hold for all of
            # it: the old ones may come back before that.
            self.place = self.place.ruled(key, "")
            here = self.place.cursor()
            yield from self._looked(reader, reader.everything, here)
            self.place = self.place.ruled(key, reader.part.rules)
            yield Listed((), here, self.place.cursor())
        pages = reader.since(self.place.marks[key], self.place.tops.get(key, ""))
        while True:
            asked = self._now()
            try:
                happened = next(pages, None)
            except (CursorExpired, SourceUnavailable, SharePointRefused) as error:
                # It is too long ago, or too much has changed for one answer (504): read the
                # part anew, and let the listing tell what went meanwhile.
                if not _forgotten(error) and error.status != 504:
                    raise
                self.place = self.place.forgetting(key)
                yield from self._whole(reader)
                return
            if happened is None:
                return
            here = self.place.cursor()
            stored = self._known(sorted(happened.gone)) if happened.gone else {}
            if happened.lost or not happened.gone <= stored.keys():
                # What is stored under no such id may have been a folder, with all below it.
                self.place = self.place.doubting(key)
            if happened.beneath is not None:
                yield from self._looked(reader, happened.beneath, here)
            # Only now: were the listing refused, the folder would never be told of again.
            self.place = self.place.followed(key, happened.mark, happened.top)
            gone = tuple(Delete(id) for id in sorted(stored))
            if gone or happened.clauses or happened.entries:
                found, after = _found(reader, happened.entries), self.place.cursor()
                yield Listed(found, here, after, first=gone, clauses=happened.clauses, asked=asked)

    def _looked(
        self,
        reader: PartReader,
        read: Callable[[], Iterator[tuple[Entry, ...]]],
        here: Cursor,
    ) -> Iterator[Listed]:
        """Documents that a part lists to be looked at anew; the place is not moved by them.

        All are as old as the listing: any of them may have waited in it for its folder.
        """
        asked = self._now()
        for entries in afresh(lambda _: read()):
            yield Listed(_found(reader, entries), here, here, asked=asked)


def _forgotten(error: ConnectorError | SharePointRefused) -> bool:
    """Whether a place leads nowhere any more: 410, or 400 for one that can't even be read."""
    return isinstance(error, CursorExpired) or error.status == 400


def _found(reader: PartReader, entries: Iterable[Entry]) -> list[Found]:
    key = reader.part.key
    return [Found(each.id, each.version, each.access, each.read, key) for each in entries]
