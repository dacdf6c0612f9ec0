"""Who is in which group: the tenant, Entra's groups, and the groups of each site collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.groups.item.members.members_request_builder import MembersRequestBuilder
from msgraph.generated.groups.item.owners.owners_request_builder import OwnersRequestBuilder

from access import Principal, Source
from connectors.interface import MissingScope, SourceUnavailable
from connectors.patience import Patience
from connectors.refused import Refused
from connectors.sharepoint.accounts import Accounts, users
from connectors.sharepoint.client import Answer, Json, Request, SharePointClient
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.principals import Principals, group, owners, user
from connectors.sharepoint.site_groups import site_groups
from connectors.sharepoint.sites import Site
from connectors.sharepoint.tenant import Tenant
from corpus import MembershipPage

_SOURCE = Source.SHAREPOINT
_TOGETHER = 100
"""Groups on one page: five batches."""
_KINDS = {"#microsoft.graph.user": user, "#microsoft.graph.group": group}
"""Members who can read; devices, applications and contacts can't."""

Groups = dict[Principal, frozenset[Principal] | None]


def memberships(
    client: SharePointClient, tenant: Tenant, sites: Iterable[Site]
) -> Iterator[MembershipPage]:
    """Every group with its direct members; nested groups stay groups.

    Args:
        client: asks Graph and SharePoint.
        tenant: who everyone is.
        sites: the sites whose groups are read, each collection's once.

    Raises:
        MissingScope: the application may not list users or groups.
        ConnectorError: the source is unavailable.
    """
    waiting = iter(sites)
    first = next(waiting, None)
    if first is None:
        return
    ids: dict[str, str] = {}
    try:
        yield MembershipPage(_SOURCE, _everyone(client, tenant, first, ids))
        listed = _listed(client)
        while some := list(islice(listed, _TOGETHER)):
            yield MembershipPage(_SOURCE, _members(client, some))
    except (KeyError, TypeError, ValueError):
        raise SourceUnavailable(
            _SOURCE, "an answer of the directory makes no sense", "Run the sync again later."
        ) from None
    except Refused as refused:
        raise SourceUnavailable(
            _SOURCE,
            f"the directory can't be read ({refused.reason})",
            "Run the sync again; if it stays so, check the application's permissions.",
            refused.status,
        ) from None
    accounts = Accounts(client, ids)
    seen: set[str] = set()
    patience = Patience()
    for site in chain([first], waiting):
        if site.collection not in seen:
            seen.add(site.collection)
            principals = Principals(site, accounts, tenant)
            yield from site_groups(client, site, principals, tenant.object_ids, patience)


def _everyone(client: SharePointClient, tenant: Tenant, site: Site, ids: dict[str, str]) -> Groups:
    """The members of the tenant; `ids` becomes the id of everybody by name."""
    members: set[Principal] = set()
    guests: set[Principal] = set()
    for told in users(client):
        name = str(told["userPrincipalName"]).lower()
        ids[name] = str(told["id"]).lower()
        found = members if told.get("userType") == "Member" else guests
        found.add(user(str(told["id"]), name))
    everybody = tenant.members(site)
    groups: Groups = {everybody: frozenset(members), tenant.linked(site): frozenset({everybody})}
    if tenant.guests:
        groups[tenant.everyone(site)] = frozenset(members | guests)
    return groups


def _listed(client: SharePointClient) -> Iterator[Json]:
    builder = client.graph.groups
    query = GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters(
        select=["id", "displayName", "groupTypes"], top=999
    )
    try:
        for page in client.pages(
            lambda: builder.to_get_request_information(RequestConfiguration(query_parameters=query))
        ):
            yield from page.value
    except SharePointRefused as refused:
        if not refused.lacks_scope:
            raise
        raise MissingScope(
            _SOURCE,
            f"groups can't be listed ({refused.reason})",
            "Grant the application GroupMember.Read.All, see docs/sources/sharepoint.md.",
            refused.status,
        ) from None


def _members(client: SharePointClient, listed: Iterable[Json]) -> Groups:
    """The members of some groups, and the owners of those that belong to Microsoft 365."""
    asked: dict[Principal, Request] = {}
    for told in listed:
        id, name = str(told["id"]), str(told.get("displayName") or "")
        asked[group(id, name)] = _of_members(client, id)
        if "Unified" in (told.get("groupTypes") or ()):
            asked[owners(id, name)] = _of_owners(client, id)
    patience = Patience()
    answers = client.batch(list(asked.values()))
    return {
        name: _whole(client, asked[name], answer, patience)
        for name, answer in zip(asked, answers, strict=True)
    }


def _whole(
    client: SharePointClient, request: Request, answer: Answer, patience: Patience
) -> frozenset[Principal] | None:
    """Everybody in a group, or None where that can't be read: hidden, say, or gone by now."""
    if isinstance(answer, SourceUnavailable):
        patience.forgive(answer)
        return None
    patience.succeeded()
    if isinstance(answer, Refused):
        return None
    try:
        found = _read(answer["value"])
        if link := str(answer.get("@odata.nextLink") or ""):
            for page in client.pages(request, link):
                found |= _read(page.value)
    except (KeyError, TypeError, Refused):
        return None
    return frozenset(found)


def _read(rows: Iterable[Json]) -> set[Principal]:
    return {_KINDS[kind](str(row["id"])) for row in rows if (kind := row["@odata.type"]) in _KINDS}


def _of_members(client: SharePointClient, id: str) -> Request:
    builder = client.graph.groups.by_group_id(id).members
    query = MembersRequestBuilder.MembersRequestBuilderGetQueryParameters(select=["id"], top=999)
    return lambda: builder.to_get_request_information(RequestConfiguration(query_parameters=query))


def _of_owners(client: SharePointClient, id: str) -> Request:
    builder = client.graph.groups.by_group_id(id).owners
    query = OwnersRequestBuilder.OwnersRequestBuilderGetQueryParameters(select=["id"], top=999)
    return lambda: builder.to_get_request_information(RequestConfiguration(query_parameters=query))
