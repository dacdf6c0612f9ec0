"""GitHub: REST, GraphQL, and Git over HTTP."""

from simulator.github import (
    routes_git,
    routes_graphql,
    routes_issues,
    routes_orgs,
    routes_pulls,
    routes_repos,
    routes_search,
)
from simulator.github.api import API
from simulator.github.company import build
from simulator.github.generated import grow
from simulator.github.oracle import BOOKS, documents, readable
from simulator.github.routes_web import WEB
from simulator.github.state import GithubState
from simulator.vendor import Vendor

__all__ = [
    "VENDOR",
    "routes_git",
    "routes_graphql",
    "routes_issues",
    "routes_orgs",
    "routes_pulls",
    "routes_repos",
    "routes_search",
]

VENDOR = Vendor(
    name="github",
    label="GitHub",
    state=GithubState,
    apis=(API, WEB),
    documents=documents,
    readable=readable,
    rules=BOOKS,
    account=lambda world, person: str(GithubState.of(world).account(person.id).id),
    company=build,
    grow=grow,
)
