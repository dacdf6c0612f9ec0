"""What Jira keeps, and how its verbs go about changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.atlassian.accounts import AtlassianState
from simulator.jira.objects import (
    APPLICATION,
    HOLDERS,
    PLAIN,
    Attachment,
    Audit,
    Change,
    Field,
    History,
    Holder,
    Issue,
    Level,
    PermissionScheme,
    Project,
    Role,
    SecurityScheme,
)
from simulator.verbs import VerbError

if TYPE_CHECKING:
    from simulator.world import World


class Site(AtlassianState):
    """Projects, issues and schemes of the site."""

    name = "jira"

    def __init__(self, world: World):
        super().__init__(world)
        self.projects: dict[str, Project] = {}
        self.keys: dict[str, str] = {}
        """Project key, old ones included → project id."""
        self.issues: dict[str, Issue] = {}
        self.numbers: dict[tuple[str, int], str] = {}
        """(project id, issue number) → issue id; moved issues keep their old entries."""
        self.schemes: dict[str, PermissionScheme] = {}
        self.securities: dict[str, SecurityScheme] = {}
        self.roles: dict[str, Role] = {}
        self.fields: dict[str, Field] = {}
        self.attachments: dict[str, Attachment] = {}
        self.audit: list[Audit] = []
        self.log: list[tuple[str, str]] = []

    def directory_changed(self, kind: str, subject: str) -> None:
        """Group changes are written to the audit log."""
        said = {
            "add_member": "User added to group",
            "remove_member": "User removed from group",
            "create_group": "Group created",
            "delete_group": "Group deleted",
            "nest": "User added to group",
            "unnest": "User removed from group",
        }
        if kind in said:
            self._audit(said[kind], "group management", (subject, subject, "GROUP"))

    def project(self, key_or_id: str) -> Project:
        """The project with this key (an old one will do) or id.

        Raises:
            VerbError: there is none.
        """
        found = self.projects.get(self.keys.get(key_or_id, key_or_id))
        if found is None:
            raise VerbError(f"no project {key_or_id}")
        return found

    def issue(self, key_or_id: str) -> Issue:
        """The issue with this key (an old one will do) or id.

        Raises:
            VerbError: there is none.
        """
        found = self.find(key_or_id)
        if found is None:
            raise VerbError(f"no issue {key_or_id}")
        return found

    def find(self, key_or_id: str) -> Issue | None:
        """The issue with this key or id, if there is one."""
        if key_or_id in self.issues:
            return self.issues[key_or_id]
        key, _, number = key_or_id.upper().rpartition("-")
        if not number.isdecimal():
            return None
        found = self.numbers.get((self.keys.get(key, ""), int(number)), "")
        return self.issues.get(found)

    def key(self, issue: Issue) -> str:
        """The issue's key today."""
        return f"{self.projects[issue.project].key}-{issue.number}"

    def level(self, level: str) -> tuple[SecurityScheme, Level]:
        """A security level and its scheme.

        Raises:
            VerbError: there is none.
        """
        for scheme in self.securities.values():
            if level in scheme.levels:
                return scheme, scheme.levels[level]
        raise VerbError(f"no security level {level}")

    def _known(self, kept: dict[str, Any], wanted: str, what: str) -> Any:
        if wanted not in kept:
            raise VerbError(f"no {what} {wanted}")
        return kept[wanted]

    def _scheme(self, name: str, description: str, project: str) -> str:
        made = PermissionScheme(self.number(), name, description, project=project)
        self.schemes[made.id] = made
        return made.id

    def _holder(self, kind: str, parameter: str, permission: str) -> Holder:
        if kind not in HOLDERS or (kind in PLAIN and parameter):
            raise VerbError(f"no holder {kind} {parameter}")
        if kind == "user":
            self.world.directory.person(parameter)
        elif kind == "group":
            self.world.directory.group(parameter)
        elif kind == "projectRole":
            self._known(self.roles, parameter, "role")
        elif kind == "applicationRole" and parameter not in ("", APPLICATION):
            raise VerbError(f"no application {parameter}")
        elif kind.endswith("CustomField"):
            wanted = "user" if kind == "userCustomField" else "group"
            if not self._known(self.fields, parameter, "field").kind.startswith(wanted):
                raise VerbError(f"{parameter} is no field of {wanted}s")
        return Holder(self.number(), kind, parameter, permission)

    def _check_security(self, project: Project, level: str) -> None:
        if level and (
            project.security == "" or level not in self.securities[project.security].levels
        ):
            raise VerbError(f"no security level {level} in {project.key}")

    def _touch(self, issue: Issue, by: str, items: tuple[Change, ...], at: str) -> None:
        when = self.moment(at)
        if items:
            issue.changelog.append(History(self.number(), by or issue.reporter, when, items))
        issue.updated = max(when, issue.updated)
        issue.touched.append(issue.updated)
        self.log.append(("update", issue.id))

    def _forget(self, issue: Issue) -> None:
        del self.issues[issue.id]
        for file in [one.id for one in self.attachments.values() if one.issue == issue.id]:
            del self.attachments[file]
        self.log.append(("delete", issue.id))

    def _audit(
        self,
        summary: str,
        category: str,
        about: tuple[str, str, str],
        changes: tuple[tuple[str, str, str], ...] = (),
        associated: tuple[tuple[str, str, str], ...] = (),
        by: str = "",
    ) -> None:
        number, now = len(self.audit) + 1, self.world.now()
        self.audit.append(Audit(number, now, by, summary, category, about, changes, associated))
