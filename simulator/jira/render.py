"""Jira's objects as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from simulator.atlassian.accounts import (
    SERVICE,
    account_id,
    group_id,
    jira_time,
    shown_email,
    shown_name,
)
from simulator.atlassian.markup import adf_text
from simulator.jira.api import mirror, textual
from simulator.jira.objects import (
    PRIORITIES,
    STATUSES,
    TYPES,
    Attachment,
    Comment,
    History,
    Holder,
    Issue,
    Level,
    PermissionScheme,
    Project,
    Role,
    SecurityScheme,
)
from simulator.jira.view import Sight
from simulator.people import Group, Person
from simulator.wire import Call

Row = dict[str, Any]
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


class Renderer:
    """Makes JSON of what one call may see."""

    def __init__(self, call: Call, sight: Sight):
        """For one call."""
        self.call, self.sight, self.state = call, sight, sight.state
        self.base, self.text = mirror(call), textual(call)
        self.people = sight.state.world.directory.people
        self.zone = sight.state.zone(call.person)

    def time(self, instant: datetime) -> str:
        """A time in the caller's zone."""
        return jira_time(instant, self.zone)

    def avatars(self) -> Row:
        """Addresses of pictures."""
        icon = f"{self.call.base.removesuffix('/rest')}/images/avatar.png"
        return dict.fromkeys(("16x16", "24x24", "32x32", "48x48"), icon)

    def user(self, person: Person | None) -> Row:
        """A user; None is the service account. A hidden e-mail is left out."""
        if person is None:
            account, name, email, kind, active = SERVICE, "Bailiwick sync", "", "app", True
        else:
            account, kind, active = account_id(person.id), "atlassian", person.works
            name, email = shown_name(person), shown_email(person)
        row: Row = {
            "self": f"{self.base}/user?accountId={quote(account)}",
            "accountId": account,
            "accountType": kind,
            "avatarUrls": self.avatars(),
            "displayName": name,
            "active": active,
            "timeZone": str(self.state.zone(person)),
        }
        if email:
            row["emailAddress"] = email
        return row

    def by(self, person: str) -> Row:
        """The user behind a person's id; empty is the service account."""
        return self.user(self.people.get(person))

    def group(self, group: Group) -> Row:
        """A group by name and id."""
        return {"name": group.id, "groupId": group_id(group.id)}

    def project_short(self, project: Project) -> Row:
        """A project as issues show it."""
        return {
            "self": f"{self.base}/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": project.kind,
            "simplified": project.style == "next-gen",
            "avatarUrls": self.avatars(),
        }

    def project(self, project: Project, expand: str) -> Row:
        """A project."""
        row = self.project_short(project) | {
            "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
            "style": project.style,
            "isPrivate": project.style == "next-gen" and not self._open(project),
            "properties": {},
        }
        if "description" in expand:
            row["description"] = project.description
        if "lead" in expand:
            row["lead"] = self.by(project.lead)
        if "issueTypes" in expand:
            row["issueTypes"] = [self.type(one) for one in TYPES]
        if "insight" in expand:
            mine = [one for one in self.state.issues.values() if one.project == project.id]
            row["insight"] = {"totalIssueCount": len(mine)}
            if mine:
                row["insight"]["lastIssueUpdateTime"] = self.time(max(one.updated for one in mine))
        return row

    def _open(self, project: Project) -> bool:
        grants = self.state.schemes[project.scheme].grants.values()
        return any(one.type == "applicationRole" for one in grants)

    def type(self, kind: str) -> Row:
        """An issue type."""
        level = {"Epic": 1, "Sub-task": -1}.get(TYPES[kind], 0)
        return {
            "self": f"{self.base}/issuetype/{kind}",
            "id": kind,
            "description": f"A {TYPES[kind].lower()}.",
            "iconUrl": f"{self.base}/universal_avatar/view/type/issuetype/avatar/{kind}",
            "name": TYPES[kind],
            "subtask": level < 0,
            "hierarchyLevel": level,
        }

    def status(self, status: str) -> Row:
        """A status with its category."""
        name, key = STATUSES[status]
        number = {"new": 2, "indeterminate": 4, "done": 3}[key]
        colour = {"new": "blue-gray", "indeterminate": "yellow", "done": "green"}[key]
        said = {"new": "To Do", "indeterminate": "In Progress", "done": "Done"}[key]
        return {
            "self": f"{self.base}/status/{status}",
            "description": "",
            "iconUrl": f"{self.base}/images/icons/status.png",
            "name": name,
            "id": status,
            "statusCategory": {
                "self": f"{self.base}/statuscategory/{number}",
                "id": number,
                "key": key,
                "colorName": colour,
                "name": said,
            },
        }

    def priority(self, priority: str) -> Row:
        """A priority."""
        return {
            "self": f"{self.base}/priority/{priority}",
            "iconUrl": f"{self.base}/images/icons/priority.svg",
            "name": PRIORITIES[priority],
            "id": priority,
        }

    def body(self, adf: Row | None) -> Any:
        """A body: ADF, or in version 2 its words."""
        if adf is None or not self.text:
            return adf
        return adf_text(adf)

    def level(self, level: Level) -> Row:
        """A security level as an issue shows it."""
        return {
            "self": f"{self.base}/securitylevel/{level.id}",
            "id": level.id,
            "description": level.description,
            "name": level.name,
        }

    def full_level(self, scheme: SecurityScheme, level: Level) -> Row:
        """A security level with its scheme."""
        more = {"issueSecuritySchemeId": scheme.id, "isDefault": scheme.default == level.id}
        return self.level(level) | more

    def security(self, scheme: SecurityScheme, *, levels: bool = True) -> Row:
        """An issue security scheme."""
        row: Row = {
            "self": f"{self.base}/issuesecurityschemes/{scheme.id}",
            "id": int(scheme.id),
            "name": scheme.name,
            "description": scheme.description,
        }
        if scheme.default:
            row["defaultSecurityLevelId"] = int(scheme.default)
        if levels:
            row["levels"] = [self.level(one) for one in scheme.levels.values()]
        return row

    def holder(self, holder: Holder) -> Row:
        """Who a grant or level speaks of."""
        row: Row = {"type": holder.type}
        if holder.type == "user":
            row["parameter"] = row["value"] = account_id(holder.parameter)
            row["expand"] = "user"
        elif holder.type == "group":
            row |= {"parameter": holder.parameter, "value": group_id(holder.parameter)}
            row["expand"] = "group"
        elif holder.parameter:
            row["parameter"] = row["value"] = holder.parameter
            if holder.type == "projectRole":
                row["expand"] = "projectRole"
            elif holder.type.endswith("CustomField"):
                row["expand"] = "field"
        return row

    def grant(self, scheme: PermissionScheme, grant: Holder) -> Row:
        """A grant of a permission scheme."""
        return {
            "id": int(grant.id),
            "self": f"{self.base}/permissionscheme/{scheme.id}/permission/{grant.id}",
            "holder": self.holder(grant),
            "permission": grant.permission,
        }

    def scheme(self, scheme: PermissionScheme, expand: str) -> Row:
        """A permission scheme; with its grants if anything is expanded."""
        row: Row = {
            "expand": "permissions,user,group,projectRole,field,all",
            "id": int(scheme.id),
            "self": f"{self.base}/permissionscheme/{scheme.id}",
            "name": scheme.name,
            "description": scheme.description,
        }
        if scheme.project:
            row["scope"] = {"type": "PROJECT", "project": {"id": scheme.project}}
        if expand:
            row["permissions"] = [self.grant(scheme, one) for one in scheme.grants.values()]
        return row

    def role(self, role: Role, project: Project | None = None) -> Row:
        """A project role; in a project with its actors."""
        path = f"/project/{project.id}/role/{role.id}" if project else f"/role/{role.id}"
        row: Row = {
            "self": self.base + path,
            "name": role.name,
            "id": int(role.id),
            "description": role.description,
        }
        if role.project:
            row["scope"] = {"type": "PROJECT", "project": {"id": role.project}}
        if project is None:
            return row | {"actors": []}
        actors: list[Row] = []
        held = project.actors.get(role.id)
        groups = self.state.world.directory.groups
        for group in held.groups if held else ():
            if group in groups:
                shown = {"displayName": group} | self.group(groups[group])
                actors.append(
                    {
                        "id": int(role.id) * 1000 + len(actors),
                        "displayName": group,
                        "type": "atlassian-group-role-actor",
                        "name": group,
                        "actorGroup": shown,
                    }
                )
        for user in held.users if held else ():
            person = self.people[user]
            if self.call.flag("excludeInactiveUsers") and not person.works:
                continue
            actors.append(
                {
                    "id": int(role.id) * 1000 + len(actors),
                    "displayName": shown_name(person),
                    "type": "atlassian-user-role-actor",
                    "actorUser": {"accountId": account_id(user)},
                }
            )
        return row | {"actors": actors}

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
        return self.issue(issue, ["summary", "status", "priority", "issuetype"]) | {}

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
