"""People, groups, permissions and labels of Confluence as v1 JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from simulator.atlassian.accounts import SERVICE, account_id, group_id, shown_email, shown_name
from simulator.confluence.objects import SpacePermission
from simulator.confluence.view import Sight
from simulator.people import Group, Person
from simulator.wire import Call


class SiteRenderer:
    """Makes v1 JSON of what one call may see, spaces and content apart."""

    def __init__(self, call: Call, sight: Sight):
        """For one call."""
        self.call, self.sight, self.state, self.base = call, sight, sight.state, call.base
        self.people = sight.state.world.directory.people

    def link(self, path: str) -> str:
        """The address of a v1 resource."""
        return f"{self.base}/rest/api{path}"

    def user(self, person: Person | None) -> dict[str, Any]:
        """A user; None is the service account."""
        if person is None:
            name, account, email, kind = "Bailiwick sync", SERVICE, "", "app"
        else:
            account, kind = account_id(person.id), "atlassian"
            name, email = shown_name(person), shown_email(person)
        icon = {"path": "/wiki/aa-avatar/default", "width": 48, "height": 48, "isDefault": True}
        return {
            "type": "known",
            "accountId": account,
            "accountType": kind,
            "email": email,
            "publicName": name,
            "profilePicture": icon,
            "displayName": name,
            "isExternalCollaborator": person is not None and person.guest,
            "_expandable": {"operations": "", "personalSpace": ""},
            "_links": {"self": self.link(f"/user?accountId={quote(account)}")},
        }

    def by(self, person: str) -> dict[str, Any]:
        """The user behind a person's id; empty is the service account."""
        return self.user(self.people.get(person))

    def group(self, group: Group) -> dict[str, Any]:
        """A group."""
        found = group_id(group.id)
        return {
            "type": "group",
            "name": group.id,
            "id": found,
            "_links": {"self": self.link(f"/group/by-id?id={found}")},
        }

    def permission(self, held: SpacePermission) -> dict[str, Any]:
        """A space permission as ``expand=permissions`` shows it."""
        row: dict[str, Any] = {"id": int(held.id)}
        if held.type != "anonymous":
            if held.type == "user":
                one = self.by(held.subject)
            else:
                group = self.state.world.directory.groups.get(held.subject)
                one = self.group(group) if group else {"type": "group", "name": held.subject}
            row["subjects"] = {
                held.type: {"results": [one], "size": 1},
                "_expandable": {"group" if held.type == "user" else "user": ""},
            }
        target = held.target
        row["operation"] = {"operation": held.operation, "targetType": target}
        row["anonymousAccess"] = held.type == "anonymous"
        row["unlicensedAccess"] = False
        return row

    def labels(self, labels: list[str]) -> dict[str, Any]:
        """A list of labels."""
        rows = [self.label(label) for label in labels]
        return {
            "results": rows,
            "start": 0,
            "limit": 200,
            "size": len(rows),
            "_links": {"self": self.link("/label")},
        }

    def label(self, label: str) -> dict[str, Any]:
        """One label."""
        number = sum(ord(letter) * 31**at for at, letter in enumerate(label)) % 10**9
        return {"prefix": "global", "name": label, "id": str(number), "label": label}
