"""Who may read what at GitHub, from its documentation.

A document is a file on the default branch, an issue, a pull request, a discussion or a wiki
page. Reading is decided by the repository, then by whether that part of it is turned on.
Documents are named by their repository's number, which outlives renaming, and the rest of
their address: ``123/blob/docs/a.md``, ``123/issues/4``, ``123/pull/5``, ``123/discussions/6``,
``123/wiki/Home``.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.github.model import Repo, Team
from simulator.github.state import GithubState
from simulator.oracle import Document, Rules
from simulator.people import Person
from simulator.world import World

_DOCS = "https://docs.github.com/en"
_ORGS = f"{_DOCS}/organizations"
_ACCESS = f"{_ORGS}/managing-user-access-to-your-organizations-repositories"
_REPOS = f"{_DOCS}/repositories"
_FEATURES = f"{_REPOS}/managing-your-repositorys-settings-and-features"
_ENABLING = f"{_FEATURES}/enabling-features-for-your-repository"
_IAM = f"{_DOCS}/enterprise-cloud@latest/admin/managing-iam/understanding-iam-for-enterprises"
_VISIBILITY = (
    f"{_REPOS}/creating-and-managing-repositories/about-repositories#about-repository-visibility"
)
_OWNERS = (
    f"{_ORGS}/managing-peoples-access-to-your-organization-with-roles/roles-in-an-organization"
)
_BASE = f"{_ACCESS}/managing-repository-roles/setting-base-permissions-for-an-organization"
_TEAMS = f"{_ORGS}/organizing-members-into-teams/about-teams"
_PEOPLE = (
    f"{_ACCESS}/managing-outside-collaborators/"
    "adding-outside-collaborators-to-repositories-in-your-organization"
)
_INVITE = f"{_DOCS}/rest/collaborators/invitations"
_SUSPENDED = f"{_IAM}/abilities-and-restrictions-of-managed-user-accounts"
_ISSUES = f"{_ENABLING}/disabling-issues"
_WIKI = f"{_DOCS}/communities/documenting-your-project-with-wikis/disabling-wikis"
_DISCUSS = f"{_ENABLING}/enabling-or-disabling-github-discussions-for-a-repository"
_FACTS = "sources.md section 7"

GRANTS = Rules("github: something opens this repository to this person")
TEAMS = Rules("github: a team's role speaks of this person")
OUTSIDE = Rules("github: a person's own role is in force", every=True)
MEMBERS = Rules("github: a membership is in force", every=True)
READING = Rules("github: the document is there to be read", every=True)
BOOKS = (GRANTS, TEAMS, OUTSIDE, MEMBERS, READING)


def _member(world: World, person: Person, org: int) -> bool:
    return MEMBERS.hold(GithubState.of(world), person, org)


@MEMBERS.rule(_OWNERS)
def listed_in_organisation(state: GithubState, person: Person, org: int) -> bool:
    """Outside collaborators are not members, whatever they may open."""
    return person.id in state.orgs[org].members


@MEMBERS.rule(f"{_DOCS}/rest/orgs/members#get-organization-membership-for-a-user")
def membership_accepted(state: GithubState, person: Person, org: int) -> bool:
    """An invitation makes no member until it is accepted (``state: pending``)."""
    held = state.orgs[org].members.get(person.id)
    return held is None or not held.pending


@GRANTS.rule(_VISIBILITY)
def public_to_everyone(world: World, person: Person, repo: Repo) -> bool:
    """A public repository is everybody's to read."""
    return repo.visibility == "public"


@GRANTS.rule(f"{_VISIBILITY}; {_FACTS}: internal = enterprise members")
def internal_to_organisation(world: World, person: Person, repo: Repo) -> bool:
    """An internal repository is open to members of its organisation, not to outsiders."""
    return repo.visibility == "internal" and _member(world, person, repo.org)


@GRANTS.rule(f"{_VISIBILITY}; {_FACTS}: internal = enterprise members")
def internal_to_enterprise(world: World, person: Person, repo: Repo) -> bool:
    """…and to members of the enterprise's other organisations."""
    others = [org for org in GithubState.of(world).orgs if org != repo.org]
    return repo.visibility == "internal" and any(_member(world, person, org) for org in others)


@GRANTS.rule(f"{_OWNERS}; {_FACTS}: collaborators include owners")
def owner_of_organisation(world: World, person: Person, repo: Repo) -> bool:
    """Owners have complete access to every repository of the organisation."""
    held = GithubState.of(world).orgs[repo.org].members.get(person.id)
    return held is not None and held.role == "admin" and _member(world, person, repo.org)


