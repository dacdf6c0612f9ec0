"""Search by JQL, and many issues at once."""

from __future__ import annotations

import base64
import binascii
import json
from hashlib import blake2b
from typing import Any

from simulator.atlassian.bodies import Body
from simulator.atlassian.query import QueryError
from simulator.faults import FaultKind
from simulator.jira.api import (
    NO_ISSUE,
    error,
    expands,
    issue_for,
    on,
    sight,
)
from simulator.jira.jql import Search
from simulator.jira.objects import Issue
from simulator.jira.render import NAVIGABLE, Renderer
from simulator.paging import cut
from simulator.wire import Call, Reply, reply_json

_BAD_TOKEN = "The provided next page token is invalid or has expired."  # noqa: S105


def _token(jql: str, start: int) -> str:
    said = {"q": blake2b(jql.encode(), digest_size=6).hexdigest(), "s": start}
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


def _place(token: str, jql: str) -> int | None:
    try:
        said = json.loads(base64.urlsafe_b64decode(token))
        same = said["q"] == blake2b(jql.encode(), digest_size=6).hexdigest()
        return max(int(said["s"]), 0) if same else None
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None


def _asked(call: Call) -> Body:
    """The parameters of a search, from the query or the body."""
    if call.method == "POST":
        return Body.of(call)
    asked: dict[str, Any] = {key: call.arg(key) for key in ("jql", "nextPageToken")}
    asked["expand"] = expands(call)
    asked["maxResults"] = call.number("maxResults", 50, 5000)
    asked["fields"] = [one for given in call.query.get("fields", []) for one in given.split(",")]
    asked["reconcileIssues"] = [
        one for given in call.query.get("reconcileIssues", []) for one in given.split(",")
    ]
    return Body(asked)


def _search(call: Call) -> Reply:
    eyes, asked = sight(call), _asked(call)
    jql, token = asked.text("jql"), asked.text("nextPageToken")
    fields = asked.texts("fields") or ["id"]
    world = call.world
    fresh = frozenset(asked.texts("reconcileIssues"))
    if len(fresh) > 50:
        return error(call, 400, "At most 50 issues can be reconciled.")
    try:
        found = Search(eyes, jql, world.now()).run(world.now() - call.search_lag(), fresh)
    except QueryError as wrong:
        return error(call, 400, str(wrong))
    start = 0
    if token:
        known = _place(token, jql)
        if known is None or call.fault(FaultKind.EXPIRED_CURSOR):
            return error(call, 400, _BAD_TOKEN)
        start = known
    render = Renderer(call, eyes)
    wanted = render.wanted([one for one in fields if one not in ("id", "key")], ())
    # Jira serves large pages only of ids and keys.
    most = 100 if wanted else 5000
    size = min(max(asked.whole("maxResults") or 50, 1), most)
    page = cut(call, found, start, size)
    rows = []
    for one in page.items:
        issue = eyes.state.issues[one]
        if wanted or fields != ["id"]:
            rows.append(render.issue(issue, wanted, asked.text("expand")))
        else:
            rows.append({"id": issue.id})
    content: dict[str, Any] = {"issues": rows, "isLast": page.next is None}
    if page.next is not None:
        content["nextPageToken"] = _token(jql, page.next)
    return reply_json(content)


on("GET", "/search/jql", "search.jql")(_search)
on("POST", "/search/jql", "search.jql")(_search)


@on("POST", "/search/approximate-count", "search.count")
def count(call: Call) -> Reply:
    """About how many issues match."""
    eyes, given = sight(call), Body.of(call)
    try:
        found = Search(eyes, given.text("jql"), call.world.now()).run(call.world.now())
    except QueryError as wrong:
        return error(call, 400, str(wrong))
    return reply_json({"count": len(found)})


def _gone(call: Call) -> Reply:
    said = (
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
        "A full migration guideline is available at "
        "https://developer.atlassian.com/changelog/#CHANGE-2046"
    )
    return error(call, 410, said)


on("GET", "/search", "search.removed")(_gone)
on("POST", "/search", "search.removed")(_gone)


@on("POST", "/issue/bulkfetch", "issues.bulkfetch")
def bulk_fetch(call: Call) -> Reply:
    """Up to 100 issues by id or key, in ascending order of id."""
    eyes, given = sight(call), Body.of(call)
    wanted = given.texts("issueIdsOrKeys")
    if not 0 < len(wanted) <= 100:
        return error(call, 400, "Between 1 and 100 issueIdsOrKeys are required.")
    render, rows, wrong = Renderer(call, eyes), dict[str, Issue](), []
    for one in wanted:
        issue = issue_for(call, eyes, one)
        if issue is None:
            wrong.append({"id": one, "errorMessage": NO_ISSUE})
        else:
            rows[issue.id] = issue
    fields = render.wanted(given.texts("fields"), (*NAVIGABLE, *eyes.state.fields))
    expand = ",".join(given.texts("expand"))
    made = [render.issue(rows[one], fields, expand) for one in sorted(rows, key=int)]
    return reply_json({"issues": made, "issueErrors": wrong})


@on("POST", "/changelog/bulkfetch", "changelogs.bulkfetch")
def bulk_changelogs(call: Call) -> Reply:
    """The changes of several issues."""
    eyes, given = sight(call), Body.of(call)
    render, rows = Renderer(call, eyes), []
    for one in given.texts("issueIdsOrKeys"):
        issue = issue_for(call, eyes, one)
        if issue is not None and issue.changelog:
            histories = [render.history(entry) for entry in issue.changelog]
            rows.append({"issueId": issue.id, "changeHistories": histories})
    return reply_json({"issueChangeLogs": rows})
