"""Who may read which issue in Jira, from Atlassian's documentation."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.jira.objects import APPLICATION, Holder, Issue
from simulator.jira.state import JiraState
from simulator.oracle import Document, Rules, groups_holding
from simulator.people import Person
from simulator.world import World

_HOLDER = (
    "https://developer.atlassian.com/cloud/jira/platform/rest/v3/"
    "api-group-permission-schemes/#holder-object"
)
_ROLES = "https://support.atlassian.com/jira-cloud-administration/docs/manage-project-roles/"
_SECURITY = (
    "https://support.atlassian.com/jira-cloud-administration/docs/configure-issue-security-schemes/"
)
_TEAM = "https://support.atlassian.com/jira-software-cloud/docs/next-gen-permissions/"
_ACCESS = "https://confluence.atlassian.com/x/3YxjL"
_SIGN_IN = "https://confluence.atlassian.com/cloud/deactivate-a-managed-account-961259517.html"
_FACT = "knowledge/sources.md section 6: Browse = scheme AND security level AND restriction"

HOLDERS = Rules("jira: a holder is this person, for this issue")
ACTORS = Rules("jira: a person plays a role in a project")
BROWSING = Rules("jira: a person may browse an issue's project")
READING = Rules("jira: the issue is there to be read", every=True)
BOOKS = (HOLDERS, ACTORS, BROWSING, READING)


@HOLDERS.rule(_HOLDER)
def holder_is_user(world: World, person: Person, issue: Issue, holder: Holder) -> bool:
    """The specified user."""
    return holder.type == "user" and holder.parameter == person.id


@HOLDERS.rule(_HOLDER)
def holder_is_group(world: World, person: Person, issue: Issue, holder: Holder) -> bool:
    """The specified group; nested groups are flattened into it."""
    return holder.type == "group" and holder.parameter in groups_holding(world, person.id)


@HOLDERS.rule(_HOLDER)
def holder_is_role(world: World, person: Person, issue: Issue, holder: Holder) -> bool:
    """Whoever plays the specified role in the issue's project."""
    return holder.type == "projectRole" and ACTORS.hold(world, person, issue, holder.parameter)


@HOLDERS.rule(_HOLDER)
def holder_is_application(world: World, person: Person, issue: Issue, holder: Holder) -> bool:
    """Users with access to the specified application, or to any where none is specified."""
    if holder.type != "applicationRole" or holder.parameter not in ("", APPLICATION):
        return False
    return not groups_holding(world, person.id).isdisjoint(JiraState.of(world).access)


@HOLDERS.rule(_HOLDER)
def holder_is_anyone(world: World, person: Person, issue: Issue, holder: Holder) -> bool:
    """Anonymous users, and so everybody."""
    return holder.type == "anyone"


@HOLDERS.rule(_HOLDER)
def holder_is_reporter(world: World, person: Person, issue: Issue, holder: Holder) -> bool:
    """The user who reported the issue."""
    return holder.type == "reporter" and issue.reporter == person.id


@HOLDERS.rule(_HOLDER)
def holder_is_assignee(world: World, person: Person, issue: Issue, holder: Holder) -> bool:
    """The user currently assigned to the issue."""
    return holder.type == "assignee" and issue.assignee == person.id


@HOLDERS.rule(_HOLDER)
def holder_is_lead(world: World, person: Person, issue: Issue, holder: Holder) -> bool:
    """The lead of the issue's project."""
    lead = JiraState.of(world).projects[issue.project].lead
    return holder.type == "projectLead" and lead == person.id


@HOLDERS.rule(_HOLDER)
def holder_is_in_user_field(world: World, person: Person, issue: Issue, holder: Holder) -> bool:
    """A user selected in the specified custom field."""
    return holder.type == "userCustomField" and person.id in _chosen(issue, holder.parameter)


@HOLDERS.rule(_HOLDER)
def holder_is_in_group_field(world: World, person: Person, issue: Issue, holder: Holder) -> bool:
    """A member of the group selected in the specified custom field."""
    return holder.type == "groupCustomField" and not groups_holding(world, person.id).isdisjoint(
        _chosen(issue, holder.parameter)
    )


def _chosen(issue: Issue, field: str) -> list[str]:
    value = issue.fields.get(field) or []
    return value if isinstance(value, list) else [value]


@ACTORS.rule(_ROLES)
def plays_role_oneself(world: World, person: Person, issue: Issue, role: str) -> bool:
    """A user is an actor of the role in the project."""
    actors = JiraState.of(world).projects[issue.project].actors.get(role)
    return actors is not None and person.id in actors.users


@ACTORS.rule(_ROLES)
def plays_role_by_group(world: World, person: Person, issue: Issue, role: str) -> bool:
    """A group of the user is an actor of the role in the project."""
    actors = JiraState.of(world).projects[issue.project].actors.get(role)
    return actors is not None and not groups_holding(world, person.id).isdisjoint(actors.groups)


@READING.rule(_SIGN_IN)
def account_can_sign_in(world: World, person: Person, issue: Issue) -> bool:
    """Deactivated and deleted accounts read nothing."""
    return person.active and not person.deleted


@READING.rule(_ACCESS)
def has_the_product(world: World, person: Person, issue: Issue) -> bool:
    """An account without access to Jira can't use it, whatever a scheme grants."""
    return any(group in JiraState.of(world).access for group in groups_holding(world, person.id))


@BROWSING.rule(_FACT)
def scheme_lets_browse(world: World, person: Person, issue: Issue) -> bool:
    """Some holder of Browse Projects in the project's permission scheme is the person."""
    state = JiraState.of(world)
    scheme = state.schemes[state.projects[issue.project].scheme]
    return any(
        held.permission == "BROWSE_PROJECTS" and HOLDERS.hold(world, person, issue, held)
        for held in scheme.grants.values()
    )


@BROWSING.rule(_TEAM)
def administers_jira(world: World, person: Person, issue: Issue) -> bool:
    """Jira administrators see every team-managed project, private ones too."""
    state = JiraState.of(world)
    team_managed = state.projects[issue.project].style == "next-gen"
    return team_managed and person.id in state.administrators


@READING.rule(_FACT)
def may_browse(world: World, person: Person, issue: Issue) -> bool:
    """The permission to browse the project is needed for every issue in it."""
    return BROWSING.hold(world, person, issue)


@READING.rule(_SECURITY)
def security_level_admits(world: World, person: Person, issue: Issue) -> bool:
    """With a security level, only its members see the issue; an empty level shows it to none."""
    if issue.security == "":
        return True
    members = JiraState.of(world).level(issue.security)[1].members
    return any(HOLDERS.hold(world, person, issue, held) for held in members.values())


@READING.rule(_FACT)
def restriction_admits(world: World, person: Person, issue: Issue) -> bool:
    """On a team-managed project, a restricted issue is for people in one of its roles."""
    return not issue.restricted or any(
        ACTORS.hold(world, person, issue, role) for role in issue.restricted
    )


def readable(world: World, person: Person, document: str) -> bool:
    """Whether `person` may read the issue, given its id."""
    issue = JiraState.of(world).issues.get(document)
    return issue is not None and READING.hold(world, person, issue)


def documents(world: World) -> Iterator[Document]:
    """Every issue."""
    state = JiraState.of(world)
    for issue in state.issues.values():
        yield Document("jira", issue.id, issue.summary, state.projects[issue.project].key)
