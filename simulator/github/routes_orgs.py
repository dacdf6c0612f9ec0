"""REST: the caller, users, organisations and teams; the rate limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.github.api import API, Refused, listing, organisation, sight, signed_in, spending
from simulator.github.model import Org, Repo, Team
from simulator.github.show import Json, Show, permissions, role_name
from simulator.github.view import ADMIN, Sight
from simulator.wire import Answer, Call, Reply, reply_json


@API.get("/rate_limit", "rate_limit.get")
def rate_limit(call: Call) -> Reply:
    """Asking costs nothing."""
    found = {}
    for name in ("core", "graphql", "search"):
        left = spending(call, name)
        found[name] = {k: left[k] for k in ("limit", "used", "remaining", "reset")}
    return reply_json({"resources": found, "rate": found["core"]})


@API.get("/user", "user.get")
def me(call: Call) -> Reply:
    """The caller; an app's token is nobody."""
    signed_in(call)
    if call.person is None:
        raise Refused(403, "Resource not accessible by integration")
    return reply_json(Show(call, sight(call)).me(call.person.id))


@API.get("/user/repos", "user.repos")
def my_repos(call: Call) -> Reply:
    """Repositories that the caller has explicit rights to, not all that they could open."""
    signed_in(call)
    if call.person is None:
        raise Refused(403, "Resource not accessible by integration")
    seen = sight(call)
    show = Show(call, seen)
    wanted = set((call.arg("affiliation") or "owner,collaborator,organization_member").split(","))
    found = []
    for repo in seen.state.repos.values():
        own = repo.collaborators.get(seen.who)
        member = repo.org in seen.member
        explicit = seen.granted(repo) > 0 or (member and repo.visibility == "internal")
        ways = {"organization_member"} if explicit and member else set()
        if own is not None and not own.pending:
            ways.add("collaborator")
        if (
            seen.level(repo)
            and ways & wanted
            and call.arg("visibility", "all") in _ways_to_say(repo)
        ):
            found.append(repo)
    found.sort(key=lambda r: show.full_name(r))
    return listing(call, found, show.repo)


def _ways_to_say(repo: Repo) -> tuple[str, str]:
    return ("all", "public" if repo.visibility == "public" else "private")


@API.get("/installation/repositories", "installation.repos")
def installed_repos(call: Call) -> Reply:
    """What the app is installed on: everything."""
    if not call.service:
        raise Refused(403, "You must authenticate with an installation access token.")
    seen = sight(call)
    repos = list(seen.state.repos.values())
    return listing(
        call,
        repos,
        Show(call, seen).repo,
        wrap=lambda rows: {"total_count": len(repos), "repositories": rows},
    )


@API.get("/user/orgs", "user.orgs")
def my_orgs(call: Call) -> Reply:
    """The caller's organisations."""
    signed_in(call)
    seen = sight(call)
    orgs = [o for o in seen.state.orgs.values() if o.id in seen.member]
    return listing(call, orgs, Show(call, seen).org_simple)


@API.get("/users/{username}", "users.get")
def user(call: Call) -> Reply:
    """A profile, which is everybody's; organisations have one too."""
    seen = sight(call)
    show = Show(call, seen)
    account = seen.state.by_login(call.params["username"])
    if account is None:
        org = seen.state.find_org(call.params["username"])
        if org is None:
            raise Refused(404, "Not Found")
        fields = ("name", "blog", "public_repos", "public_gists", "followers", "following")
        whole = show.org(org)
        more = {k: whole[k] for k in (*fields, "created_at", "updated_at")}
        nothing = dict.fromkeys(("company", "location", "email", "hireable", "bio"))
        return reply_json(show.org_owner(org) | nothing | more)
    return reply_json(show.profile(account.person))


@API.get("/user/{account_id}", "users.by_id")
def user_by_id(call: Call) -> Reply:
    """A profile by its number, which outlives every login."""
    seen = sight(call)
    number = call.params["account_id"]
    for account in seen.state.accounts.values():
        if str(account.id) == number and seen.state.by_login(account.login) is account:
            return reply_json(Show(call, seen).profile(account.person))
    raise Refused(404, "Not Found")


