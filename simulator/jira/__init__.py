"""Jira Cloud: the platform REST API, versions 3 and 2, under ``/rest``.

Point a client at ``http://127.0.0.1:8900`` as at ``https://example.atlassian.net``, with any user
name and a person's or the service's token for the API token. Requests without credentials are
those of people without an account.

Not documented by Atlassian, and so the simulator's own choice: the value of the
``issuerestriction`` field, ``{"issuerestrictions": {"projectrole": [role ids]}, "shouldDisplay":
true}``.
"""

from simulator.atlassian.accounts import account_id
from simulator.jira import (
    routes_attachments,
    routes_comments,
    routes_issues,
    routes_people,
    routes_projects,
    routes_schemes,
    routes_search,
    routes_security,
    routes_site,
    routes_writes,
)
from simulator.jira.api import API, EDGE
from simulator.jira.company import build
from simulator.jira.oracle import BOOKS, documents, readable
from simulator.jira.state import JiraState
from simulator.vendor import Vendor

__all__ = [
    "VENDOR",
    "routes_attachments",
    "routes_comments",
    "routes_issues",
    "routes_people",
    "routes_projects",
    "routes_schemes",
    "routes_search",
    "routes_security",
    "routes_site",
    "routes_writes",
]

VENDOR = Vendor(
    name="jira",
    label="Jira",
    state=JiraState,
    apis=(API, EDGE),
    documents=documents,
    readable=readable,
    rules=BOOKS,
    account=lambda _world, person: account_id(person.id),
    company=build,
)
