"""The verbs of projects."""

from __future__ import annotations

from simulator.jira.objects import PERMISSIONS, Actors, Project, Role
from simulator.jira.schemes import Schemes
from simulator.verbs import VerbError, verb


class Projects(Schemes):
    """Projects, who plays which role in them, and which schemes they have."""

    @verb
    def create_project(
        self,
        key: str,
        name: str,
        lead: str,
        scheme: str = "",
        security: str = "",
        style: str = "classic",
        access: str = "private",
        description: str = "",
        at: str = "",
    ) -> str:
        """A project; tells its key.

        Args:
            key: in capitals.
            name: shown name.
            lead: a person's id.
            scheme: the permission scheme's id, for classic projects.
            security: the issue security scheme's id, if any, for classic projects.
            style: classic, or next-gen for a team-managed one with its own roles and scheme.
            access: of a team-managed project: open (everyone edits), limited (everyone sees) or
                private (people in its roles alone).
            description: what it is for.
            at: when, if not now.
        """
        self.world.directory.person(lead)
        if not key.isalnum() or key != key.upper() or key in self.keys:
            raise VerbError(f"a project can't have the key {key}")
        if style not in ("classic", "next-gen") or access not in ("open", "limited", "private"):
            raise VerbError(f"no {style} project with {access} access")
        if style == "classic":
            self._known(self.schemes, scheme, "permission scheme")
            if security:
                self._known(self.securities, security, "issue security scheme")
        number, when = self.number(), self.moment(at)
        made = Project(
            number, key, name, lead, style, scheme, when, security, description=description
        )
        self.projects[made.id], self.keys[key] = made, made.id
        if style == "next-gen":
            self._team_managed(made, access)
        self._audit("Project created", "projects", (made.id, name, "PROJECT"))
        return key

    def _team_managed(self, project: Project, access: str) -> None:
        project.scheme = self._scheme(f"Permission scheme for {project.key}", "", project.id)
        grants = self.schemes[project.scheme].grants
        for name in ("Administrator", "Member", "Viewer"):
            role = Role(self.number(), name, f"{name}s of {project.name}", project.id)
            self.roles[role.id] = role
            for permission in PERMISSIONS:
                viewing = permission == "BROWSE_PROJECTS"
                administering = permission == "ADMINISTER_PROJECTS"
                if name == "Administrator" or viewing or (name == "Member" and not administering):
                    held = self._holder("projectRole", role.id, permission)
                    grants[held.id] = held
            if name == "Administrator":
                project.actors[role.id] = Actors({project.lead: None})
        allowed = {
            "open": [one for one in PERMISSIONS if one != "ADMINISTER_PROJECTS"],
            "limited": ["BROWSE_PROJECTS", "ADD_COMMENTS"],
            "private": [],
        }
        for permission in allowed[access]:
            held = self._holder("applicationRole", "", permission)
            grants[held.id] = held

    @verb
    def rename_project(self, project: str, key: str = "", name: str = "") -> None:
        """A new key or name; old keys go on leading to it."""
        found = self.project(project)
        if key and key != found.key:
            if self.keys.get(key, found.id) != found.id or key != key.upper():
                raise VerbError(f"a project can't have the key {key}")
            found.old_keys.append(found.key)
            found.key = key
            self.keys[key] = found.id
        found.name = name or found.name
        self._audit("Project updated", "projects", (found.id, found.name, "PROJECT"))

    @verb
    def set_lead(self, project: str, lead: str) -> None:
        """Another project lead."""
        found = self.project(project)
        found.lead = self.world.directory.person(lead).id
        self._audit("Project updated", "projects", (found.id, found.name, "PROJECT"))

    @verb
    def delete_project(self, project: str) -> None:
        """A project and its issues are gone."""
        found = self.project(project)
        for issue in [one for one in self.issues.values() if one.project == found.id]:
            self._forget(issue)
        del self.projects[found.id]
        for key in [key for key, held in self.keys.items() if held == found.id]:
            del self.keys[key]
        self._audit("Project deleted", "projects", (found.id, found.name, "PROJECT"))

    @verb
    def set_scheme(self, project: str, scheme: str) -> None:
        """Another permission scheme for a classic project."""
        found = self.project(project)
        self._known(self.schemes, scheme, "permission scheme")
        if found.style != "classic" or self.schemes[scheme].project:
            raise VerbError("team-managed projects keep their own permissions")
        found.scheme = scheme
        self._audit("Permission scheme assigned", "projects", (found.id, found.name, "PROJECT"))

    @verb
    def set_security_scheme(self, project: str, security: str = "") -> None:
        """Another issue security scheme, or none; its issues lose the levels they had."""
        found = self.project(project)
        if found.style != "classic":
            raise VerbError("team-managed projects have no security levels")
        if security:
            self._known(self.securities, security, "issue security scheme")
        found.security = security
        for issue in self.issues.values():
            if issue.project == found.id and issue.security:
                issue.security = ""
        self._audit("Issue security scheme assigned", "projects", (found.id, found.name, "PROJECT"))

    @verb
    def add_actor(self, project: str, role: str, type: str, subject: str) -> None:
        """A user or group plays a role in a project."""
        found, held = self._actors(project, role)
        if type == "user":
            held.users[self.world.directory.person(subject).id] = None
        elif type == "group":
            held.groups[self.world.directory.group(subject).id] = None
        else:
            raise VerbError(f"{type} can't play a role")
        found.actors[role] = held
        said = (("Users" if type == "user" else "Groups", "", subject),)
        name = self.roles[role].name
        self._audit(
            "Project roles changed",
            "projects",
            (found.id, found.name, "PROJECT"),
            said,
            ((role, name, "PROJECT_ROLE"),),
        )

    @verb
    def remove_actor(self, project: str, role: str, type: str, subject: str) -> None:
        """A user or group no longer plays a role in a project."""
        found, held = self._actors(project, role)
        where = held.users if type == "user" else held.groups
        if subject not in where:
            raise VerbError(f"{subject} does not play {role} in {project}")
        del where[subject]
        said = (("Users" if type == "user" else "Groups", subject, ""),)
        self._audit("Project roles changed", "projects", (found.id, found.name, "PROJECT"), said)

    def _actors(self, project: str, role: str) -> tuple[Project, Actors]:
        found = self.project(project)
        if role not in self.roles or self.roles[role].project not in ("", found.id):
            raise VerbError(f"no role {role} in {project}")
        return found, found.actors.get(role) or Actors()
