"""The verbs of issues, and with them all that change what Jira keeps."""

from __future__ import annotations

import base64
from typing import Any

from simulator.atlassian.accounts import account_id
from simulator.atlassian.markup import adf_text, to_adf
from simulator.jira.objects import PRIORITIES, STATUSES, TYPES, Attachment, Change, Comment, Issue
from simulator.jira.projects import Projects
from simulator.verbs import VerbError, verb


class JiraState(Projects):
    """Projects and issues of the site, and what can happen to them."""

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
