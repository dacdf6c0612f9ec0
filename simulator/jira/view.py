"""What a caller's token sees in Jira: enforcement, written apart from the oracle.

The caller is turned into a set of *badges* once a project; who carries any badge of a grant,
or is what an issue's fields say, has the permission.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.atlassian.accounts import groups_seen
from simulator.jira.objects import Comment, Holder, Issue, Project
from simulator.jira.state import JiraState
from simulator.people import Person

Badge = tuple[str, str]
_OF_ISSUES = frozenset({"reporter", "assignee", "userCustomField", "groupCustomField"})


class Sight:
    """One caller's view of the site at one instant."""

    def __init__(self, state: JiraState, person: Person | None, *, service: bool = False):
        """Look through the eyes of `person`; None is the app if `service`, else nobody known."""
        self.state, self.person, self.service = state, person, service
        self.groups = groups_seen(state.world, person) if person else set()
        self.licensed = person is not None and any(group in self.groups for group in state.access)
        self.admin = service or (person is not None and person.id in state.administrators)
        self._badges: dict[str, set[Badge]] = {}

    @property
    def welcome(self) -> bool:
        """Whether the caller may use Jira at all; people without an account may look around."""
        return self.service or self.licensed or self.person is None

    def badges(self, project: Project) -> set[Badge]:
        """Everything that the caller is in a project, whichever the issue."""
        known = self._badges.get(project.id)
        if known is None:
            known = {("anyone", "")} | {("group", group) for group in self.groups}
            if self.person is not None:
                known.add(("user", self.person.id))
                if project.lead == self.person.id:
                    known.add(("projectLead", ""))
            if self.licensed:
                known |= {("applicationRole", ""), ("applicationRole", "jira-software")}
            for role, actors in project.actors.items():
                mine = self.person is not None and self.person.id in actors.users
                if mine or self.groups & actors.groups.keys():
                    known.add(("projectRole", role))
            self._badges[project.id] = known
        return known

    def _is(self, holder: Holder, issue: Issue) -> bool:
        """Whether the caller is what an issue's own fields make a holder."""
        if self.person is None:
            return False
        if holder.type == "reporter":
            return self.person.id == issue.reporter
        if holder.type == "assignee":
            return self.person.id == issue.assignee
        given = issue.fields.get(holder.parameter)
        chosen = set(given) if isinstance(given, list) else {given}
        if holder.type == "userCustomField":
            return self.person.id in chosen
        return bool(self.groups & chosen)

    def _among(self, holders: Iterable[Holder], project: Project, issue: Issue | None) -> bool:
        badges = self.badges(project)
        for holder in holders:
            if holder.type in _OF_ISSUES:
                if issue is not None and self._is(holder, issue):
                    return True
            elif (holder.type, holder.parameter) in badges:
                return True
        return False

    def may(self, permission: str, project: Project, issue: Issue | None = None) -> bool:
        """Whether a project's scheme gives the caller a permission (on an issue)."""
        if self.service:
            return True
        if not self.welcome:
            return False
        if permission == "BROWSE_PROJECTS" and self.admin and project.style == "next-gen":
            return True
        grants = self.state.schemes[project.scheme].grants.values()
        held = [one for one in grants if one.permission == permission]
        return self._among(held, project, issue)

    def sees_project(self, project: Project) -> bool:
        """Whether the project is listed for the caller.

        Grants that depend on an issue (to its reporter, say) show the project to everyone who
        uses Jira, though not its issues.
        """
        if self.admin or self.may("BROWSE_PROJECTS", project):
            return True
        grants = self.state.schemes[project.scheme].grants.values()
        return self.licensed and any(
            one.permission == "BROWSE_PROJECTS" and one.type in _OF_ISSUES for one in grants
        )

    def sees(self, issue: Issue) -> bool:
        """Whether the issue is there for the caller."""
        if self.service:
            return True
        project = self.state.projects[issue.project]
        if not self.may("BROWSE_PROJECTS", project, issue):
            return False
        if issue.restricted:
            badges = self.badges(project)
            if not any(("projectRole", role) in badges for role in issue.restricted):
                return False
        if issue.security:
            members = self.state.level(issue.security)[1].members
            return self._among(members.values(), project, issue)
        return True

    def sees_comment(self, comment: Comment, issue: Issue) -> bool:
        """Whether a comment on an issue that the caller sees is for them."""
        if comment.visible_to is None or self.service:
            return True
        kind, name = comment.visible_to
        if kind == "group":
            return name in self.groups
        return ("projectRole", name) in self.badges(self.state.projects[issue.project])
