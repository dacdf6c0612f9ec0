"""What Jira keeps, and the verbs that change it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from simulator.atlassian.accounts import AtlassianState, account_id
from simulator.atlassian.markup import adf_text, to_adf
from simulator.jira.objects import (
    APPLICATION,
    HOLDERS,
    PERMISSIONS,
    PLAIN,
    PRIORITIES,
    STATUSES,
    TYPES,
    Actors,
    Attachment,
    Audit,
    Change,
    Comment,
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
from simulator.verbs import VerbError, verb

if TYPE_CHECKING:
    from simulator.world import World


class JiraState(AtlassianState):
    """Projects and issues of the site."""

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

    @verb
    def create_role(self, name: str, description: str = "", project: str = "") -> str:
        """A project role; tells its id."""
        made = Role(self.number(), name, description, project)
        self.roles[made.id] = made
        return made.id

    @verb
    def create_field(self, name: str, kind: str) -> str:
        """A custom field of kind user, users, group, groups or text; tells its id."""
        if kind not in ("user", "users", "group", "groups", "text"):
            raise VerbError(f"no field of kind {kind}")
        made = Field(f"customfield_{self.number()}", name, kind)
        self.fields[made.id] = made
        return made.id

    @verb
    def create_scheme(self, name: str, description: str = "") -> str:
        """A permission scheme without grants; tells its id."""
        return self._scheme(name, description, "")

    @verb
    def grant(self, scheme: str, permission: str, type: str, parameter: str = "") -> str:
        """Add a grant to a permission scheme; tells its id.

        Args:
            scheme: the scheme's id.
            permission: one of `PERMISSIONS`.
            type: one of `HOLDERS`.
            parameter: whose: a person, group, role or field id, or an application's key (empty
                for any application).
        """
        found = self._known(self.schemes, scheme, "permission scheme")
        if permission not in PERMISSIONS:
            raise VerbError(f"no permission {permission}")
        made = self._holder(type, parameter, permission)
        found.grants[made.id] = made
        said = (("Permission", "", permission), ("Type", "", type), ("Value", "", parameter))
        self._audit(
            "Permission scheme updated", "permissions", (found.id, found.name, "SCHEME"), said
        )
        return made.id

    @verb
    def revoke(self, scheme: str, grant: str) -> None:
        """Remove a grant from a permission scheme."""
        found = self._known(self.schemes, scheme, "permission scheme")
        held = found.grants.pop(grant, None)
        if held is None:
            raise VerbError(f"no grant {grant} in {scheme}")
        said = (("Permission", held.permission, ""), ("Type", held.type, ""))
        self._audit(
            "Permission scheme updated", "permissions", (found.id, found.name, "SCHEME"), said
        )

    @verb
    def create_security_scheme(self, name: str, description: str = "") -> str:
        """An issue security scheme without levels; tells its id."""
        made = SecurityScheme(self.number(), name, description)
        self.securities[made.id] = made
        return made.id

    @verb
    def create_level(self, scheme: str, name: str, description: str = "") -> str:
        """A level that nobody is in yet; tells its id."""
        found = self._known(self.securities, scheme, "issue security scheme")
        made = Level(self.number(), name, description)
        found.levels[made.id] = made
        return made.id

    @verb
    def set_default_level(self, scheme: str, level: str = "") -> None:
        """The level that new issues get; empty for none."""
        found = self._known(self.securities, scheme, "issue security scheme")
        if level and level not in found.levels:
            raise VerbError(f"no level {level} in {scheme}")
        found.default = level

    @verb
    def add_to_level(self, level: str, type: str, parameter: str = "") -> str:
        """Let a holder see issues of a level; tells the member's id."""
        scheme, found = self.level(level)
        if type == "anyone":
            raise VerbError("a security level can't hold anyone")
        made = self._holder(type, parameter, "")
        found.members[made.id] = made
        said = (("Security level", "", found.name), ("Type", "", type))
        self._audit(
            "Issue security scheme updated", "permissions", (scheme.id, scheme.name, "SCHEME"), said
        )
        return made.id

    @verb
    def remove_from_level(self, level: str, member: str) -> None:
        """Take a holder out of a level."""
        scheme, found = self.level(level)
        if found.members.pop(member, None) is None:
            raise VerbError(f"no member {member} in {level}")
        self._audit(
            "Issue security scheme updated", "permissions", (scheme.id, scheme.name, "SCHEME")
        )

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

    @verb
    def create_issue(
        self,
        project: str,
        summary: str,
        reporter: str,
        text: str = "",
        description: dict[str, Any] | None = None,
        type: str = "Task",
        assignee: str = "",
        priority: str = "Medium",
        labels: list[str] | None = None,
        security: str = "",
        parent: str = "",
        fields: dict[str, Any] | None = None,
        creator: str = "",
        at: str = "",
    ) -> str:
        """An issue; tells its key.

        Args:
            project: the project's key or id.
            summary: one line.
            reporter: a person's id, or empty for the service account.
            text: light markup (`simulator.atlassian.markup`) for the description.
            description: ADF, instead of `text`.
            type: an issue type's name.
            assignee: a person's id, or empty.
            priority: a priority's name.
            labels: without spaces.
            security: a level's id; empty for the scheme's default. Sub-tasks take their parent's.
            parent: the issue above, by key or id.
            fields: custom fields by id.
            creator: who did it, if not the reporter.
            at: when, if not now.
        """
        found = self.project(project)
        for person in filter(None, (reporter, assignee, creator)):
            self.world.directory.person(person)
        kind = next((key for key, name in TYPES.items() if name == type), "")
        urgency = next((key for key, name in PRIORITIES.items() if name == priority), "")
        if not summary or not kind or not urgency:
            raise VerbError(f"no {priority} {type} {summary!r}")
        for label in labels or ():
            if " " in label:
                raise VerbError(f"The label '{label}' contains spaces which is invalid.")
        above = self.issue(parent) if parent else None
        epic = above is not None and TYPES[above.type] == "Epic"
        if (type == "Sub-task" and above is None) or (above and type != "Sub-task" and not epic):
            raise VerbError("a sub-task has a parent, and other issues at most an epic")
        if above is not None and above.project != found.id:
            raise VerbError("an issue and its parent share a project")
        self._check_security(found, security)
        if type == "Sub-task" and above is not None:
            level = above.security
        else:
            default = self.securities[found.security].default if found.security else ""
            level = security or default
        for name in fields or {}:
            if name not in self.fields:
                raise VerbError(f"Field '{name}' cannot be set. It is not on the screen.")
        when = self.moment(at)
        found.last_issue += 1
        made = Issue(
            self.number(),
            found.id,
            found.last_issue,
            kind,
            summary,
            description or (to_adf(text) if text else None),
            reporter,
            creator or reporter,
            when,
            when,
            [when],
            assignee,
            priority=urgency,
            labels=list(labels or ()),
            security=level,
            parent=above.id if above else "",
            fields=dict(fields or {}),
        )
        self.issues[made.id] = made
        self.numbers[found.id, made.number] = made.id
        self.log.append(("create", made.id))
        return self.key(made)

    @verb
    def edit_issue(
        self,
        issue: str,
        summary: str | None = None,
        text: str | None = None,
        description: dict[str, Any] | None = None,
        assignee: str | None = None,
        reporter: str | None = None,
        priority: str | None = None,
        labels: list[str] | None = None,
        fields: dict[str, Any] | None = None,
        by: str = "",
        at: str = "",
    ) -> None:
        """Change what is given; what is None stays. An empty `assignee` is nobody."""
        found, items = self.issue(issue), []
        people = self.world.directory.people
        for person in filter(None, (assignee, reporter)):
            self.world.directory.person(person)
        if text is not None:
            description = to_adf(text)
        if summary is not None and summary != found.summary:
            items.append(Change("summary", "", found.summary, "", summary))
            found.summary = summary
        if description is not None and description != found.description:
            old, new = adf_text(found.description), adf_text(description)
            items.append(Change("description", "", old, "", new))
            found.description = description
        for name, given in (("assignee", assignee), ("reporter", reporter)):
            had = getattr(found, name)
            if given is not None and given != had:
                items.append(
                    Change(
                        name,
                        account_id(had) if had else "",
                        people[had].name if had else "",
                        account_id(given) if given else "",
                        people[given].name if given else "",
                    )
                )
                setattr(found, name, given)
        if priority is not None:
            key = next((key for key, name in PRIORITIES.items() if name == priority), "")
            if not key:
                raise VerbError(f"no priority {priority}")
            was = PRIORITIES[found.priority]
            items.append(Change("priority", found.priority, was, key, priority))
            found.priority = key
        if labels is not None and labels != found.labels:
            items.append(Change("labels", "", " ".join(found.labels), "", " ".join(labels)))
            found.labels = list(labels)
        for name, value in (fields or {}).items():
            if name not in self.fields:
                raise VerbError(f"Field '{name}' cannot be set. It is not on the screen.")
            was = str(found.fields.get(name) or "")
            items.append(Change(self.fields[name].name, "", was, "", str(value or "")))
            found.fields[name] = value
        self._touch(found, by, tuple(items), at)

    @verb
    def transition(self, issue: str, status: str, by: str = "", at: str = "") -> None:
        """Into another status, by its id or name."""
        found = self.issue(issue)
        key = next((k for k, (name, _) in STATUSES.items() if status in (k, name)), "")
        if not key:
            raise VerbError(f"no status {status}")
        was, now = STATUSES[found.status], STATUSES[key]
        change = Change("status", found.status, was[0], key, now[0])
        found.status = key
        when = self.moment(at)
        found.resolved = when if now[1] == "done" else None
        self._touch(found, by, (change,), at)

    @verb
    def set_security(self, issue: str, level: str = "", by: str = "") -> None:
        """A security level, or none; sub-tasks follow."""
        found = self.issue(issue)
        if TYPES[found.type] == "Sub-task":
            raise VerbError("a sub-task has its parent's security level")
        self._check_security(self.projects[found.project], level)
        below = [
            one
            for one in self.issues.values()
            if one.parent == found.id and TYPES[one.type] == "Sub-task"
        ]
        for one in (found, *below):
            was = self.level(one.security)[1].name if one.security else ""
            now = self.level(level)[1].name if level else ""
            change = Change("security", one.security, was, level, now)
            one.security = level
            self._touch(one, by, (change,), "")

    @verb
    def restrict_issue(self, issue: str, roles: list[str], by: str = "") -> None:
        """On a team-managed project: only these roles see the issue; an empty list ends that."""
        found = self.issue(issue)
        project = self.projects[found.project]
        if project.style != "next-gen" or any(
            role not in self.roles or self.roles[role].project != project.id for role in roles
        ):
            raise VerbError("issue restrictions are for roles of a team-managed project")
        change = Change("Restrict to", "", ",".join(found.restricted), "", ",".join(roles))
        found.restricted = list(roles)
        self._touch(found, by, (change,), "")

    @verb
    def move_issue(self, issue: str, project: str, by: str = "") -> str:
        """Into another project under a new key, the old one leading to it; tells the new key.

        Its security level and restriction do not come along.
        """
        found, target = self.issue(issue), self.project(project)
        if found.project == target.id or found.parent:
            raise VerbError("an issue moves to another project, and not from under its parent")
        if any(one.parent == found.id for one in self.issues.values()):
            raise VerbError("an issue with others below it can't move")
        was = self.key(found)
        target.last_issue += 1
        found.project, found.number = target.id, target.last_issue
        found.restricted = []
        found.security = self.securities[target.security].default if target.security else ""
        self.numbers[target.id, found.number] = found.id
        self._touch(found, by, (Change("Key", "", was, "", self.key(found)),), "")
        return self.key(found)

    @verb
    def delete_issue(self, issue: str, by: str = "") -> None:
        """An issue and its sub-tasks are gone."""
        found = self.issue(issue)
        for one in [i for i in self.issues.values() if i.parent == found.id]:
            if TYPES[one.type] == "Sub-task":
                self._forget(one)
            else:
                one.parent = ""
        self._audit("Issue deleted", "issues", (found.id, self.key(found), "ISSUE_DELETE"), by=by)
        self._forget(found)

    @verb
    def comment(
        self,
        issue: str,
        author: str,
        text: str = "",
        body: dict[str, Any] | None = None,
        role: str = "",
        group: str = "",
        at: str = "",
    ) -> str:
        """A comment, for everyone who sees the issue unless a role or group is named.

        Tells its id.
        """
        found = self.issue(issue)
        if author:
            self.world.directory.person(author)
        visible = None
        if role:
            self._known(self.roles, role, "role")
            visible = ("role", role)
        elif group:
            visible = ("group", self.world.directory.group(group).id)
        when = self.moment(at)
        made = Comment(self.number(), author, body or to_adf(text), when, when, author, visible)
        found.comments[made.id] = made
        self._touch(found, author, (), at)
        return made.id

    @verb
    def edit_comment(
        self,
        issue: str,
        comment: str,
        text: str = "",
        body: dict[str, Any] | None = None,
        by: str = "",
    ) -> None:
        """New words for a comment."""
        found = self.issue(issue)
        held = self._known(found.comments, comment, "comment")
        held.body, held.updated = body or to_adf(text), self.world.now()
        held.editor = by or held.editor
        self._touch(found, by, (), "")

    @verb
    def delete_comment(self, issue: str, comment: str) -> None:
        """A comment is gone."""
        found = self.issue(issue)
        self._known(found.comments, comment, "comment")
        del found.comments[comment]
        self._touch(found, "", (), "")

    @verb
    def attach(
        self,
        issue: str,
        name: str,
        author: str,
        data: str,
        media: str = "application/octet-stream",
        encoding: str = "utf-8",
        at: str = "",
    ) -> str:
        """A file on an issue; tells its id. `encoding` is ``utf-8`` or ``base64``."""
        found = self.issue(issue)
        raw = base64.b64decode(data) if encoding == "base64" else data.encode()
        when = self.moment(at)
        made = Attachment(self.number(), found.id, name, media, raw, author, when)
        self.attachments[made.id] = made
        self._touch(found, author, (Change("Attachment", "", "", made.id, name),), at)
        return made.id

    @verb
    def delete_attachment(self, attachment: str, by: str = "") -> None:
        """A file is gone."""
        held = self._known(self.attachments, attachment, "attachment")
        del self.attachments[attachment]
        change = Change("Attachment", held.id, held.name, "", "")
        self._touch(self.issues[held.issue], by, (change,), "")

    @verb
    def set_property(self, issue: str, key: str, value: Any = None) -> None:
        """Set an issue property, or remove it with None; that is no update."""
        found = self.issue(issue)
        if value is None:
            found.properties.pop(key, None)
        else:
            found.properties[key] = value

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
