"""SharePoint's own groups, those of sharing links with them, and a collection's administrators."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from itertools import chain

from access import Principal, Source
from connectors.interface import SourceUnavailable
from connectors.patience import Patience
from connectors.sharepoint.client import Json, SharePointClient
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.object_ids import ObjectIds
from connectors.sharepoint.principals import Principals, administrators, site_group
from connectors.sharepoint.sites import Site
from corpus import MembershipPage

_LOG = logging.getLogger(__name__)
_SOURCE = Source.SHAREPOINT
_Groups = dict[Principal, frozenset[Principal] | None]


def site_groups(
    client: SharePointClient,
    site: Site,
    principals: Principals,
    object_ids: ObjectIds,
    patience: Patience,
) -> Iterator[MembershipPage]:
    """The groups of the collection that `site` is in, each with its members.

    Groups of a collection that can't be read are left out, and so lose their members.

    Args:
        client: asks SharePoint.
        site: one of the collection.
        principals: reads who the members are.
        object_ids: asks for members, with their object ids where it can.
        patience: tells one collection that can't be served from a source that is down.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
    """
    yield MembershipPage(_SOURCE, _administrators(site, principals, object_ids, patience))
    url = site.api("web/sitegroups?$expand=Users&$top=500")
    try:
        for rows in object_ids.pages(site, "web/sitegroups", "Users", "$top=500"):
            patience.succeeded(partial(client.rest_page, site.host, url))
            yield MembershipPage(_SOURCE, _read(site, rows, principals, object_ids, patience))
    except SourceUnavailable as error:
        patience.forgive(error)
        _LOG.warning("sharepoint: the groups of site %s can't be read: %s", site.web, error.reason)
    except (SharePointRefused, KeyError, TypeError, ValueError) as error:
        status = getattr(error, "status", "no sense in the answer")
        _LOG.warning("sharepoint: the groups of site %s can't be read: %s", site.web, status)


def _administrators(
    site: Site, principals: Principals, object_ids: ObjectIds, patience: Patience
) -> _Groups:
    name = administrators(site.collection)
    options = "$filter=IsSiteAdmin%20eq%20true&$top=500"
    try:
        rows = chain.from_iterable(object_ids.pages(site, "web/siteusers", "", options))
        return {name: frozenset(principals.of(list(rows)))}
    except SourceUnavailable as error:
        patience.forgive(error)
        return {name: None}
    except (SharePointRefused, ValueError):
        return {name: None}


def _read(
    site: Site,
    rows: list[Json],
    principals: Principals,
    object_ids: ObjectIds,
    patience: Patience,
) -> _Groups:
    found: _Groups = {}
    for row in rows:
        number = int(row["Id"])
        try:
            users = _users(site, row, number, object_ids)
            members = frozenset(principals.of(users))
        except SourceUnavailable as error:
            patience.forgive(error)
            members = None
        except (SharePointRefused, ValueError):
            members = None
        found[site_group(site.collection, number, str(row.get("Title") or ""))] = members
    return found


def _users(site: Site, row: Json, number: int, object_ids: ObjectIds) -> list[Json]:
    """The members that came with a group, or, where those are not all, all of them."""
    users = row.get("Users")
    if isinstance(users, list) and "Users@odata.nextLink" not in row:
        return users
    path = f"web/sitegroups({number})/users"
    return list(chain.from_iterable(object_ids.pages(site, path, "", "$top=500")))
