"""Confluence Cloud: REST v1 and v2 under ``/wiki``."""

from simulator.atlassian.accounts import account_id
from simulator.confluence import routes_access, routes_content, routes_v2
from simulator.confluence.api import API
from simulator.confluence.company import build
from simulator.confluence.oracle import BOOKS, documents, readable
from simulator.confluence.state import ConfluenceState
from simulator.vendor import Vendor

__all__ = ["VENDOR", "routes_access", "routes_content", "routes_v2"]

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
