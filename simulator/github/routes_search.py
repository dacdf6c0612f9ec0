"""REST: searching issues and pull requests, which lags behind writes on a bad day.

https://docs.github.com/en/rest/search/search#search-issues-and-pull-requests
"""

from __future__ import annotations

import re
from collections.abc import Callable

from simulator.faults import FaultKind
from simulator.github.api import API, Refused, listing, sight
from simulator.github.model import Issue, Repo
from simulator.github.show import Show
from simulator.github.show_talk import ShowTalk
from simulator.github.view import READ, Sight
from simulator.wire import Call, Reply

_MOST = 1000
_WORD = re.compile(r'(-?)(?:([a-z]+):)?("[^"]*"|\S+)')
_BLIND = (
    "The listed users and repositories cannot be searched either because the resources do not "
    "exist or you do not have permission to view them."
)
Found = tuple[Repo, Issue]
Test = Callable[[Found], bool]
_IS: dict[str, Test] = {
    "issue": lambda f: f[1].pull is None,
    "pr": lambda f: f[1].pull is not None,
    "pull-request": lambda f: f[1].pull is not None,
    "open": lambda f: f[1].state == "open",
    "closed": lambda f: f[1].state == "closed",
    "merged": lambda f: f[1].pull is not None and f[1].pull.merged is not None,
    "draft": lambda f: f[1].pull is not None and f[1].pull.draft,
    "public": lambda f: f[0].visibility == "public",
    "private": lambda f: f[0].visibility != "public",
}


def _places(seen: Sight, text: str) -> list[Repo]:
    """The repositories that ``repo:`` and ``org:`` name, or all that the caller can see."""
    state = seen.state
    named: list[Repo] | None = None
    for _, key, value in _WORD.findall(text):
        if key == "repo":
            owner, _, name = value.strip('"').partition("/")
            org = state.find_org(owner)
            repo = state.find_repo(org, name) if org else None
            if repo is None or seen.level(repo) < READ:
                raise Refused(422, _BLIND)
            named = [*(named or []), repo]
        elif key in ("org", "user"):
            org = state.find_org(value.strip('"'))
            if org is None:
                raise Refused(422, _BLIND)
            named = [*(named or []), *(r for r in state.repos.values() if r.org == org.id)]
    places = state.repos.values() if named is None else {r.id: r for r in named}.values()
    return [r for r in places if seen.level(r) >= READ]


def _test(seen: Sight, key: str, value: str) -> Test:
    if key in ("is", "state", "type"):
        if value not in _IS:
            raise Refused(422, f"'{value}' is not a value of '{key}'.")
        return _IS[value]
    if key in ("author", "assignee"):
        account = seen.state.by_login(value)
        person = account.person if account else "nobody at all"
        if key == "author":
            return lambda f: f[1].author == person
        return lambda f: person in f[1].assignees
    if key == "label":
        return lambda f: value.lower() in [name.lower() for name in f[1].labels]
    if key:
        raise Refused(422, f"The qualifier '{key}' is not served here.")
    said = value.lower()
    return lambda f: any(
        said in text.lower()
        for text in (f[1].title, f[1].body, *(c.body for c in f[1].comments.values()))
    )


@API.get("/search/issues", "search.issues")
def search_issues(call: Call) -> Reply:
    """Words and phrases in titles, bodies and comments, with the usual qualifiers.

    With search lag, what was opened in the last seconds is not found, as if not yet indexed.
    """
    text = call.arg("q")
    if not text.strip():
        raise Refused(422, "Validation Failed")
    seen = sight(call)
    words = [
        (minus, key, value.strip('"'))
        for minus, key, value in _WORD.findall(text)
        if key not in ("repo", "org", "user", "in", "sort")
    ]
    kinds = {value for _, key, value in words if key in ("is", "type")}
    if not kinds & {"issue", "pr", "pull-request"}:
        raise Refused(422, "Query must include 'is:issue' or 'is:pull-request'")
    if call.number("page", 1, 10**9) * call.number("per_page", 30, 100) > _MOST:
        raise Refused(422, "Only the first 1000 search results are available")
    edge = call.world.now() - call.search_lag()
    found = [
        (repo, issue)
        for repo in _places(seen, text)
        for issue in seen.issues(repo)
        if issue.created <= edge
    ]
    for minus, key, value in words:
        test = _test(seen, key, value)
        found = [f for f in found if test(f) != bool(minus)]
    latest = call.arg("sort") == "updated"
    found.sort(
        key=lambda f: (f[1].updated if latest else f[1].created, f[1].id),
        reverse=call.arg("order", "desc") == "desc",
    )
    cut_off = call.fault(FaultKind.INCOMPLETE_SEARCH) is not None
    total = len(found)
    if cut_off:
        found = found[: len(found) // 2]
    show = Show(call, seen)
    return listing(
        call,
        found[:_MOST],
        lambda f: ShowTalk(show, f[0]).issue(f[1]) | {"score": 1.0},
        wrap=lambda rows: {
            "total_count": total,
            "incomplete_results": cut_off,
            "search_type": "lexical",
            "items": rows,
        },
    )
