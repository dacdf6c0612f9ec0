"""Role assignments: who holds what rights on an object that carries permissions.

Read by SharePoint's REST, which tells of sites, lists, pages and list items as well as of files
(https://learn.microsoft.com/sharepoint/dev/sp-add-ins/set-custom-permissions-on-a-list-by-using-the-rest-interface).
Graph's permissions would tell of files alone, and leave out levels that it has no word for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from access import Grant, Principal, PrincipalKind, Source
from connectors.sharepoint.bearers import Bearer
from connectors.sharepoint.client import Json, SharePointClient
from connectors.sharepoint.principals import Principals
from connectors.sharepoint.rights import Right, rights
from connectors.sharepoint.sharing_links import Links, SharingLink, Terms
from connectors.sharepoint.sites import Site
from connectors.sharepoint.tenant import Tenant

_SOURCE = Source.SHAREPOINT


@dataclass(frozen=True, slots=True)
class Holder:
    """A principal with its rights."""

    grant: Grant
    rights: Right


class RoleAssignments:
    """Reads the role assignments that hold in one site."""

    def __init__(self, client: SharePointClient, principals: Principals, tenant: Tenant):
        """Prepare.

        Args:
            client: asks the site's REST, and Graph about sharing links.
            principals: reads who the members are.
            tenant: whom a link for the organisation is for.
        """
        self._principals = principals
        self._tenant = tenant
        self._links = Links(client)

    def of(self, bearer: Bearer) -> tuple[Holder, ...]:
        """Who holds rights on `bearer`; whoever has none that let them read is left out.

        Raises:
            ValueError: the answer does not say what it must.
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the assignments may not be read.
        """
        path, expanded = f"{_path(bearer)}/roleassignments", "Member,RoleDefinitionBindings"
        members: list[Json] = []
        held: list[Right] = []
        asked = self._tenant.object_ids
        for rows in asked.pages(bearer.site, path, expanded, "$top=1000"):
            for row in rows:
                found = rights(row.get("RoleDefinitionBindings"))
                if Right.VIEW in found:
                    members.append(_member(row))
                    held.append(found)
        links = [SharingLink.of(member) for member in members]
        terms = self._links.terms(bearer) if any(links) else {}
        principals = self._principals.of(members)
        return tuple(
            Holder(grant, each)
            for principal, link, each in zip(principals, links, held, strict=True)
            for grant in self._grants(bearer.site, principal, link, terms)
        )

    def _grants(
        self,
        site: Site,
        principal: Principal,
        link: SharingLink | None,
        terms: Mapping[str, Terms],
    ) -> list[Grant]:
        """What a role assignment grants: to a link's group, and to whoever else it opens for."""
        if link is None:
            return [Grant(principal)]
        if link.id not in terms:
            return []  # it may have ended; nothing tells that it has not
        until = terms[link.id].until
        found = [Grant(principal, until)]
        if terms[link.id].password or link.scope == "users":
            return found
        if link.scope == "organization":
            return [*found, Grant(self._tenant.linked(site), until)]
        return [*found, Grant(Principal(_SOURCE, PrincipalKind.ANYONE, "link"), until)]


def _member(row: Json) -> Json:
    member = row.get("Member")
    if not isinstance(member, dict):
        raise ValueError("a role assignment without its member")
    return member


def _path(bearer: Bearer) -> str:
    items = f"/items({bearer.number})" if bearer.number else ""
    return f"web/lists(guid'{bearer.list}'){items}"
