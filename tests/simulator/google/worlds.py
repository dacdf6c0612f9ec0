"""Worlds for tests: one with every rule of Drive in it, and random ones."""

from datetime import timedelta

from hypothesis import strategies as st

from simulator.clock import rfc3339
from simulator.google.objects import DOC, FOLDER, SHORTCUT
from simulator.google.state import GoogleState
from simulator.verbs import VerbError
from simulator.world import World

DOMAIN = "saltmarsh.example"


def every_rule():
    """Each rule of the oracle decides about someone here."""
    world = World(1)
    directory, drive = world.directory, GoogleState.of(world)
    for person in ("ann", "ben", "cat", "dan", "eve", "org"):
        directory.add_person(id=person, name=person.title())
    directory.add_person(id="gus", name="Gus", email="gus@else.example", guest=True)
    # A guest with an address of the company's own domain is still a guest.
    directory.add_person(id="gil", name="Gil", guest=True)
    for group in ("inner", "outer"):
        directory.create_group(id=group)
    directory.nest(group="outer", child="inner")
    directory.nest(group="inner", child="outer")
    directory.add_member(group="inner", person="cat")
    folder = drive.create(name="Folder", owner="ann", mime=FOLDER)
    made = {"folder": folder}
    made["owned"] = drive.create(name="Owned", owner="ann")
    made["direct"] = drive.create(name="Direct", owner="ann")
    drive.share(file=made["direct"], type="user", subject="ben")
    made["group"] = drive.create(name="Group", owner="ann")
    drive.share(file=made["group"], type="group", subject="outer")
    drive.share(file=folder, type="user", subject="dan", role="writer")
    made["inherited"] = drive.create(name="Inherited", owner="ann", parent=folder)
    made["others"] = drive.create(name="By Dan in Ann's", owner="dan", parent=folder)
    limited = drive.create(name="Limited", owner="ann", mime=FOLDER, parent=folder)
    drive.limit(folder=limited)
    drive.share(file=limited, type="user", subject="ben")
    made["limited"] = drive.create(name="In limited", owner="ann", parent=limited)
    made["domain"] = drive.create(name="Domain", owner="ann")
    drive.share(file=made["domain"], type="domain", subject=DOMAIN, discoverable=True)
    made["domain link"] = drive.create(name="Domain link", owner="ann")
    drive.share(file=made["domain link"], type="domain", subject=DOMAIN)
    made["anyone"] = drive.create(name="Anyone", owner="ann")
    drive.share(file=made["anyone"], type="anyone", discoverable=True)
    made["link"] = drive.create(name="Link", owner="ann")
    drive.share(file=made["link"], type="anyone")
    made["published"] = drive.create(name="Published", owner="ann")
    drive.share(file=made["published"], type="user", subject="ben", view="published")
    made["expired"] = drive.create(name="Expired", owner="ann")
    soon = rfc3339(world.now() + timedelta(hours=1))
    drive.share(file=made["expired"], type="user", subject="ben", expires=soon)
    made["expiring"] = drive.create(name="Expiring", owner="ann")
    later = rfc3339(world.now() + timedelta(days=9))
    drive.share(file=made["expiring"], type="user", subject="ben", expires=later)
    made["trashed"] = drive.create(name="Trashed", owner="ann")
    drive.trash(file=made["trashed"])
    gone = drive.create(name="Gone", owner="ann", mime=FOLDER)
    made["trashed above"] = drive.create(name="In the trash", owner="ann", parent=gone)
    drive.trash(file=gone)
    shared = drive.create_drive(name="Shared", organizer="org")
    drive.add_drive_member(drive=shared, subject="ben")
    drive.add_drive_member(drive=shared, subject="dan", role="fileOrganizer")
    made["drive"] = shared
    made["in drive"] = drive.create(name="In drive", owner="org", parent=shared)
    drive.share(file=made["in drive"], type="user", subject="gus")
    closed = drive.create(name="Closed", owner="org", mime=FOLDER, parent=shared)
    drive.limit(folder=closed)
    drive.share(file=closed, type="user", subject="cat")
    made["closed"] = closed
    made["in closed"] = drive.create(name="In closed", owner="org", parent=closed)
    for name, target in (("to owned", "owned"), ("to direct", "direct"), ("to trash", "trashed")):
        made[name] = drive.create(name=name, owner="ann", mime=SHORTCUT, target=made[target])
        drive.share(file=made[name], type="user", subject="ben")
    made["to link"] = drive.create(name="to link", owner="ann", mime=SHORTCUT, target=made["link"])
    drive.share(file=made["to link"], type="user", subject="ben")
    directory.add_member(group="inner", person="eve")
    directory.deactivate(person="eve")
    world.time.advance(seconds=7200)
    return world, made


