"""Small worlds for tests."""

from simulator.sharepoint.state import SharePointState
from simulator.world import World

PEOPLE = ("ana", "ben", "gus", "off")
GROUPS = ("inner", "outer", "ring")


def corners():
    """A small world with a case for every rule."""
    world = World(5)
    cast(world)
    sp = SharePointState.of(world)
    sp.create_m365_group(id="crew", name="Crew", owners=["ben"])
    sp.add_m365_member(group="crew", person="ana")
    home = sp.create_site(path="/sites/home", title="Home")
    library = sp.create_library(site=home)
    folder = sp.create_folder(parent=library, name="Folder", author="ana")
    principals = {
        "user": "user:ana",
        "nested": "group:outer",
        "m365": "m365:crew",
        "owners": "owners:crew",
        "eeeu": "eeeu",
        "everyone": "everyone",
    }
    for name, principal in principals.items():
        made = sp.create_file(parent=folder, name=f"{name}.txt", author="ana", text=name)
        sp.break_inheritance(target=made, copy=False)
        sp.grant(target=made, principal=principal)
    group = sp.add_site_group(site=home, title="Readers")
    sp.add_to_group(site=home, group=group, principal="group:inner")
    made = sp.create_file(parent=library, name="site group.txt", author="ana")
    sp.break_inheritance(target=made, copy=False)
    sp.grant(target=made, principal=f"site:{group}")
    for name, scope, people, expires in (
        ("named", "users", ["ana", "gus"], ""),
        ("late", "users", ["gus"], "2026-06-15T09:00:30Z"),
        ("org", "organization", None, ""),
        ("anyone", "anonymous", None, ""),
    ):
        made = sp.create_file(parent=library, name=f"{name}.txt", author="ana")
        sp.share(item=made, scope=scope, people=people, expires=expires)
    sp.create_file(parent=library, name="top.txt", author="ana")
    sp.grant(target=home, principal="user:off")
    sp.grant(target=home, principal="group:ring")
    sp.define_role(site=home, name="Drop box", permissions=["AddListItems", "Open"])
    sp.grant(target=home, principal="user:ben", role="Drop box")
    inside = sp.create_folder(parent=folder, name="Inside", author="ana")
    sp.create_file(parent=inside, name="deep.txt", author="ana")
    sp.break_inheritance(target=inside, copy=False)
    sp.grant(target=inside, principal="user:gus")
    gone = sp.create_file(parent=inside, name="gone.txt", author="ana")
    sp.delete(item=gone)
    own = sp.create_list(site=home, title="Own", own_only=True)
    for author in PEOPLE[:3]:
        sp.create_item(list=own, author=author, fields={"Title": author})
    sp.break_inheritance(target=own, copy=False)
    sp.grant(target=own, principal="eeeu", role="Contribute")
    sp.grant(target=own, principal="user:ben", role="Design")
    open_site = sp.create_site(path="/sites/open", title="Open")
    sp.grant(target=open_site, principal="group:outer")
    sp.grant(target=open_site, principal="user:ben", role="Edit")
    below = sp.create_site(path="sub", title="Sub", parent=open_site)
    sp.create_page(site=below, title="Inherited", author="ana", text="hello")
    sp.create_page(site=below, title="Draft", author="ana", text="soon", published=False)
    wishes = sp.create_list(site=below, title="Wishes", own_only=True)
    sp.create_item(list=wishes, author="ana", fields={"Title": "Read by ana and by gus"})
    sp.add_admin(site=open_site, principal="user:gus")
    reports = sp.create_list(site=below, title="Reports")
    sp.set_up_list(list=reports, moderated=True, drafts=2)
    waits = sp.create_item(list=reports, author="gus", fields={"Title": "Not yet approved"})
    sp.moderate(item=waits, status=2)
    world.clock.advance(60)
    world.directory.deactivate(person="off")
    return world


def cast(world):
    """Two members, a guest, someone who left, and groups in a circle."""
    directory = world.directory
    for person in PEOPLE:
        email = "gus@brightwell.example" if person == "gus" else ""
        directory.add_person(id=person, name=person.title(), guest=person == "gus", email=email)
    for group in GROUPS:
        directory.create_group(id=group)
    directory.add_member(group="inner", person="ana")
    directory.add_member(group="inner", person="off")
    directory.add_member(group="ring", person="gus")
    directory.nest(group="outer", child="inner")
    directory.nest(group="outer", child="ring")
    directory.nest(group="ring", child="outer")


def office():
    """A team site with something behind every endpoint, and applications to look at it."""
    world = World(11)
    cast(world)
    sp = SharePointState.of(world)
    sp.create_m365_group(id="crew", name="Crew", owners=["ben"], hidden=True)
    sp.add_m365_member(group="crew", person="ana")
    sp.register_app(
        client_id="indexer",
        secret="s3cret",
        permissions=[
            "Sites.FullControl.All",
            "User.Read.All",
            "GroupMember.Read.All",
            "Member.Read.Hidden",
        ],
    )
    both = ["GroupMember.Read.All", "User.Read.All"]
    sp.register_app(client_id="both", secret="s3cret", permissions=both)
    sp.register_app(client_id="grouper", secret="s3cret", permissions=["GroupMember.Read.All"])
    sp.register_app(client_id="reader", secret="s3cret", permissions=["Sites.Read.All"])
    site = sp.create_site(path="/sites/crew", title="Crew", group="crew")
    sp.create_site(path="", title="Home")
    sp.create_site(path="lab", title="Lab", parent=site)
    library = sp.create_library(site=site, author="ana")
    folder = sp.create_folder(parent=library, name="Plans & drafts", author="ana")
    for name in ("plan.docx", "deck.pptx", "costs.xlsx", "paper.pdf", "notes.md"):
        sp.create_file(parent=folder, name=name, author="ana", text=f"# {name}\n\nTide tables.")
    table = sp.create_list(site=site, title="Risks", columns=["Severity", "Notes"])
    for number in range(5):
        fields = {"Title": f"Risk {number}", "Severity": "High", "Notes": "Watch it."}
        made = sp.create_item(list=table, author="ana", fields=fields)
    sp.attach(item=made, name="evidence.txt", text="It rained.")
    sp.comment(item=made, author="ben", text="The password is swordfish-9.")
    text = "# Welcome\n\nRead this.\n\n!links | Start | Plans > https://saltmarsh.example/plans"
    sp.create_page(site=site, title="Welcome", author="ana", text=f"{text}\n---\nSecond part.")
    sp.create_page(site=site, title="Soon", author="ben", text="Later.", published=False)
    return world
