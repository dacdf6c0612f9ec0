"""Confluence Cloud: REST v1 and v2 under ``/wiki``.

Point a client at ``http://127.0.0.1:8900/wiki`` as at ``https://example.atlassian.net/wiki``, with
any user name and a person's or the service's token for the API token. Requests without
credentials are those of people without an account.
"""

from simulator.atlassian.accounts import account_id
from simulator.confluence import (
    routes_attachments,
    routes_content,
    routes_extras,
    routes_people,
    routes_restrictions,
    routes_search,
    routes_spaces,
    routes_v2,
    routes_v2_comments,
    routes_v2_spaces,
)
from simulator.confluence.api import API
from simulator.confluence.company import build
from simulator.confluence.oracle import BOOKS, documents, readable
from simulator.confluence.state import ConfluenceState
from simulator.vendor import Vendor

__all__ = [
    "VENDOR",
    "routes_attachments",
    "routes_content",
    "routes_extras",
    "routes_people",
    "routes_restrictions",
    "routes_search",
    "routes_spaces",
    "routes_v2",
    "routes_v2_comments",
    "routes_v2_spaces",
]

VENDOR = Vendor(
    name="confluence",
    label="Confluence",
    state=ConfluenceState,
    apis=(API,),
    documents=documents,
    readable=readable,
    rules=BOOKS,
    account=lambda _world, person: account_id(person.id),
    company=build,
)