OPS = (
    "file", "file", "folder", "folder", "drive", "drive file", "share", "share", "share", "share",
    "unshare", "move", "trash", "restore", "delete", "limit", "limit", "unlimit", "member",
    "member", "drop member", "join", "leave", "nest", "unnest", "shortcut", "expire", "advance",
    "transfer", "deactivate", "reactivate", "delete person", "rename person", "delete group",
    "edit", "delete drive",
)  # fmt: skip
operations = st.lists(
    st.tuples(st.sampled_from(OPS), *[st.integers(0, 63)] * 3), min_size=3, max_size=45
)
ROLES = ("reader", "commenter", "writer", "fileOrganizer", "organizer")


def build(steps):
    """A world in which these steps were tried; those that Drive refuses leave no trace."""
    world = World(3)
    directory = world.directory
    for person in ("p0", "p1", "p2"):
        directory.add_person(id=person, name=person)
    directory.add_person(id="p3", name="p3", email="p3@else.example", guest=True)
    for group in ("g0", "g1", "g2"):
        directory.create_group(id=group)
    return go_on(world, steps)


def go_on(world, steps):
    """Try more steps in a world that `build` made."""
    directory, drive = world.directory, GoogleState.of(world)
    people, groups = ["p0", "p1", "p2", "p3"], ["g0", "g1", "g2"]
    for op, a, b, c in steps:
        try:
            step(world, directory, drive, people, groups, op, a, b, c)
        except VerbError:
            continue
    return world


def pick(choices, number):
    choices = list(choices)
    if not choices:
        raise VerbError("nothing to choose from")
    return choices[number % len(choices)]


def step(world, directory, drive, people, groups, op, a, b, c):
    files = [f for f in drive.files if drive.files[f].parent]
    folders = [f for f in files if drive.files[f].mime == FOLDER]
    person, group = people[a % 4], groups[b % 3]
    if op in ("file", "folder"):
        places = ["", *folders, *folders, *drive.drives]
        mime = FOLDER if op == "folder" else DOC
        drive.create(name=f"{op} {len(files)}", owner=person, mime=mime, parent=pick(places, b))
    elif op == "drive":
        if len(drive.drives) < 2:
            drive.create_drive(name="Drive", organizer=person)
    elif op == "drive file":
        mime = FOLDER if c % 2 else DOC
        drive.create(name="d", owner=person, mime=mime, parent=pick(drive.drives, b))
    elif op == "shortcut":
        plain = [f for f in files if not drive.files[f].target]
        drive.create(name="s", owner=person, mime=SHORTCUT, target=pick(plain, b))
    elif op == "share":
        kind = ("user", "user", "group", "group", "domain", "anyone")[b % 6]
        subject = {"user": people[c % 4], "group": groups[c % 3], "domain": DOMAIN}.get(kind, "")
        expires = ""
        if kind in ("user", "group") and c % 5 == 0:
            expires = rfc3339(world.now() + timedelta(hours=c))
        drive.share(
            file=pick(files, a), type=kind, subject=subject, role=ROLES[c % 3], expires=expires,
            view="published" if c % 11 == 3 else "", discoverable=c % 2 == 0,
        )  # fmt: skip
    elif op in ("unshare", "expire"):
        file = pick(files, a)
        permission = pick(drive.files[file].permissions, b)
        if op == "unshare":
            drive.unshare(file=file, permission=permission)
        else:
            drive.expire(file=file, permission=permission, at=rfc3339(world.now()))
    elif op == "move":
        drive.move(file=pick(files, a), parent=pick([*folders, *drive.drives], b))
    elif op in ("limit", "unlimit"):
        drive.limit(folder=pick(folders, a), limited=op == "limit")
    elif op in ("trash", "restore", "delete"):
        getattr(drive, op)(file=pick(files, a))
    elif op == "edit":
        drive.edit(file=pick(files, a), text="more")
    elif op == "transfer":
        drive.transfer(file=pick(files, b), owner=person)
    elif op == "member":
        kind = "group" if c % 3 == 0 else "user"
        subject = groups[b % 3] if kind == "group" else people[b % 4]
        place = pick(drive.drives, a)
        drive.add_drive_member(drive=place, subject=subject, role=ROLES[c % 5], type=kind)
    elif op == "drop member":
        place = pick(drive.drives, a)
        drive.remove_drive_member(drive=place, permission=pick(drive.drives[place].permissions, b))
    elif op == "delete drive":
        if c % 4 == 0:
            drive.delete_drive(drive=pick(drive.drives, a))
    elif op in ("join", "leave"):
        act = directory.add_member if op == "join" else directory.remove_member
        act(group=group, person=person)
    elif op in ("nest", "unnest"):
        getattr(directory, op)(group=group, child=groups[c % 3])
    elif op in ("deactivate", "reactivate"):
        getattr(directory, op)(person=person)
    elif op == "delete person":
        if c % 4 == 0:
            directory.delete_person(person=person)
    elif op == "rename person":
        directory.rename_person(person=person, name="New", email=f"{person}.{c}@{DOMAIN}")
    elif op == "delete group":
        if c % 4 == 0:
            directory.delete_group(group=group)
    elif op == "advance":
        world.time.advance(seconds=3600 * c)
