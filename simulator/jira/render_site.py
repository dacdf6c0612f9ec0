"""People, projects, schemes and roles of Jira as JSON."""

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
    Holder,
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


class SiteRenderer:
    """Makes JSON of what one call may see, issues apart."""

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
