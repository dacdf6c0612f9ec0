"""Asking SharePoint for people with the object ids of their accounts.

A sign-in name can be given to somebody else, and SharePoint goes on to know the old account by it.
``AadObjectId`` of ``SP.User`` (learn.microsoft.com, Microsoft.SharePoint.Client.User) says which
account is meant, to who asks for it. Where a site refuses such a question, people are known by
what the directory says of their names.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.sharepoint.client import Json, SharePointClient
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.sites import Site

_FIELD = "AadObjectId"


class ObjectIds:
    """Asks for rows that hold people, and remembers which sites tell no object ids."""

    def __init__(self, client: SharePointClient):
        """Begin with every site asked for them."""
        self._client = client
        self._silent: set[str] = set()

    def pages(self, site: Site, path: str, people: str, options: str) -> Iterator[list[Json]]:
        """A collection of the site's REST, page by page.

        Args:
            site: whose REST.
            path: such as ``web/siteusers``.
            people: what to expand, separated by commas, the property that holds people first;
                empty where the rows themselves are people.
            options: more of the query, such as ``$top=500``.

        Raises:
            SourceUnavailable: a page came back a second time.
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the collection asked for is.
        """
        within = people.partition(",")[0]
        field = f"{within}/{_FIELD}" if within else _FIELD
        told = f"$expand={people}&" if people else ""
        plain = site.api(f"{path}?{told}{options}")
        if site.web in self._silent:
            yield from self._client.rest_pages(site.host, plain)
            return
        expand = f"{people},{field}" if people else field
        pages = self._client.rest_pages(site.host, site.api(f"{path}?$expand={expand}&{options}"))
        try:
            first = next(pages)
        except SharePointRefused as refused:
            if refused.status != 400:
                raise
            pages = self._client.rest_pages(site.host, plain)
            first = next(pages)  # if this is refused too, it was not for the field
            self._silent.add(site.web)
        yield first
        yield from pages
