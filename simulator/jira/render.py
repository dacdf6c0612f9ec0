"""Jira's issues as JSON, with all that is in them."""

from __future__ import annotations

from typing import Any

from simulator.atlassian.accounts import group_id
from simulator.jira.objects import STATUSES, TYPES, Attachment, Comment, History, Issue
from simulator.jira.render_site import Row, SiteRenderer

NAVIGABLE = (
    "summary",
    "issuetype",
    "project",
    "status",
    "priority",
    "reporter",
    "assignee",
    "creator",
    "created",
    "updated",
    "labels",
    "security",
    "resolution",
    "resolutiondate",
    "parent",
    "subtasks",
    "issuerestriction",
)
"""The fields of ``*navigable``; ``*all`` has more."""
ONLY_ALL = ("description", "comment", "attachment")
_NAMES = {
    "summary": "Summary",
    "issuetype": "Issue Type",
    "project": "Project",
    "status": "Status",
    "priority": "Priority",
    "reporter": "Reporter",
    "assignee": "Assignee",
    "creator": "Creator",
    "created": "Created",
    "updated": "Updated",
    "labels": "Labels",
    "security": "Security Level",
    "resolution": "Resolution",
    "resolutiondate": "Resolved",
    "parent": "Parent",
    "subtasks": "Sub-tasks",
    "issuerestriction": "Restrict to",
    "description": "Description",
    "comment": "Comment",
    "attachment": "Attachment",
}


