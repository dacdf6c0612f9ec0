"""Microsoft Graph, SharePoint REST and Entra's token endpoint.

``/graph/v1.0`` is graph.microsoft.com, ``/sharepoint`` the tenant's SharePoint host and
``/entra/<tenant>/oauth2/v2.0/token`` where applications get tokens for either.
"""

from simulator.sharepoint import (
    routes_batch,
    routes_delta,
    routes_directory,
    routes_directory_delta,
    routes_drives,
    routes_rest,
    routes_roles,
    routes_sites,
)
from simulator.sharepoint.company import build
from simulator.sharepoint.entra import API as ENTRA
from simulator.sharepoint.graph import API as GRAPH
from simulator.sharepoint.ids import object_id
from simulator.sharepoint.oracle import BOOKS, documents, readable
from simulator.sharepoint.rest import API as REST
from simulator.sharepoint.state import SharePointState
from simulator.vendor import Vendor

__all__ = [
    "VENDOR",
    "routes_batch",
    "routes_delta",
    "routes_directory",
    "routes_directory_delta",
    "routes_drives",
    "routes_rest",
    "routes_roles",
    "routes_sites",
]

VENDOR = Vendor(
    name="sharepoint",
    label="Microsoft SharePoint",
    state=SharePointState,
    apis=(GRAPH, REST, ENTRA),
    documents=documents,
    readable=readable,
    rules=BOOKS,
    account=lambda _world, person: object_id("person", person.id),
    company=build,
)
