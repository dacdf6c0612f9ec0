"""What a sync of SharePoint needs to do, each thing tried with one request."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from functools import partial
from itertools import islice

from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

from connectors.capability import Capability, Outcome, tried
from connectors.interface import ConnectorError
from connectors.sharepoint.client import SharePointClient, asking
from connectors.sharepoint.drives import Drive
from connectors.sharepoint.parts import Part, parts
from connectors.sharepoint.settings import SharePointSettings
from connectors.sharepoint.sites import Site, Sites
from corpus import Container

_HIDDEN = "Member.Read.Hidden"


def capabilities(
    client: SharePointClient, sites: Sites, settings: SharePointSettings
) -> Iterator[Capability]:
    """Everything that a sync needs, tried on the first site that is found.

    Raises:
        AuthenticationFailed: the application's credentials are refused.
    """
    found: list[Container] = []
    first = islice(sites.containers(), 1)
    yield tried(
        "list sites", "everything", lambda: found.extend(first), _grant("Sites.FullControl.All")
    )
    if found:
        yield from _of_site(client, Site.of(found[0]), settings)
    yield tried(
        "read the accounts of the directory",
        "telling who a reader is, and guests from members",
        partial(client.told, partial(_one_user, client)),
        _grant("User.Read.All"),
    )
    yield tried(
        "list the groups of the directory",
        "documents that are shared with groups",
        partial(client.told, partial(_one_group, client)),
        _grant("GroupMember.Read.All"),
    )
    yield _hidden(client)


def _of_site(
    client: SharePointClient, site: Site, settings: SharePointSettings
) -> Iterator[Capability]:
    held: list[Part] = []
    yield tried(
        "list the libraries and lists of a site",
        "everything",
        lambda: held.extend(parts(client, site)),
        _grant("Sites.FullControl.All", "Microsoft Graph and of SharePoint"),
    )
    yield tried(
        "read who may read a site",
        "every document: without it nobody may",
        lambda: client.rest_page(site.host, site.api("web/roleassignments?$top=1")),
        _grant("Sites.FullControl.All", "SharePoint"),
    )
    name, needed = "follow the changes of a library", "a sync that costs what changed"
    library = next((part for part in held if part.drive), None)
    if library is None:
        yield Capability.untried(name, needed, "there is no library to try it on")
        return
    pages = Drive(client, library).pages("", settings.page_size)
    yield tried(name, needed, lambda: next(pages), _grant("Sites.FullControl.All"))


def _hidden(client: SharePointClient) -> Capability:
    """A permission that no request can try without a group whose members are hidden."""
    name, needed = "read groups with hidden members", "documents that are shared with them"
    try:
        held = roles(client.graph_token())
    except ConnectorError as error:
        return Capability.untried(name, needed, error.reason)
    if held is None:
        return Capability.untried(name, needed, "the token does not tell its permissions")
    if _HIDDEN in held:
        return Capability(name, needed, Outcome.WORKS)
    reason = f"the token lacks {_HIDDEN}"
    return Capability(name, needed, Outcome.FAILS, reason, _grant(_HIDDEN))


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


def _grant(permission: str, api: str = "Microsoft Graph") -> str:
    return (
        f"Give the application the permission {permission} of {api} in the Entra admin center, as"
        " an application permission, and let an administrator consent to it."
    )


def _one_user(client: SharePointClient) -> RequestInformation:
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(top=1, select=["id"])
    return client.graph.users.to_get_request_information(asking(query))


def _one_group(client: SharePointClient) -> RequestInformation:
    query = GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters(top=1, select=["id"])
    return client.graph.groups.to_get_request_information(asking(query))
