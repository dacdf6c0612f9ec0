"""SharePoint's own groups, those of sharing links with them, and a collection's administrators."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import chain

from access import Principal, Source
from connectors.sharepoint.client import Json, SharePointClient
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.principals import Principals, administrators, site_group
from connectors.sharepoint.sites import Site
from corpus import MembershipPage

_LOG = logging.getLogger(__name__)
_SOURCE = Source.SHAREPOINT
_Groups = dict[Principal, frozenset[Principal] | None]


def site_groups(
    client: SharePointClient, site: Site, principals: Principals
) -> Iterator[MembershipPage]:
    """The groups of the collection that `site` is in, each with its members.

    Groups of a collection that may not be read are left out, and so lose their members.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
    """
    yield MembershipPage(_SOURCE, _administrators(client, site, principals))
    url = site.api("web/sitegroups?$expand=Users&$top=500")
    try:
        for rows in client.rest_pages(site.host, url):
            yield MembershipPage(_SOURCE, _read(client, site, rows, principals))
    except (SharePointRefused, KeyError, TypeError, ValueError) as error:
        status = getattr(error, "status", "no sense in the answer")
        _LOG.warning("sharepoint: the groups of site %s can't be read: %s", site.web, status)


def _administrators(client: SharePointClient, site: Site, principals: Principals) -> _Groups:
    name = administrators(site.collection)
    url = site.api("web/siteusers?$filter=IsSiteAdmin%20eq%20true&$top=500")
    try:
        rows = list(chain.from_iterable(client.rest_pages(site.host, url)))
        return {name: frozenset(principals.of(rows))}
    except (SharePointRefused, ValueError):
        return {name: None}


def _read(
    client: SharePointClient, site: Site, rows: list[Json], principals: Principals
) -> _Groups:
    found: _Groups = {}
    for row in rows:
        number = int(row["Id"])
        try:
            users = _users(client, site, row, number)
            members = frozenset(principals.of(users))
        except (SharePointRefused, ValueError):
            members = None
        found[site_group(site.collection, number)] = members
    return found


def _users(client: SharePointClient, site: Site, row: Json, number: int) -> list[Json]:
    """The members that came with a group, or, where those are not all, all of them."""
    users = row.get("Users")
    if isinstance(users, list) and "Users@odata.nextLink" not in row:
        return users
    url = site.api(f"web/sitegroups({number})/users?$top=500")
    return list(chain.from_iterable(client.rest_pages(site.host, url)))
