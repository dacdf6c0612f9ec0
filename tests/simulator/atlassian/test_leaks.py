"""No address tells anything of a document to someone who may not read it."""

import re

import pytest

from simulator.atlassian.accounts import account_id, group_id
from simulator.confluence.state import ConfluenceState
from simulator.jira.state import JiraState
from simulator.oracle import documents, readable
from simulator.world import World
from tests.simulator.atlassian_worlds import CONFLUENCE, JIRA

PEOPLE = ("petra", "sven", "chidi", "otto", "rosa")


@pytest.fixture(scope="module")
def world():
    return World.company()


def asked(api, world, who, filled, query=""):
    """The text of every readable address of an API, its path filled in."""
    for method, path, _ in api.endpoints:
        if method == "GET":
            target = re.sub(r"\{(\w+)\}", lambda hole: filled.get(hole[1], "1"), path)
            headers = {"authorization": f"Bearer person-{who}"}
            reply = api.call(world, "GET", target + query, headers, b"", "http://sim")
            yield target, reply.body.decode("utf-8", "replace")


def hidden(world, vendor, who):
    """What a person may not read, apart from what shares a title with what they may."""
    shown = list(documents(world, vendor))
    mine = {one.title for one in shown if readable(world, who, one)}
    return [one for one in shown if one.title not in mine and not readable(world, who, one)]


@pytest.mark.parametrize("who", PEOPLE)
def test_confluence(world, who):
    state = ConfluenceState.of(world)
    # What is in the trash is no document, but who could read it may look for it there.
    closed = [
        one
        for one in hidden(world, "confluence", who)
        if state.contents[one.id].status != "trashed"
    ]
    assert closed
    titles = {one.title for one in closed}
    told = [text for _, text in asked(CONFLUENCE, world, who, {}, "?limit=250&cql=id>0&status=any")]
    everything = "".join(told)
    assert not [title for title in titles if f'"{title}"' in everything]
    for document in closed:
        content = state.contents[document.id]
        files, said = state.attachments_on(content.id), state.comments_on(content.id)
        filled = {
            "id": content.id,
            "key": document.container,
            "type": "page",
            "operation": "read",
            "group": group_id("everyone"),
            "file": files[0].id if files else "1",
            "name": files[0].name if files else "1",
            "comment": said[0].id if said else "1",
        }
        words = [document.title, *(one.body for one in said), *(f.data.decode() for f in files)]
        if content.body:
            words.append(content.body)
        query = f"?expand=body.storage,children.page,ancestors&accountId={account_id('ada')}"
        for target, text in asked(CONFLUENCE, world, who, filled, query):
            assert not [word for word in words if word in text], target


@pytest.mark.parametrize("who", PEOPLE)
def test_jira(world, who):
    state = JiraState.of(world)
    closed = hidden(world, "jira", who)
    titles = {one.title for one in closed}
    assert closed
    query = "?maxResults=100&fields=*all&jql=created>2000-01-01"
    everything = "".join(text for _, text in asked(JIRA, world, who, {}, query))
    assert not [title for title in titles if f'"{title}"' in everything]
    for document in closed:
        issue = state.issues[document.id]
        files = [one.id for one in state.attachments.values() if one.issue == issue.id]
        filled = {
            "issue": issue.id,
            "comment": next(iter(issue.comments), "1"),
            "file": files[0] if files else "1",
            "key": next(iter(issue.properties), "1"),
            "project": document.container,
        }
        for target, text in asked(JIRA, world, who, filled, "?redirect=false&expand=changelog"):
            assert document.title not in text, target
            assert not [f for f in files if state.attachments[f].data.decode() in text], target
