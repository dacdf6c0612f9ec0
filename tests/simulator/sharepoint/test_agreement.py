"""The oracle and what each person's token finds are two readings of the same rules."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.sharepoint.oracle import BOOKS, documents, readable, readable_by_link
from simulator.sharepoint.state import SharePointState
from simulator.sharepoint.view import Sight
from simulator.verbs import VerbError
from simulator.world import World
from tests.simulator.sharepoint.person_view import ask, every, found_by
from tests.simulator.sharepoint.worlds import GROUPS, PEOPLE, cast, corners


def seen(world):
    """What each person finds."""
    return {person.id: found_by(world, person.id) for person in world.directory.people.values()}


def said(world):
    """What the oracle says that each person may read."""
    everything = [document.id for document in documents(world)]
    people = world.directory.people.values()
    return {p.id: {d for d in everything if readable(world, p, d)} for p in people}


def opened(world):
    """What each person could open with every link in hand, by the view and by the oracle."""
    state, ours, theirs = SharePointState.of(world), {}, {}
    for person in world.directory.people.values():
        eyes = Sight(state, person)
        by_view, by_oracle = set(), set()
        for document in documents(world):
            item = state.items[document.id]
            links = [state.links[p[5:]] for p in state.roles_of(item) if p.startswith("link:")]
            lets = state.live(item) and (
                eyes.reads(item) or any(eyes.reads_by(item, link) for link in links)
            )
            if lets and person.works:
                by_view.add(document.id)
            if readable_by_link(world, person, document.id):
                by_oracle.add(document.id)
        ours[person.id], theirs[person.id] = by_view, by_oracle
    return ours, theirs


@pytest.fixture(scope="module")
def company():
    return World.company()


def test_company(company):
    assert seen(company) == said(company)
    ours, theirs = opened(company)
    assert ours == theirs


def test_corners():
    world = corners()
    assert seen(world) == said(world)
    ours, theirs = opened(world)
    assert ours == theirs


@pytest.mark.parametrize(
    ("book", "rule"), [pytest.param(book, rule, id=rule) for book in BOOKS for rule in book.rules]
)
def test_every_rule_is_needed(book, rule, corner_views):
    world, found, opens = corner_views
    with book.without(rule):
        assert said(world) != found or opened(world)[1] != opens


@pytest.fixture(scope="module")
def corner_views():
    world = corners()
    return world, seen(world), opened(world)[0]


TARGETS = st.integers(0, 40)
PRINCIPALS = st.sampled_from(
    [f"user:{p}" for p in PEOPLE]
    + [f"group:{g}" for g in GROUPS]
    + ["m365:crew", "owners:crew", "eeeu", "everyone", "site:3", "site:4", "site:6"]
)
ROLES = st.sampled_from(["Read", "Read", "Edit", "Full Control", "Design", "Drop box"])
WHO = st.sampled_from(PEOPLE)
STEPS = st.one_of(
    st.tuples(st.just("site"), st.booleans()),
    st.tuples(st.just("library"), TARGETS),
    st.tuples(st.just("list"), TARGETS, st.booleans()),
    st.tuples(st.just("folder"), TARGETS),
    st.tuples(st.just("file"), TARGETS, WHO),
    st.tuples(st.just("page"), TARGETS, WHO, st.booleans()),
    st.tuples(st.just("item"), TARGETS, WHO),
    st.tuples(st.just("break"), TARGETS, st.booleans(), st.booleans()),
    st.tuples(st.just("reset"), TARGETS),
    st.tuples(st.just("grant"), TARGETS, PRINCIPALS, ROLES),
    st.tuples(st.just("revoke"), TARGETS, PRINCIPALS),
    st.tuples(st.just("direct"), TARGETS, PRINCIPALS, ROLES),
    st.tuples(
        st.just("share"),
        TARGETS,
        st.sampled_from(["users", "organization", "anonymous"]),
        WHO,
        st.booleans(),
    ),
    st.tuples(st.just("redeem"), TARGETS, WHO),
    st.tuples(st.just("unshare"), TARGETS),
    st.tuples(st.just("join"), TARGETS, st.integers(3, 6), PRINCIPALS),
    st.tuples(st.just("admin"), TARGETS, PRINCIPALS),
    st.tuples(st.just("move"), TARGETS, TARGETS),
    st.tuples(st.just("delete"), TARGETS),
    st.tuples(st.just("restore"), TARGETS),
    st.tuples(st.just("crew"), WHO, st.booleans()),
    st.tuples(st.just("nest"), st.sampled_from(GROUPS), st.sampled_from(GROUPS)),
    st.tuples(st.just("leave"), st.sampled_from(GROUPS), WHO),
    st.tuples(st.just("guests"), st.booleans()),
    st.tuples(st.just("wait"), st.integers(1, 30)),
    st.tuples(st.just("no list"), TARGETS),
    st.tuples(st.just("no site"), TARGETS),
    st.tuples(st.just("no group"), st.sampled_from(GROUPS)),
    st.tuples(st.just("no person"), WHO),
)


def pick(options, number):
    options = list(options)
    if not options:
        raise VerbError("nothing to pick from")
    return options[number % len(options)]


def step(world, what, *args):
    """One random change; those that make no sense are refused."""
    sp, directory = SharePointState.of(world), world.directory
    sites = list(sp.sites)
    libraries = [i for i, one in sp.lists.items() if one.drive and not one.deleted]
    items = [i.id for i in sp.items.values() if not i.gone and not sp.lists[i.list_id].deleted]
    folders = [i for i in items if sp.items[i].kind == "folder"]
    securables = [*sites, *(i for i, one in sp.lists.items() if not one.deleted), *items]
    number = len(sp.items) + len(sp.lists) + len(sp.sites)
    match what, args:
        case "site", [below]:
            parent = pick(sites, number) if below and sites else ""
            path = f"/sites/s{number}" if not parent else f"s{number}"
            made = sp.create_site(path=path, title=f"S{number}", parent=parent)
            if not parent:
                drop = ["AddListItems", "Open"]
                sp.define_role(site=made, name="Drop box", permissions=drop)
        case "library", [target]:
            sp.create_library(site=pick(sites, target), title=f"L{number}")
        case "list", [target, own]:
            sp.create_list(site=pick(sites, target), title=f"T{number}", own_only=own)
        case "folder", [target]:
            parent = pick([*libraries, *folders], target)
            sp.create_folder(parent=parent, name=f"d{number}", author="ana")
        case "file", [target, who]:
            parent = pick([*libraries, *folders], target)
            sp.create_file(parent=parent, name=f"f{number}.txt", author=who, text="words")
        case "page", [target, who, published]:
            site = pick(sites, target)
            sp.create_page(site=site, title=f"P{number}", author=who, published=published)
        case "item", [target, who]:
            lists = [i for i, one in sp.lists.items() if one.template == "genericList"]
            sp.create_item(list=pick(lists, target), author=who, fields={"Title": f"{number}"})
        case "break", [target, copy, clear]:
            sp.break_inheritance(target=pick(securables, target), copy=copy, clear=clear)
        case "reset", [target]:
            sp.reset_inheritance(target=pick(securables, target))
        case "grant", [target, principal, role]:
            own = [s for s in securables if sp.securable(s).roles is not None]
            sp.grant(target=pick(own, target), principal=principal, role=role)
        case "revoke", [target, principal]:
            sp.revoke(target=pick(securables, target), principal=principal)
        case "direct", [target, principal, role]:
            sp.share_with(item=pick(items, target), principal=principal, role=role)
        case "share", [target, scope, who, ends]:
            people = [who] if scope == "users" else None
            expires = "2026-06-15T09:01:00Z" if ends else ""
            item = pick(items, target)
            sp.share(item=item, scope=scope, people=people, expires=expires)
        case "redeem", [target, who]:
            sp.redeem(link=pick(sp.links, target), person=who)
        case "unshare", [target]:
            sp.unshare(link=pick(sp.links, target))
        case "join", [target, group, principal]:
            sp.add_to_group(site=pick(sites, target), group=group, principal=principal)
        case "admin", [target, principal]:
            sp.add_admin(site=pick(sites, target), principal=principal)
        case "move", [target, where]:
            sp.move(item=pick(items, target), parent=pick([*libraries, *folders], where))
        case "delete", [target]:
            sp.delete(item=pick(items, target))
        case "restore", [target]:
            sp.restore(item=pick([i for i in items if sp.items[i].deleted], target))
        case "crew", [who, joins]:
            (sp.add_m365_member if joins else sp.remove_m365_member)(group="crew", person=who)
        case "nest", [group, child]:
            directory.nest(group=group, child=child)
        case "leave", [group, who]:
            directory.remove_member(group=group, person=who)
        case "guests", [covers]:
            sp.let_everyone_cover_guests(covers=covers)
        case "no list", [target]:
            sp.delete_list(list=pick([i for i, one in sp.lists.items() if not one.deleted], target))
        case "no site", [target]:
            sp.delete_site(site=pick(sites[1:], target))
        case "no group", [group]:
            directory.delete_group(group=group)
        case "no person", [who]:
            directory.delete_person(person=who)
        case "wait", [seconds]:
            world.clock.advance(seconds)


def look_everywhere(world):
    """Whatever happened, the application can read every permission there is."""
    for site in every(world, "service-sharepoint", "/sites/getAllSites"):
        for drive in every(world, "service-sharepoint", f"/sites/{site['id']}/drives"):
            home = f"/drives/{drive['id']}"
            for item in every(world, "service-sharepoint", f"{home}/root/delta"):
                path = f"{home}/items/{item['id']}/permissions"
                status, said = ask(world, "service-sharepoint", path)
                assert status == 200
                for row in said["value"]:
                    status, _ = ask(world, "service-sharepoint", f"{path}/{row['id']}")
                    assert status == 200
                    if "shareId" in row:
                        ask(world, "service-sharepoint", f"/shares/{row['shareId']}/driveItem")


@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(st.lists(STEPS, min_size=5, max_size=40))
def test_random_worlds(steps):
    world = World(3)
    cast(world)
    sp = SharePointState.of(world)
    sp.create_m365_group(id="crew", name="Crew", owners=["ben"])
    for opening in (("site", False), ("library", 0), ("list", 0, False), ("folder", 0)):
        step(world, *opening)
    for one in (("file", 0, "ana"), ("file", 1, "ben"), *steps):
        try:
            step(world, *one)
        except VerbError:
            continue
    world.directory.deactivate(person="off")
    assert seen(world) == said(world)
    ours, theirs = opened(world)
    assert ours == theirs
    look_everywhere(world)