class Renderer(SiteRenderer):
    """Makes JSON of what one call may see."""

    def comment(self, issue: Issue, comment: Comment) -> Row:
        """A comment."""
        row: Row = {
            "self": f"{self.base}/issue/{issue.id}/comment/{comment.id}",
            "id": comment.id,
            "author": self.by(comment.author),
            "body": self.body(comment.body),
            "updateAuthor": self.by(comment.editor),
            "created": self.time(comment.created),
            "updated": self.time(comment.updated),
            "jsdPublic": True,
        }
        if comment.visible_to is not None:
            kind, name = comment.visible_to
            if kind == "role":
                said = self.state.roles[name].name
                row["visibility"] = {"type": "role", "value": said, "identifier": name}
            else:
                row["visibility"] = {"type": "group", "value": name, "identifier": group_id(name)}
        return row

    def comments(self, issue: Issue) -> list[Comment]:
        """The comments of an issue that the caller sees."""
        return [one for one in issue.comments.values() if self.sight.sees_comment(one, issue)]

    def attachment(self, file: Attachment) -> Row:
        """An attachment."""
        return {
            "self": f"{self.base}/attachment/{file.id}",
            "id": file.id,
            "filename": file.name,
            "author": self.by(file.author),
            "created": self.time(file.created),
            "size": len(file.data),
            "mimeType": file.media,
            "content": f"{self.base}/attachment/content/{file.id}",
        }

    def history(self, entry: History) -> Row:
        """One entry of a changelog."""
        items = []
        for item in entry.items:
            row = {"field": item.field, "fieldtype": "jira", "fieldId": item.field.lower()}
            for name, value in (
                ("from", item.old),
                ("fromString", item.old_text),
                ("to", item.new),
                ("toString", item.new_text),
            ):
                row[name] = value or None  # type: ignore[assignment]
            items.append(row)
        return {
            "id": entry.id,
            "author": self.by(entry.author),
            "created": self.time(entry.at),
            "items": items,
        }

    def wanted(self, given: list[str], default: tuple[str, ...]) -> list[str]:
        """Field ids that a ``fields`` parameter asks for."""
        asked = [one.strip() for some in given for one in some.split(",") if one.strip()]
        known = [*NAVIGABLE, *ONLY_ALL, *self.state.fields]
        chosen = dict.fromkeys(() if asked and not _only_minus(asked) else default)
        for name in asked:
            if name == "*all":
                chosen |= dict.fromkeys(known)
            elif name == "*navigable":
                chosen |= dict.fromkeys([*NAVIGABLE, *self.state.fields])
            elif name.startswith("-"):
                chosen.pop(name[1:], None)
            elif name in known:
                chosen[name] = None
        return list(chosen)

    def issue(self, issue: Issue, fields: list[str], expand: str = "") -> Row:
        """An issue with some of its fields."""
        row: Row = {
            "expand": "renderedFields,names,schema,operations,editmeta,changelog",
            "id": issue.id,
            "self": f"{self.base}/issue/{issue.id}",
            "key": self.state.key(issue),
            "fields": {name: self.field(issue, name) for name in fields},
        }
        if "changelog" in expand:
            shown = [self.history(one) for one in issue.changelog[::-1]][:40]
            row["changelog"] = {
                "startAt": 0,
                "maxResults": len(shown),
                "total": len(issue.changelog),
                "histories": shown,
            }
        if "names" in expand:
            row["names"] = {name: self.name(name) for name in fields}
        if "transitions" in expand:
            row["transitions"] = self.transitions()
        return row

    def name(self, field: str) -> str:
        """A field's name."""
        return self.state.fields[field].name if field in self.state.fields else _NAMES[field]

    def transitions(self) -> list[Row]:
        """Every transition; each status can follow every other."""
        return [
            {
                "id": str(11 + 10 * place),
                "name": name,
                "to": self.status(status),
                "hasScreen": False,
                "isGlobal": True,
                "isInitial": False,
                "isAvailable": True,
                "isConditional": False,
                "looped": False,
            }
            for place, (status, (name, _)) in enumerate(STATUSES.items())
        ]

    def field(self, issue: Issue, name: str) -> Any:
        """The value of one field."""
        state = self.state
        if name in state.fields:
            return self.custom(issue, name)
        if name in ("summary", "labels"):
            return list(issue.labels) if name == "labels" else issue.summary
        if name in ("reporter", "assignee", "creator"):
            person = getattr(issue, name)
            return None if name == "assignee" and not person else self.by(person)
        if name in ("created", "updated"):
            return self.time(getattr(issue, name))
        if name == "project":
            return self.project_short(state.projects[issue.project])
        if name == "issuetype":
            return self.type(issue.type)
        if name == "status":
            return self.status(issue.status)
        if name == "priority":
            return self.priority(issue.priority)
        if name == "description":
            return self.body(issue.description)
        if name == "security":
            return self.level(state.level(issue.security)[1]) if issue.security else None
        if name == "issuerestriction":
            roles = {"projectrole": list(issue.restricted)} if issue.restricted else {}
            return {"issuerestrictions": roles, "shouldDisplay": bool(roles)}
        if name == "resolution":
            done = {"id": "10000", "name": "Done", "description": "Work has been completed."}
            return done | {"self": f"{self.base}/resolution/10000"} if issue.resolved else None
        if name == "resolutiondate":
            return self.time(issue.resolved) if issue.resolved else None
        if name == "parent":
            above = state.issues.get(issue.parent)
            return self.linked(above) if above and self.sight.sees(above) else None
        if name == "subtasks":
            below = [one for one in state.issues.values() if one.parent == issue.id]
            return [
                self.linked(one)
                for one in below
                if TYPES[one.type] == "Sub-task" and self.sight.sees(one)
            ]
        if name == "attachment":
            files = [one for one in state.attachments.values() if one.issue == issue.id]
            return [self.attachment(one) for one in files]
        rows = [self.comment(issue, one) for one in self.comments(issue)]
        return {
            "comments": rows,
            "self": f"{self.base}/issue/{issue.id}/comment",
            "maxResults": len(rows),
            "total": len(rows),
            "startAt": 0,
        }

    def linked(self, issue: Issue) -> Row:
        """An issue as another shows it."""
        return self.issue(issue, ["summary", "status", "priority", "issuetype"])

    def custom(self, issue: Issue, name: str) -> Any:
        """The value of a custom field."""
        value, kind = issue.fields.get(name), self.state.fields[name].kind
        if not value or kind == "text":
            return value or None
        many = value if isinstance(value, list) else [value]
        groups = self.state.world.directory.groups
        if kind.startswith("user"):
            rows = [self.by(one) for one in many]
        else:
            rows = [
                self.group(groups[one]) | {"self": f"{self.base}/group?groupId={group_id(one)}"}
                for one in many
                if one in groups
            ]
        return rows if kind.endswith("s") else (rows[0] if rows else None)


def _only_minus(asked: list[str]) -> bool:
    return all(one.startswith("-") for one in asked)