@API.get("/orgs/{org}", "orgs.get")
def org(call: Call) -> Reply:
    """An organisation's profile; its settings for owners."""
    found = organisation(call)
    return reply_json(Show(call, sight(call)).org(found))


@API.get("/orgs/{org}/repos", "orgs.repos")
def org_repos(call: Call) -> Reply:
    """Every repository of the organisation that the caller can see."""
    found, seen = organisation(call), sight(call)
    show = Show(call, seen)
    repos = [r for r in seen.state.repos.values() if r.org == found.id and seen.level(r) > 0]
    kind = call.arg("type", "all")
    if kind in ("public", "private", "internal"):
        # GitHub counts internal repositories as private ones.
        repos = [r for r in repos if kind in (r.visibility, _ways_to_say(r)[1])]
    order: dict[str, Callable[[Repo], Any]] = {
        "created": lambda r: (r.created, r.id),
        "updated": lambda r: (r.updated, r.id),
        "pushed": lambda r: (r.pushed, r.id),
        "full_name": lambda r: r.name.lower(),
    }
    sort = call.arg("sort", "created")
    usual = "asc" if sort == "full_name" else "desc"
    backwards = (call.arg("direction") or usual) == "desc"
    repos.sort(key=order.get(sort, order["created"]), reverse=backwards)
    return listing(call, repos, show.repo)


def _people(seen: Sight, persons: list[str]) -> list[str]:
    return sorted(persons, key=lambda p: seen.state.account(p).id)


@API.get("/orgs/{org}/members", "orgs.members")
def members(call: Call) -> Reply:
    """Members see all members; others only those who want to be seen."""
    found, seen = organisation(call), sight(call)
    role = call.arg("role", "all")
    inside = seen.in_org(found)
    held = [
        person
        for person, member in found.members.items()
        if not member.pending and (inside or member.public) and role in ("all", member.role)
    ]
    return listing(call, _people(seen, held), Show(call, seen).user)


@API.get("/orgs/{org}/members/{username}", "orgs.member")
def member(call: Call) -> Reply:
    """204 for a member, 404 for others."""
    found, seen = organisation(call), sight(call)
    account = seen.state.by_login(call.params["username"])
    held = found.members.get(account.person) if account else None
    if held is None or held.pending or not (seen.in_org(found) or held.public):
        raise Refused(404, "Not Found")
    return Reply(204)


@API.get("/orgs/{org}/memberships/{username}", "orgs.membership")
def membership(call: Call) -> Reply:
    """A membership with its role and state."""
    found, seen = organisation(call), sight(call)
    account = seen.state.by_login(call.params["username"])
    held = found.members.get(account.person) if account else None
    own = account is not None and account.person == seen.who
    if not (seen.in_org(found) or (own and held)):
        raise Refused(403, "You must be a member of this organization to see its memberships.")
    if held is None or account is None or (held.pending and not (seen.owns(found) or own)):
        raise Refused(404, "Not Found")
    show = Show(call, seen)
    url = f"{call.base}/orgs/{found.login}"
    said: Json = {
        "url": f"{url}/memberships/{account.login}",
        "state": "pending" if held.pending else "active",
        "role": held.role,
        "organization_url": url,
        "direct_membership": True,
        "enterprise_teams_providing_indirect_membership": [],
        "user": show.user(account.person),
        "organization": show.org_simple(found),
    }
    return reply_json(said)


@API.get("/orgs/{org}/outside_collaborators", "orgs.outside")
def outside(call: Call) -> Reply:
    """People with rights in a repository who are no members; for owners."""
    found, seen = organisation(call), sight(call)
    if not seen.in_org(found):
        raise Refused(404, "Not Found")
    if not seen.owns(found):
        raise Refused(403, "Must have admin rights to Organization.")
    show = Show(call, seen)
    return listing(call, show.outside(found), show.user)


@API.get("/orgs/{org}/teams", "teams.list")
def teams(call: Call) -> Reply:
    """Teams that the caller can see."""
    found, seen = organisation(call), sight(call)
    if not seen.in_org(found):
        raise Refused(403, "Must be a member of the organization to list its teams.")
    held = [t for t in seen.state.teams.values() if t.org == found.id and seen.sees_team(t)]
    return listing(call, held, Show(call, seen).team)