@GRANTS.rule(f"{_BASE}; {_FACTS}: collaborators include org base permission")
def base_permission(world: World, person: Person, repo: Repo) -> bool:
    """The base permission is every member's in every repository; outsiders have none of it."""
    return GithubState.of(world).orgs[repo.org].base != "none" and _member(world, person, repo.org)


@GRANTS.rule(f"{_TEAMS}; {_FACTS}: collaborators include teams and child teams")
def through_a_team(world: World, person: Person, repo: Repo) -> bool:
    """A team with any role in the repository brings its people in."""
    teams = GithubState.of(world).teams.values()
    return any(repo.id in team.repos and TEAMS.hold(world, person, team) for team in teams)


@TEAMS.rule(_TEAMS)
def on_the_team(world: World, person: Person, team: Team) -> bool:
    """A team's own people."""
    return person.id in team.members


@TEAMS.rule(f"{_TEAMS}#nested-teams")
def on_a_team_below(world: World, person: Person, team: Team) -> bool:
    """Child teams inherit their parent's permissions, at any depth."""
    teams = GithubState.of(world).teams
    level = [t for t in teams.values() if t.parent == team.id]
    while level:
        if any(person.id in t.members for t in level):
            return True
        above = {t.id for t in level}
        level = [t for t in teams.values() if t.parent in above]
    return False


@GRANTS.rule(_PEOPLE)
def own_role(world: World, person: Person, repo: Repo) -> bool:
    """A person with a role of their own, member or outside collaborator."""
    return OUTSIDE.hold(person, repo)


@OUTSIDE.rule(_PEOPLE)
def named_as_collaborator(person: Person, repo: Repo) -> bool:
    """The role names this account."""
    return person.id in repo.collaborators


@OUTSIDE.rule(_INVITE)
def invitation_accepted(person: Person, repo: Repo) -> bool:
    """An invited collaborator has nothing until they accept."""
    return person.id not in repo.collaborators or not repo.collaborators[person.id].pending


@READING.rule(_SUSPENDED)
def account_can_sign_in(world: World, person: Person, repo: Repo, kind: str) -> bool:
    """Suspended and deleted accounts read nothing."""
    return person.active and not person.deleted


@READING.rule(_ISSUES)
def issues_turned_on(world: World, person: Person, repo: Repo, kind: str) -> bool:
    """With issues turned off, nobody gets at those that were written."""
    return kind != "issues" or repo.has_issues


@READING.rule(_WIKI)
def wiki_turned_on(world: World, person: Person, repo: Repo, kind: str) -> bool:
    """With the wiki turned off, nobody gets at its pages."""
    return kind != "wiki" or repo.has_wiki


@READING.rule(_DISCUSS)
def discussions_turned_on(world: World, person: Person, repo: Repo, kind: str) -> bool:
    """With discussions turned off, nobody gets at those that were written."""
    return kind != "discussions" or repo.has_discussions


def readable(world: World, person: Person, document: str) -> bool:
    """Whether `person` may read the document."""
    number, _, rest = document.partition("/")
    kind, _, name = rest.partition("/")
    repo = GithubState.of(world).repos.get(int(number)) if number.isdecimal() else None
    return (
        repo is not None
        and _holds(repo, kind, name)
        and READING.hold(world, person, repo, kind)
        and GRANTS.hold(world, person, repo)
    )


def _holds(repo: Repo, kind: str, name: str) -> bool:
    """Whether there is such a document."""
    if kind == "blob":
        return repo.git.head is not None and name in repo.git.head.files
    if kind == "wiki":
        return repo.wiki.head is not None and f"{name}.md" in repo.wiki.head.files
    number = int(name) if name.isdecimal() else 0
    if kind == "discussions":
        return number in repo.discussions
    found = repo.issues.get(number) if kind in ("issues", "pull") else None
    return found is not None and (found.pull is not None) == (kind == "pull")


def _titles(repo: Repo) -> Iterator[tuple[str, str]]:
    """What is in a repository: ids below its number, and titles."""
    for path in repo.git.head.files if repo.git.head else ():
        yield f"blob/{path}", path
    for issue in repo.issues.values():
        yield f"{'pull' if issue.pull else 'issues'}/{issue.number}", issue.title
    for talk in repo.discussions.values():
        yield f"discussions/{talk.number}", talk.title
    for path in repo.wiki.head.files if repo.wiki.head else ():
        page = path.removesuffix(".md")
        yield f"wiki/{page}", page.replace("-", " ")


def documents(world: World) -> Iterator[Document]:
    """Everything in every repository, what is turned off included."""
    for repo in GithubState.of(world).repos.values():
        for name, title in _titles(repo):
            yield Document("github", f"{repo.id}/{name}", title, str(repo.id))
