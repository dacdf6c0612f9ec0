"""Who may read a repository: one clause for all of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from access import Clause, Principal, PrincipalKind, Source
from connectors.github.client import GitHubClient
from connectors.refused import Refused
from corpus import MembershipPage

_SOURCE = Source.GITHUB


def user(told: dict[str, Any]) -> Principal:
    """An account by its number, which outlives its login."""
    return Principal(_SOURCE, PrincipalKind.USER, str(told["id"]), str(told.get("login") or ""))


def team(organisation: str, told: dict[str, Any]) -> Principal:
    """A team, qualified by its organisation."""
    owner = organisation.lower()
    name = f"{owner}/{told['slug']}" if told.get("slug") else ""
    return Principal(_SOURCE, PrincipalKind.GROUP, f"org/{owner}/team/{told['id']}", name)


def tenant(organisation: str) -> Principal:
    """All members of an organisation; outside collaborators are none."""
    return Principal(_SOURCE, PrincipalKind.TENANT, f"org/{organisation.lower()}")


def enterprise(slug: str) -> Principal:
    """All members of an enterprise's organisations."""
    return Principal(_SOURCE, PrincipalKind.TENANT, f"enterprise/{slug}")


def clause(
    client: GitHubClient, repository: dict[str, Any], within: str | None, now: datetime
) -> Clause:
    """The repository's readers.

    A public repository is readable by anyone, and is public only by its own word
    (``visibility``). ``affiliation=all`` lists everyone who has access through a team, the
    organisation's base permission, ownership or an invitation, but takes push access to read:
    without it a private or internal repository's readers are unknown.

    Args:
        client: GitHub.
        repository: the repository as GitHub tells of it now.
        within: slug of the enterprise whose members read internal repositories.
        now: when `repository` was asked for, time zone aware.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable; throttling too.
    """
    key, name = f"repository/{repository['id']}", str(repository["full_name"])
    owner = str(repository["owner"]["login"])
    readers: set[Principal] = set()
    visibility = repository.get("visibility")
    if visibility == "public":
        readers.add(Principal(_SOURCE, PrincipalKind.ANYONE, "discoverable"))
    elif visibility == "internal":
        readers.add(tenant(owner))
        if within:
            readers.add(enterprise(within))
    try:
        path = f"/repos/{name}/collaborators"
        readers.update(user(who) for who in client.rows(path, affiliation="all") if _reads(who))
    except Refused as refused:
        if visibility != "public":
            reason = f"collaborators can't be read: HTTP {refused.status}"
            return Clause.unknown(_SOURCE, key, reason, now)
    try:
        # In the list above already, member by member; as groups they follow a team's changes
        # without waiting for the next look at the repository.
        teams = client.rows(f"/repos/{name}/teams")
        readers.update(team(owner, told) for told in teams if _reads(told))
    except Refused:
        pass
    return Clause.of(_SOURCE, key, readers, now)


def memberships(client: GitHubClient, organisation: str) -> Iterator[MembershipPage]:
    """The organisation's members and its teams', those of child teams included.

    What can't be read is None: unknown, not empty.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
    """
    path = f"/orgs/{organisation}"
    yield MembershipPage(_SOURCE, {tenant(organisation): _members(client, f"{path}/members")})
    try:
        for page in client.pages(f"{path}/teams"):
            yield MembershipPage(
                _SOURCE,
                {
                    team(organisation, told): _members(
                        client, f"{path}/teams/{told['slug']}/members"
                    )
                    for told in page.rows
                },
            )
    except Refused:
        return


def _members(client: GitHubClient, path: str) -> frozenset[Principal] | None:
    try:
        return frozenset(user(told) for told in client.rows(path))
    except Refused:
        return None


def _reads(told: dict[str, Any]) -> bool:
    return (told.get("permissions") or {}).get("pull") is not False
