"""Which permissions the application has, tried one by one."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from functools import partial

from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

from access import Source
from connectors.interface import MissingScope
from connectors.sharepoint.client import SharePointClient, asking
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.sites import Site, Sites

_SITES = "Sites.FullControl.All"
_SITES_SELECTED = "Sites.Selected"
_USERS = "User.Read.All"
_GROUPS = "GroupMember.Read.All"
_HIDDEN = "Member.Read.Hidden"
_GRAPH = "Microsoft Graph"
_SHAREPOINT = "SharePoint"


def probe(client: SharePointClient, sites: Sites) -> None:
    """Ask for one of everything that a sync needs.

    Raises:
        MissingScope: naming each permission that is missing, and the API that it is of.
        ConnectorError: the source can't be asked.
    """
    missing = dict.fromkeys(_missing(client, sites))
    if missing:
        raise MissingScope(
            Source.SHAREPOINT,
            f"permissions are missing: {', '.join(missing)}",
            "Add them to the application in the Entra admin center, as application permissions of"
            " the API in brackets, and grant admin consent. See docs/sources/sharepoint.md.",
            403,
        )


def roles(token: str) -> frozenset[str] | None:
    """The application permissions in a token; None where it does not tell.

    The token is ours and decides nothing here, so its signature is not checked.
    """
    try:
        body = token.split(".")[1]
        told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        held = told["roles"]
        return frozenset(map(str, held)) if isinstance(held, list) else None
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return None


def _missing(client: SharePointClient, sites: Sites) -> Iterator[str]:
    held = roles(client.graph_token())
    if held is not None:
        wanted = [_USERS, _GROUPS, _HIDDEN]
        if _SITES_SELECTED not in held:
            wanted.append(_SITES)
        yield from (_named(each, _GRAPH) for each in wanted if each not in held)
    first = None
    try:
        first = next(sites.containers(), None)
    except MissingScope:
        yield _named(_SITES, _GRAPH)
    if first is not None:
        site = Site.of(first)
        try:
            client.rest_page(site.host, site.api("web/roleassignments?$top=1"))
        except SharePointRefused as refused:
            if refused.status == 403:
                yield _named(_SITES, _SHAREPOINT)
    for request, permission in ((_one_user, _USERS), (_one_group, _GROUPS)):
        try:
            client.told(partial(request, client))
        except SharePointRefused as refused:
            if refused.status == 403:
                yield _named(permission, _GRAPH)


def _named(permission: str, api: str) -> str:
    return f"{permission} ({api})"


def _one_user(client: SharePointClient) -> RequestInformation:
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(top=1, select=["id"])
    return client.graph.users.to_get_request_information(asking(query))


def _one_group(client: SharePointClient) -> RequestInformation:
    query = GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters(top=1, select=["id"])
    return client.graph.groups.to_get_request_information(asking(query))
