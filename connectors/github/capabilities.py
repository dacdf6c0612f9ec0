"""What a sync of GitHub needs to do, each thing tried with one request.

GitHub hides more than it refuses: without the scope ``repo`` a classic token is not told that
private repositories exist, and without ``read:org`` only of members who show themselves. So where
the token's scopes are told they are looked at too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import quote

from connectors.capability import Capability, Outcome, tried
from connectors.github.client import GitHubClient
from connectors.refused import Refused

_HIDDEN = "the token lacks the scope {}, so GitHub leaves out what it may not see"
_GRANT = "Grant it under Settings, Developer settings, Personal access tokens."
_ORGANISATIONS = {"read:org", "write:org", "admin:org"}


def of_organisation(
    client: GitHubClient, organisation: str, scopes: frozenset[str] | None
) -> Iterator[Capability]:
    """Listing its repositories, members and teams.

    Args:
        client: GitHub.
        organisation: its login.
        scopes: what the token was granted; None where GitHub does not tell.
    """

    def listing(name: str, needed: str, path: str, lacking: str, remedy: str) -> Capability:
        if lacking:
            return Capability(name, needed, Outcome.FAILS, _HIDDEN.format(lacking), _GRANT)
        return tried(name, needed, partial(_first, client, path), remedy)

    path = f"/orgs/{organisation}"
    private = "repo" if scopes is not None and "repo" not in scopes else ""
    people = "read:org" if scopes is not None and not scopes & _ORGANISATIONS else ""
    yield listing(
        "list an organisation's repositories",
        "everything",
        f"{path}/repos",
        private,
        "Check GITHUB_ORGANISATIONS, and that the token may see them.",
    )
    remedy = "Grant the token read access to the organisation's members."
    needed = "internal repositories, and those that a team may read"
    yield listing("list an organisation's members", needed, f"{path}/members", people, remedy)
    yield listing("list an organisation's teams", needed, f"{path}/teams", people, remedy)


def of_repository(client: GitHubClient, repository: dict[str, Any] | None) -> Iterator[Capability]:
    """Reading one repository: files, issues, and who may.

    Args:
        client: GitHub.
        repository: one that is synced, as GitHub tells of it; None where none is seen.
    """
    named = {
        "read who may read a repository": "private and internal repositories",
        "list a repository's files": "documentation",
        "list a repository's issues": "issues and pull requests",
    }
    if repository is None:
        for name, needed in named.items():
            yield Capability.untried(name, needed, "no repository is seen to try it on")
        return
    path = f"/repos/{repository['full_name']}"
    branch = quote(repository.get("default_branch") or "HEAD", safe="")
    asked = (
        (f"{path}/collaborators", "Give the token push access and administration: read."),
        (f"{path}/git/trees/{branch}", "Grant the token read access to repository contents."),
        (f"{path}/issues", "Grant the token read access to issues and pull requests."),
    )
    for (name, needed), (where, remedy) in zip(named.items(), asked, strict=True):
        yield tried(name, needed, partial(_told, client, where), remedy)


def _first(client: GitHubClient, path: str) -> None:
    list(islice(client.pages(path), 1))


def _told(client: GitHubClient, path: str) -> None:
    try:
        if "/git/" in path:
            client.get(path)
        else:
            _first(client, path)
    except Refused as refused:
        # An empty repository has no tree, and one without issues answers that they are gone.
        if refused.status not in {409, 410}:
            raise
