"""Sites: the containers of SharePoint."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from access import Source
from connectors.interface import ConnectorError, MissingScope, SourceUnavailable
from connectors.sharepoint.client import Answer, Json, Request, SharePointClient
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.settings import SharePointSettings
from corpus import Container

_LOG = logging.getLogger(__name__)
_SOURCE = Source.SHAREPOINT


@dataclass(frozen=True, slots=True)
class Site:
    """One site (a *web*), subsites being sites of their own."""

    id: str
    """As Graph spells it: host, site collection's GUID and web's GUID, with commas."""
    url: str
    """Its address."""

    @classmethod
    def of(cls, container: Container) -> Site:
        """The site that a container is."""
        return cls(container.id, container.url)

    @property
    def host(self) -> str:
        """The SharePoint host, to which REST tokens are made out."""
        return self.id.split(",")[0]

    @property
    def collection(self) -> str:
        """The site collection's GUID: SharePoint groups are known in all of it, and no further."""
        return self.id.split(",")[1]

    @property
    def web(self) -> str:
        """The web's own GUID."""
        return self.id.split(",")[2]

    def api(self, path: str) -> str:
        """The address of something in the site's REST, such as ``web/lists``."""
        return f"{self.url.rstrip('/')}/_api/{path}"


class Sites:
    """The sites that the settings admit."""

    def __init__(self, client: SharePointClient, settings: SharePointSettings):
        """Prepare, without a request."""
        self._client = client
        self._settings = settings

    def containers(self) -> Iterator[Container]:
        """Each site once, subsites after the site that they are in.

        What is below an excluded site is excluded with it.

        Raises:
            MissingScope: the application may not list sites.
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        named = self._settings.sites
        found = self._all() if named is None else self._named(named)
        seen: set[str] = set()
        shut = _Shut(self._settings.exclude_sites)
        for page in found:
            for row in self._with_subsites(page, shut):
                id = str(row["id"])
                if id not in seen and self._admits(row):
                    seen.add(id)
                    name = str(row.get("displayName") or row.get("name") or row.get("webUrl"))
                    yield Container(_SOURCE, id, name, str(row.get("webUrl") or ""))
        for place in shut.unmet():
            _LOG.warning(
                "sharepoint: the site in place %d of SHAREPOINT_EXCLUDE_SITES is none of those that"
                " were found: misspelt, deleted, or never read.",
                place,
            )

    def _all(self) -> Iterator[list[Json]]:
        builder = self._client.graph.sites.get_all_sites
        try:
            for page in self._client.pages(builder.to_get_request_information):
                yield list(page.value)
        except SharePointRefused as refused:
            raise unreadable(refused, "sites can't be listed") from None

    def _named(self, names: tuple[str, ...]) -> Iterator[list[Json]]:
        """Those of the settings; one that is gone or out of reach does not stop the others."""
        failure: ConnectorError | None = None
        read = 0
        for place, name in enumerate(names, 1):
            builder = self._client.graph.sites.by_site_id(_address(name))
            try:
                row = self._client.told(builder.to_get_request_information)
            except SharePointRefused as refused:
                failure = unreadable(refused, f"the site in place {place} can't be read")
                _LOG.warning(
                    "sharepoint: the site in place %d of SHAREPOINT_SITES can't be read: misspelt,"
                    " deleted, or out of the application's reach (%s).",
                    place,
                    refused.reason,
                )
                continue
            read += 1
            yield [row]
        if failure is not None and not read:
            raise failure

    def _with_subsites(self, rows: list[Json], shut: _Shut) -> Iterator[Json]:
        """These sites, and what is below them, a level at a time."""
        rows = [row for row in rows if not shut.excludes(row)]
        yield from rows
        while rows and (self._settings.subsites or self._settings.sites is None):
            below: list[Json] = []
            requests = [self._subsites(str(row["id"])) for row in rows]
            for request, answer in zip(requests, self._client.batch(requests), strict=True):
                try:
                    below += self._below(request, answer)
                except SharePointRefused as refused:
                    failure = unreadable(refused, "the subsites of a site can't be listed")
                    if refused.lacks_scope:
                        raise failure from None
                    # Locked, or gone by now: no reason to stop at all the others.
                    _LOG.warning("%s", failure)
            rows = [row for row in below if not shut.excludes(row)]
            yield from rows

    def _below(self, request: Request, answer: Answer) -> list[Json]:
        if isinstance(answer, Exception):
            raise answer
        below = list(answer.get("value") or [])
        if link := answer.get("@odata.nextLink"):
            for page in self._client.pages(request, str(link)):
                below += page.value
        return below

    def _subsites(self, site: str) -> Request:
        return self._client.graph.sites.by_site_id(site).sites.to_get_request_information

    def _admits(self, row: Json) -> bool:
        return row.get("isPersonalSite") is not True or self._settings.onedrive


class _Shut:
    """The sites that the settings exclude, and what is below them."""

    def __init__(self, names: tuple[str, ...]):
        self._places = {_folded(name): place for place, name in enumerate(names, 1)}
        self._met: set[str] = set()
        self._above: set[tuple[str, str]] = set()

    def excludes(self, row: Json) -> bool:
        """Whether a site is one of them, or below one; those above come first where by id."""
        id, url = _folded(str(row["id"])), _folded(_url(row))
        collection = [*id.split(","), ""][1]
        met = self._places.keys() & {id, url}
        self._met |= met
        if met:
            self._above.add((collection, url))
            return True
        # An address that a slash and more may follow, but for that of the host itself: not all
        # that has a longer one is a subsite of the site at the root.
        at = url
        while at.count("/") > 3:
            at = at.rpartition("/")[0]
            self._met |= self._places.keys() & {at}
            if at in self._met or (collection, at) in self._above:
                return True
        return (collection, at.rpartition("/")[0]) in self._above

    def unmet(self) -> list[int]:
        """The places in the setting of those that no site was."""
        return sorted(place for name, place in self._places.items() if name not in self._met)


def asked(client: SharePointClient, site: Site) -> None:
    """Ask for a site itself: what a server that works can answer, whatever the site holds.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
        SharePointRefused: the site does.
    """
    client.told(client.graph.sites.by_site_id(site.id).to_get_request_information)


def unreadable(refused: SharePointRefused, what: str) -> ConnectorError:
    """What it means that a site, or all of them, refuse.

    Args:
        refused: the answer.
        what: what can't be done, without names.
    """
    if refused.lacks_scope:
        return MissingScope(
            _SOURCE,
            f"{what} ({refused.reason})",
            "Give the application Sites.FullControl.All of Microsoft Graph and of SharePoint, and"
            " let an administrator consent to them; see docs/sources/sharepoint.md.",
            refused.status,
        )
    return SourceUnavailable(
        _SOURCE,
        f"{what} ({refused.reason})",
        "Check that the site is still there, and that the application may read it.",
        refused.status,
    )


def _address(name: str) -> str:
    """A site's id, or its address, as Graph takes it."""
    if "//" not in name:
        return name
    at = urlsplit(name)
    path = quote(at.path.rstrip("/"), safe="/%")
    return f"{at.hostname}:{path}" if path else str(at.hostname)


def _url(row: dict[str, Any]) -> str:
    return str(row.get("webUrl") or "")


def _folded(name: str) -> str:
    return unquote(name).rstrip("/").lower()
