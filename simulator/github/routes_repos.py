"""REST: repositories, and who may do what in them."""

from __future__ import annotations

from simulator.github.api import API, Refused, listing, repository, sight
from simulator.github.languages import spoken
from simulator.github.model import Repo
from simulator.github.show import Show, permissions, role_name
from simulator.github.view import READ, WRITE, Sight, through
from simulator.wire import Call, Reply, reply_json


@API.get("/repositories/{repo_id}", "repos.by_id")
def repo_by_id(call: Call) -> Reply:
    """A repository by its number, which outlives every name."""
    return _by_number(call, "")


def _by_number(call: Call, rest: str) -> Reply:
    seen, number = sight(call), call.params["repo_id"]
    found = seen.state.repos.get(int(number)) if number.isdecimal() else None
    if found is None or seen.level(found) < READ:
        raise Refused(404, "Not Found")
    named = f"/repos/{Show(call, seen).full_name(found)}{rest}"
    call.path, endpoint = named, call.endpoint
    handler = API._find(call)
    # Logs and faults keep the name under which the request came in.
    call.endpoint = endpoint
    if handler is None:
        raise Refused(404, "Not Found")
    return handler(call)


@API.get("/repositories/{repo_id}/{rest:path}", "repos.below_id")
def below_repo_by_id(call: Call) -> Reply:
    """Anything in a repository, by the repository's number."""
    return _by_number(call, "/" + call.params["rest"])


@API.get("/repos/{owner}/{repo}", "repos.get")
def repo(call: Call) -> Reply:
    """A repository."""
    seen, found = repository(call)
    return reply_json(Show(call, seen).repo_full(found))


@API.get("/repos/{owner}/{repo}/languages", "repos.languages")
def languages(call: Call) -> Reply:
    """Bytes of each language on the default branch, most first."""
    _, found = repository(call)
    return reply_json(spoken(found))


def _may_see(seen: Sight, repo: Repo) -> None:
    """Push access is needed, and membership: outside collaborators see no list.

    https://docs.github.com/en/rest/collaborators/collaborators#list-repository-collaborators
    """
    if seen.level(repo) < WRITE or not seen.in_org(seen.state.orgs[repo.org]):
        raise Refused(403, "Must have push access to view repository collaborators.")


@API.get("/repos/{owner}/{repo}/collaborators", "collaborators.list")
def collaborators(call: Call) -> Reply:
    """Who has rights here: ``all`` ways, ``direct`` ones, or ``outside`` people's."""
    seen, found = repository(call)
    _may_see(seen, found)
    state, show = seen.state, Show(call, seen)
    org = state.orgs[found.org]
    affiliation = call.arg("affiliation", "all")
    direct = [p for p, grant in found.collaborators.items() if not grant.pending]
    if affiliation == "outside":
        outside = show.outside(org)
        people = [p for p in direct if p in outside]
    elif affiliation == "direct":
        people = direct
    else:
        candidates = {*direct, *org.members, *(p for t in state.teams.values() for p in t.members)}
        people = [p for p in candidates if through(state, found, p) > 0]
    wanted = call.arg("permission")
    ranks = {p: through(state, found, p) for p in people}
    if wanted:
        people = [p for p in people if permissions(ranks[p]).get(wanted)]
    people.sort(key=lambda p: state.account(p).id)
    return listing(
        call,
        people,
        lambda p: (
            show.user(p) | {"permissions": permissions(ranks[p]), "role_name": role_name(ranks[p])}
        ),
    )


@API.get("/repos/{owner}/{repo}/collaborators/{username}", "collaborators.get")
def collaborator(call: Call) -> Reply:
    """204 for a collaborator of any kind."""
    seen, found = repository(call)
    _may_see(seen, found)
    account = seen.state.by_login(call.params["username"])
    if account is None or through(seen.state, found, account.person) < READ:
        raise Refused(404, "Not Found")
    return Reply(204)


@API.get("/repos/{owner}/{repo}/collaborators/{username}/permission", "collaborators.permission")
def permission(call: Call) -> Reply:
    """Someone's highest role here; ``read`` where all may read."""
    seen, found = repository(call)
    account = seen.state.by_login(call.params["username"])
    if account is None:
        raise Refused(404, "Not Found")
    if seen.level(found) < WRITE and account.person != seen.who:
        raise Refused(403, "Must have push access to view collaborator permission.")
    rank = through(seen.state, found, account.person)
    rank = max(rank, READ if found.visibility == "public" else 0)
    # Two of the five roles are only in role_name: maintain counts as write, triage as read.
    legacy = ("none", "read", "read", "write", "write", "admin")[rank]
    user = Show(call, seen).user(account.person)
    user |= {"permissions": permissions(rank), "role_name": role_name(rank)}
    return reply_json({"permission": legacy, "role_name": role_name(rank), "user": user})


@API.get("/repos/{owner}/{repo}/teams", "repos.teams")
def repo_teams(call: Call) -> Reply:
    """Teams with a role here, as far as the caller can see them."""
    seen, found = repository(call)
    show = Show(call, seen)
    held = [t for t in seen.state.teams.values() if found.id in t.repos and seen.sees_team(t)]
    names = {"read": "pull", "write": "push"}
    return listing(
        call,
        held,
        lambda t: show.team(t) | {"permission": names.get(t.repos[found.id], t.repos[found.id])},
    )
