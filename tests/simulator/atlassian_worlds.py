"""Asks the two products directly, and makes small worlds for Hypothesis."""

import json
from urllib.parse import parse_qsl, urlencode, urlsplit

from hypothesis import strategies as st

from simulator.confluence.api import API as CONFLUENCE
from simulator.jira.api import API as JIRA
from simulator.oracle import documents, readable
from simulator.verbs import VerbError
from simulator.world import World

PEOPLE = ("ann", "ben", "cat", "dov", "eva")
GROUPS = ("staff", "team", "club")


def ask(api, world, who, target, method="GET", body=None):
    """(status, JSON) of one call as a person."""
    headers = {"authorization": f"Bearer person-{who}", "content-type": "application/json"}
    raw = json.dumps(body).encode() if body is not None else b""
    reply = api.call(world, method, target, headers, raw, "http://sim")
    return reply.status, json.loads(reply.body) if reply.body else None


def confluence_sees(world, who):
    """Ids of pages and blog posts that listings show a person."""
    found = set()
    for kind in ("pages", "blogposts"):
        target = f"/api/v2/{kind}?status=current,archived,draft&limit=3"
        while target:
            status, page = ask(CONFLUENCE, world, who, target)
            if status in (401, 403):
                return set()
            assert status == 200, page
            found |= {row["id"] for row in page["results"]}
            following = page["_links"].get("next")
            parts = urlsplit(following) if following else None
            target = f"{parts.path[5:]}?{urlencode(parse_qsl(parts.query))}" if parts else ""
    return found


def confluence_opens(world, who, wanted):
    status, _ = ask(CONFLUENCE, world, who, f"/api/v2/pages/{wanted}?get-draft=true")
    if status == 404:
        status, _ = ask(CONFLUENCE, world, who, f"/api/v2/blogposts/{wanted}?get-draft=true")
    assert status in (200, 401, 403, 404)
    return status == 200


def confluence_finds(world, who):
    """Ids of current pages and blog posts that CQL finds for a person."""
    query = urlencode({"cql": "type in (page, blogpost)", "limit": 250})
    status, page = ask(CONFLUENCE, world, who, f"/rest/api/content/search?{query}")
    return {row["id"] for row in page["results"]} if status == 200 else set()


def jira_sees(world, who):
    """Ids of issues that JQL finds for a person."""
    found, token = set(), None
    while True:
        given = {"jql": 'created >= "2000-01-01" order by key', "maxResults": 7}
        status, page = ask(
            JIRA,
            world,
            who,
            "/api/3/search/jql",
            "POST",
            given | ({"nextPageToken": token} if token else {}),
        )
        if status in (401, 403):
            return set()
        assert status == 200, page
        found |= {row["id"] for row in page["issues"]}
        token = page.get("nextPageToken")
        if page["isLast"]:
            return found


def jira_opens(world, who, wanted):
    status, _ = ask(JIRA, world, who, f"/api/3/issue/{wanted}?fields=summary")
    assert status in (200, 401, 403, 404)
    return status == 200


def disagreements(world, vendor, sees, opens=None):
    """(person, document id) pairs where the oracle and the API differ, as they are found."""
    shown = list(documents(world, vendor))
    for person in world.directory.people:
        listed = sees(world, person)
        for document in shown:
            said = readable(world, person, document)
            if said != (document.id in listed):
                yield person, document.id
            if opens is not None and said != opens(world, person, document.id):
                yield person, document.id


def small_world():
    world = World(7)
    for person in PEOPLE:
        world.directory.add_person(id=person, name=person.capitalize())
    for group in GROUPS:
        world.directory.create_group(id=group)
    return world


def do(world, steps):
    """Run verbs; those that the world refuses leave it as it was."""
    for name, args in steps:
        try:
            world.do(name, **args)
        except VerbError as refused:
            if isinstance(refused.__cause__, TypeError):
                raise


person, group = st.sampled_from(PEOPLE), st.sampled_from(GROUPS)
DIRECTORY = st.one_of(
    st.tuples(
        st.just("directory.add_member"), st.fixed_dictionaries({"group": group, "person": person})
    ),
    st.tuples(
        st.just("directory.remove_member"),
        st.fixed_dictionaries({"group": group, "person": person}),
    ),
    st.tuples(st.just("directory.nest"), st.fixed_dictionaries({"group": group, "child": group})),
    st.tuples(st.just("directory.unnest"), st.fixed_dictionaries({"group": group, "child": group})),
    st.tuples(st.just("directory.deactivate"), st.fixed_dictionaries({"person": person})),
    st.tuples(st.just("directory.reactivate"), st.fixed_dictionaries({"person": person})),
)
