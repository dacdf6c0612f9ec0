"""What Saltmarsh Instruments keeps in Jira."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simulator.atlassian.records import Record, records
from simulator.jira.objects import APPLICATION, PERMISSIONS
from simulator.jira.state import JiraState
from simulator.world import World

_ISSUES = Path(__file__).with_name("issues.txt")
_START = "2023-03-01T09:00:00Z"
_WORK = tuple(one for one in PERMISSIONS if one not in ("ADMINISTER_PROJECTS", "DELETE_ISSUES"))
"""What those who work in a project may do."""


def build(world: World) -> None:
    """Schemes, projects, issues, and what has happened to them."""
    state = JiraState.of(world)
    for group in ("everyone", "contractors"):
        state.give_access(group=group)
    for person, zone in (("freya", "Europe/Oslo"), ("xavi", "Europe/Madrid"), ("hana", "UTC")):
        state.set_time_zone(zone=zone, person=person)
    roles = {
        "Developers": state.create_role(name="Developers", description="Build and fix"),
        "Support team": state.create_role(name="Support team", description="Talk to customers"),
        "Administrators": state.create_role(name="Administrators", description="Run the project"),
    }
    fields = {
        "watchers": state.create_field(name="People involved", kind="users"),
        "teams": state.create_field(name="Teams involved", kind="groups"),
    }
    levels = _classic(state, roles, fields)
    _team_managed(state)
    keys: dict[str, str] = {}
    for record in records(_ISSUES):
        _write(state, record, levels, fields, roles, keys)
    _history(state, keys, levels)


def _grant(state: JiraState, scheme: str, permissions: tuple[str, ...], *who: str) -> None:
    kind, parameter = who[0], who[1] if len(who) > 1 else ""
    for permission in permissions:
        state.grant(scheme=scheme, permission=permission, type=kind, parameter=parameter)


def _classic(state: JiraState, roles: dict[str, str], fields: dict[str, str]) -> dict[str, str]:
    """Company-managed projects; tells the security levels by name."""
    browse = ("BROWSE_PROJECTS",)
    schemes = {
        name: state.create_scheme(name=name)
        for name in ("Engineering", "Security", "Support", "Public", "Finance requests")
    }
    for scheme in schemes.values():
        _grant(state, scheme, PERMISSIONS, "projectRole", roles["Administrators"])
        _grant(state, scheme, PERMISSIONS, "projectLead")
    _grant(state, schemes["Engineering"], _WORK, "projectRole", roles["Developers"])
    _grant(state, schemes["Engineering"], browse, "group", "engineering")
    _grant(state, schemes["Engineering"], ("CREATE_ISSUES", "ADD_COMMENTS"), "group", "everyone")
    _grant(state, schemes["Engineering"], browse, "reporter")
    _grant(state, schemes["Engineering"], browse, "assignee")
    _grant(state, schemes["Security"], _WORK, "group", "security")
    _grant(state, schemes["Security"], (*browse, "ADD_COMMENTS"), "assignee")
    _grant(state, schemes["Security"], browse, "reporter")
    _grant(state, schemes["Security"], browse, "userCustomField", fields["watchers"])
    _grant(state, schemes["Security"], browse, "groupCustomField", fields["teams"])
    _grant(state, schemes["Security"], ("CREATE_ISSUES",), "applicationRole")
    _grant(state, schemes["Support"], _WORK, "projectRole", roles["Support team"])
    _grant(state, schemes["Support"], browse, "applicationRole", APPLICATION)
    _grant(state, schemes["Public"], _WORK, "projectRole", roles["Developers"])
    _grant(state, schemes["Public"], browse, "anyone")
    _grant(state, schemes["Finance requests"], _WORK, "group", "finance")
    _grant(state, schemes["Finance requests"], browse, "user", "maeve")
    _grant(state, schemes["Finance requests"], (*browse, "ADD_COMMENTS"), "reporter")
    secrecy = state.create_security_scheme(name="Confidential work")
    support = state.create_security_scheme(name="Customers")
    levels = {
        "Security only": state.create_level(scheme=secrecy, name="Security only"),
        "Named people": state.create_level(scheme=secrecy, name="Named people"),
        "Leadership": state.create_level(scheme=secrecy, name="Leadership"),
        "Nobody": state.create_level(scheme=secrecy, name="Nobody", description="Sealed"),
        "Customer confidential": state.create_level(scheme=support, name="Customer confidential"),
    }
    for level, kind, parameter in (
        ("Security only", "group", "security"),
        ("Security only", "assignee", ""),
        ("Named people", "userCustomField", fields["watchers"]),
        ("Named people", "groupCustomField", fields["teams"]),
        ("Named people", "reporter", ""),
        ("Leadership", "group", "leadership"),
        ("Leadership", "user", "wanda"),
        ("Customer confidential", "projectRole", roles["Support team"]),
        ("Customer confidential", "projectLead", ""),
        ("Customer confidential", "assignee", ""),
    ):
        state.add_to_level(level=levels[level], type=kind, parameter=parameter)
    for key, name, lead, scheme, security in (
        ("PLAT", "Platform", "ada", "Engineering", secrecy),
        ("FW", "Firmware", "emil", "Engineering", ""),
        ("SEC", "Security", "tomas", "Security", secrecy),
        ("SUP", "Support", "una", "Support", support),
        ("OPEN", "Open tools", "gael", "Public", ""),
        ("FINR", "Finance requests", "ingrid", "Finance requests", ""),
    ):
        state.create_project(
            key=key, name=name, lead=lead, scheme=schemes[scheme], security=security, at=_START
        )
    for project, role, kind, subject in (
        ("PLAT", "Developers", "group", "platform"),
        ("PLAT", "Developers", "group", "cloud"),
        ("PLAT", "Developers", "group", "data"),
        ("PLAT", "Administrators", "user", "tomas"),
        ("FW", "Developers", "group", "firmware"),
        ("FW", "Developers", "user", "nils"),
        ("SUP", "Support team", "group", "support"),
        ("SUP", "Support team", "user", "tess"),
        ("OPEN", "Developers", "group", "engineering"),
        ("OPEN", "Developers", "user", "zoe"),
        ("FINR", "Administrators", "user", "ingrid"),
    ):
        state.add_actor(project=project, role=roles[role], type=kind, subject=subject)
    return levels


def _team_managed(state: JiraState) -> None:
    for key, name, lead, access, members, viewers in (
        (
            "HIRE",
            "Hiring",
            "pilar",
            "private",
            "group:people-team user:emil",
            "user:freya user:padraig",
        ),
        ("HER", "Heron", "emil", "private", "group:firmware group:product", "group:leadership"),
        ("DASH", "Brightwell dashboard", "kaya", "private", "group:contractors user:liam", ""),
        ("QA", "Quality", "marta", "limited", "group:quality", ""),
    ):
        state.create_project(
            key=key, name=name, lead=lead, style="next-gen", access=access, at=_START
        )
        project = state.project(key)
        own = {role.name: role.id for role in state.roles.values() if role.project == project.id}
        for role, names in (("Member", members), ("Viewer", viewers)):
            for one in names.split():
                kind, _, subject = one.partition(":")
                state.add_actor(project=key, role=own[role], type=kind, subject=subject)
    heron = state.project("HER").id
    admins = next(
        r.id for r in state.roles.values() if (r.project, r.name) == (heron, "Administrator")
    )
    state.add_actor(project="HER", role=admins, type="user", subject="quentin")


def _write(
    state: JiraState,
    record: Record,
    levels: dict[str, str],
    fields: dict[str, str],
    roles: dict[str, str],
    keys: dict[str, str],
) -> None:
    project, summary, kind, reporter, assignee, status, day = record.heads
    custom: dict[str, Any] = {
        fields[name]: record.note(name).split() for name in fields if record.note(name)
    }
    key = state.create_issue(
        project=project,
        summary=summary,
        reporter=reporter,
        text=record.body,
        type=kind,
        assignee=assignee,
        priority="High" if kind == "Bug" else "Medium",
        labels=record.words("labels"),
        security=levels.get(record.note("level"), ""),
        parent=keys.get(record.note("parent"), ""),
        fields=custom,
        at=f"{day}T09:12:00Z",
    )
    keys[summary] = key
    for name, value in record.notes:
        if name == "comment":
            who, _, said = value.partition(": ")
            state.comment(issue=key, author=who, text=said, at=f"{day}T14:30:00Z")
        elif name == "rolecomment":
            role, who, said = value.split(": ", 2)
            state.comment(issue=key, author=who, text=said, role=roles[role], at=f"{day}T15:00:00Z")
        elif name == "attach":
            file, media, data = (part.strip(" ") for part in value.split("|"))
            text = data.replace("\\n", "\n")
            state.attach(
                issue=key, name=file, author=reporter, data=text, media=media, at=f"{day}T09:20:00Z"
            )
        elif name == "restrict":
            where = state.project(project).id
            named = [r.id for r in state.roles.values() if (r.project, r.name) == (where, value)]
            state.restrict_issue(issue=key, roles=named, by=reporter)
    if status != "To Do":
        state.transition(issue=key, status=status, by=assignee, at=f"{day}T16:45:00Z")


def _history(state: JiraState, keys: dict[str, str], levels: dict[str, str]) -> None:
    """A move, a renamed project, another assignee, a sealed issue and a deleted one."""
    map_bug = keys["Map shows a buoy on land"]
    state.edit_issue(issue=map_bug, assignee="zoe", by="una", at="2026-06-04T08:00:00Z")
    moved = keys["Load test writes into the wrong bucket"]
    state.move_issue(issue=moved, project="OPEN", by="ada")
    sealed = state.create_issue(
        project="SEC",
        summary="Sealed until the hearing",
        reporter="quentin",
        text="Put under the empty level on purpose. Nobody reads this, not even who wrote it.",
        security=levels["Nobody"],
        at="2026-05-30T10:00:00Z",
    )
    state.set_property(issue=sealed, key="hold", value={"case": "2026/118"})
    gone = state.create_issue(project="FW", summary="Test", reporter="gael", at=_START)
    state.delete_issue(issue=gone, by="gael")
    state.rename_project(project="DASH", key="MAP", name="Brightwell site map")