def _team(call: Call) -> tuple[Sight, Org, Team]:
    seen = sight(call)
    state = seen.state
    org: Org | None
    found: Team | None
    if "team_id" in call.params:
        number = call.params["team_id"]
        found = state.teams.get(int(number)) if number.isdecimal() else None
        org = state.orgs.get(found.org) if found else None
        if org is not None and call.params.get("org_id", str(org.id)) != str(org.id):
            org = None
    else:
        org = organisation(call)
        found = state.find_team(org, call.params["team_slug"])
    if org is None or found is None or not seen.sees_team(found):
        raise Refused(404, "Not Found")
    return seen, org, found


def _below(seen: Sight, team: Team) -> list[Team]:
    found = [team]
    for above in found:
        found += [t for t in seen.state.teams.values() if t.parent == above.id]
    return found


def _members(seen: Sight, team: Team) -> dict[str, str]:
    """Members with their roles, those of child teams included."""
    found: dict[str, str] = {}
    for below in _below(seen, team):
        for person, role in below.members.items():
            if below is team or person not in found:
                found[person] = role if below is team else "member"
    return found


def _repos(seen: Sight, team: Team) -> dict[int, int]:
    """Repositories of a team with its rank there, inherited ones included."""
    found: dict[int, int] = {}
    at: Team | None = team
    while at is not None:
        for repo, role in at.repos.items():
            rank = next(n for n in range(1, ADMIN + 1) if role_name(n) == role)
            found[repo] = max(found.get(repo, 0), rank)
        at = seen.state.teams.get(at.parent)
    return found


def _team_route(rest: str, endpoint: str) -> Callable[[Answer], Answer]:
    """The address by slug, and the one by number that answers name as ``url``."""

    def keep(handler: Answer) -> Answer:
        for start in (
            "/orgs/{org}/teams/{team_slug}",
            "/organizations/{org_id}/team/{team_id}",
            "/teams/{team_id}",
        ):
            API.get(start + rest, endpoint)(handler)
        return handler

    return keep


@_team_route("", "teams.get")
def team(call: Call) -> Reply:
    """A team."""
    seen, _, found = _team(call)
    return reply_json(
        Show(call, seen).team_full(found, len(_members(seen, found)), len(_repos(seen, found)))
    )


@_team_route("/members", "teams.members")
def team_members(call: Call) -> Reply:
    """A team's members, those of child teams included."""
    seen, _, found = _team(call)
    role = call.arg("role", "all")
    held = [p for p, r in _members(seen, found).items() if role in ("all", r)]
    return listing(call, _people(seen, held), Show(call, seen).user)


@_team_route("/teams", "teams.children")
def child_teams(call: Call) -> Reply:
    """The teams directly below."""
    seen, _, found = _team(call)
    held = [t for t in seen.state.teams.values() if t.parent == found.id and seen.sees_team(t)]
    return listing(call, held, Show(call, seen).team)


@_team_route("/repos", "teams.repos")
def team_repos(call: Call) -> Reply:
    """A team's repositories that the caller can see too."""
    seen, _, found = _team(call)
    show = Show(call, seen)
    ranks = _repos(seen, found)
    held = [r for r in seen.state.repos.values() if r.id in ranks and seen.level(r) > 0]
    return listing(
        call,
        held,
        lambda r: (
            show.repo(r)
            | {"permissions": permissions(ranks[r.id]), "role_name": role_name(ranks[r.id])}
        ),
    )


@_team_route("/memberships/{username}", "teams.membership")
def team_membership(call: Call) -> Reply:
    """Someone's role in a team."""
    seen, _, found = _team(call)
    account = seen.state.by_login(call.params["username"])
    role = _members(seen, found).get(account.person) if account else None
    if role is None or account is None:
        raise Refused(404, "Not Found")
    url = Show(call, seen).team(found)["url"]
    return reply_json(
        {"url": f"{url}/memberships/{account.login}", "role": role, "state": "active"}
    )
