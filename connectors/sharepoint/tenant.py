"""The tenant: who "everyone" is."""

from __future__ import annotations

from functools import partial
from threading import Lock

from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.sites.item.site_item_request_builder import SiteItemRequestBuilder

from access import Principal, PrincipalKind, Source
from connectors.sharepoint.client import SharePointClient
from connectors.sharepoint.object_ids import ObjectIds
from connectors.sharepoint.sites import Site

_SOURCE = Source.SHAREPOINT
_Query = SiteItemRequestBuilder.SiteItemRequestBuilderGetQueryParameters


class Tenant:
    """Knows the tenant's id, once it was asked for, and which of its sites tell object ids."""

    def __init__(self, client: SharePointClient, *, everyone_includes_guests: bool):
        """Prepare, without a request.

        Args:
            client: asks for the id.
            everyone_includes_guests: whether the tenant was set so
                (``Set-SPOTenant -ShowEveryoneClaim``, which no API tells).
        """
        self.object_ids = ObjectIds(client)
        """Asks for people with their object ids."""
        self._client = client
        self._guests = everyone_includes_guests
        self._lock = Lock()
        self._id = ""

    @property
    def guests(self) -> bool:
        """Whether guests are part of everyone."""
        return self._guests

    def id(self, site: Site) -> str:
        """The tenant's id, as one of its sites tells it.

        Raises:
            ValueError: it is not told.
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the site may not be read.
        """
        with self._lock:
            if not self._id:
                told = self._client.told(partial(self._request, site.id))
                self._id = str((told.get("sharepointIds") or {}).get("tenantId") or "").lower()
            if not self._id:
                raise ValueError("the tenant's id is not told")
            return self._id

    def members(self, site: Site) -> Principal:
        """Everyone but guests; raises as `id` does."""
        return Principal(_SOURCE, PrincipalKind.TENANT, self.id(site))

    def everyone(self, site: Site) -> Principal:
        """Everyone, and the guests only if the tenant was set so; raises as `id` does."""
        if not self._guests:
            return self.members(site)
        return Principal(_SOURCE, PrincipalKind.GROUP, f"{self.id(site)}/everyone")

    def linked(self, site: Site) -> Principal:
        """Those members who have the address of a link for the organisation; raises as `id`."""
        return Principal(_SOURCE, PrincipalKind.TENANT, f"link:{self.id(site)}")

    def _request(self, site: str) -> RequestInformation:
        query: RequestConfiguration[_Query] = RequestConfiguration(
            query_parameters=_Query(select=["sharepointIds"])
        )
        return self._client.graph.sites.by_site_id(site).to_get_request_information(query)
