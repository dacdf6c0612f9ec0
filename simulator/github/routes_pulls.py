"""REST: pull requests, their files, reviews and line comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.github.api import API, Refused, invalid, listing, payload, repository, words
from simulator.github.model import Issue, Pull, Repo
from simulator.github.routes_issues import change_state, since, slug
from simulator.github.show import Show
from simulator.github.show_git import ShowGit
from simulator.github.show_talk import ShowTalk, pull_changes, pull_commits
from simulator.github.view import READ, TRIAGE, WRITE, Sight
from simulator.wire import Call, Reply, reply_json

_REPO = "/repos/{owner}/{repo}"
_PULL = _REPO + "/pulls/{pull_number}"


def _numbered(
    call: Call, need: int = READ, *, write: bool = False
) -> tuple[Sight, Repo, Issue, Pull, ShowTalk]:
    seen, repo = repository(call, need, write=write)
    given = call.params["pull_number"]
    found = repo.issues.get(int(given)) if given.isdecimal() else None
    if found is None or found.pull is None:
        raise Refused(404, "Not Found")
    return seen, repo, found, found.pull, ShowTalk(Show(call, seen), repo)


@API.get(_REPO + "/pulls", "pulls.list")
def pulls(call: Call) -> Reply:
    """Pull requests; there is no ``since``."""
    seen, repo = repository(call)
    state, head, base = call.arg("state", "open"), call.arg("head"), call.arg("base")
    found = [
        (issue, issue.pull)
        for issue in repo.issues.values()
        if issue.pull is not None
        and state in ("all", issue.state)
        and (not base or issue.pull.base == base)
        and (not head or head == f"{seen.state.orgs[repo.org].login}:{issue.pull.head}")
    ]
    order: dict[str, Callable[[tuple[Issue, Pull]], Any]] = {
        "created": lambda p: (p[0].created, p[0].number),
        "updated": lambda p: (p[0].updated, p[0].number),
        "popularity": lambda p: (len(p[0].comments), p[0].number),
    }
    sort = call.arg("sort", "created")
    usual = "desc" if sort == "created" else "asc"
    found.sort(
        key=order.get(sort, order["created"]), reverse=(call.arg("direction") or usual) == "desc"
    )
    show = ShowTalk(Show(call, seen), repo)
    return listing(call, found, lambda p: show.pull(*p))


@API.post(_REPO + "/pulls", "pulls.create")
def create_pull(call: Call) -> Reply:
    """A pull request or draft: 422 where the same branches have an open one."""
    seen, repo = repository(call, WRITE, write=True)
    given = payload(call)
    head, base, title = words(given, "head"), words(given, "base"), words(given, "title")
    head = head.removeprefix(f"{seen.state.orgs[repo.org].login}:")
    for field, name in (("head", head), ("base", base)):
        if not name:
            raise invalid("PullRequest", field, "missing_field")
        if name not in repo.git.branches:
            raise invalid("PullRequest", field, "invalid")
    if not title:
        raise invalid("PullRequest", "title", "missing_field")
    for issue in repo.issues.values():
        pull = issue.pull
        if pull and issue.state == "open" and (pull.head, pull.base) == (head, base):
            who = f"{seen.state.orgs[repo.org].login}:{head}"
            raise invalid("PullRequest", "", "custom", f"A pull request already exists for {who}.")
    git = repo.git
    fork = git.merge_base(git.branches[head], git.branches[base])
    if fork is not None and fork.sha == git.branches[head]:
        raise invalid("PullRequest", "", "custom", f"No commits between {base} and {head}")
    number = seen.state.open_pull(
        repo=slug(seen, repo),
        title=title,
        author=seen.who,
        head=head,
        base=base,
        body=words(given, "body"),
        draft=bool(given.get("draft", False)),
    )
    made = repo.issues[number]
    assert made.pull is not None
    shown = ShowTalk(Show(call, seen), repo).pull_full(made, made.pull)
    return reply_json(shown, 201, Location=shown["url"])


# These come before the single pull request: "comments" is no number.
@API.get(_REPO + "/pulls/comments", "pulls.all_comments")
def all_comments(call: Call) -> Reply:
    """Line comments of all pull requests."""
    seen, repo = repository(call)
    edge = since(call)
    pairs = [
        (issue, line)
        for issue in repo.issues.values()
        if issue.pull
        for line in issue.pull.lines.values()
        if line.review in [r.id for r in seen.reviews(issue.pull)]
        and (edge is None or line.updated >= edge)
    ]
    pairs.sort(key=lambda p: p[1].id)
    show = ShowTalk(Show(call, seen), repo)
    return listing(call, pairs, lambda p: show.line(*p))


@API.get(_REPO + "/pulls/comments/{comment_id}", "pulls.comment")
def one_comment(call: Call) -> Reply:
    """A line comment by its id."""
    seen, repo = repository(call)
    for issue in repo.issues.values():
        visible = [r.id for r in seen.reviews(issue.pull)] if issue.pull else []
        for line in issue.pull.lines.values() if issue.pull else ():
            if str(line.id) == call.params["comment_id"] and line.review in visible:
                return reply_json(ShowTalk(Show(call, seen), repo).line(issue, line))
    raise Refused(404, "Not Found")


@API.get(_PULL, "pulls.get")
def pull(call: Call) -> Reply:
    """A pull request."""
    _, _, found, pulled, show = _numbered(call)
    return reply_json(show.pull_full(found, pulled))


@API.patch(_PULL, "pulls.edit")
def edit_pull(call: Call) -> Reply:
    """Its author or whoever may triage: title, body, state."""
    seen, repo, found, pulled, show = _numbered(call, write=True)
    given = payload(call)
    if seen.level(repo) < TRIAGE and found.author != seen.who:
        raise Refused(403, "Must have triage access to change another person's pull request.")
    title = words(given, "title")
    if title or "body" in given:
        body = words(given, "body") if "body" in given else None
        seen.state.edit_issue(repo=slug(seen, repo), number=found.number, title=title, body=body)
    change_state(seen, repo, found, given)
    return reply_json(show.pull_full(found, pulled))


@API.get(_PULL + "/files", "pulls.files")
def files(call: Call) -> Reply:
    """The diff: 3000 files at most."""
    _, repo, _, pulled, show = _numbered(call)
    git = ShowGit(show.show, repo)
    found = pull_changes(repo, pulled)[:3000]
    return listing(call, found, lambda f: git.change(f, pulled.head_sha))


@API.get(_PULL + "/commits", "pulls.commits")
def commits(call: Call) -> Reply:
    """Commits, oldest first: 250 at most."""
    _, repo, _, pulled, show = _numbered(call)
    git = ShowGit(show.show, repo)
    return listing(call, pull_commits(repo, pulled)[:250], git.commit)


@API.get(_PULL + "/merge", "pulls.merged")
def merged(call: Call) -> Reply:
    """204 if merged, else 404."""
    _, _, _, pulled, _ = _numbered(call)
    if pulled.merged is None:
        raise Refused(404, "Not Found")
    return Reply(204)


@API.get(_PULL + "/reviews", "reviews.list")
def reviews(call: Call) -> Reply:
    """Reviews, oldest first."""
    seen, _, found, pulled, show = _numbered(call)
    return listing(call, seen.reviews(pulled), lambda r: show.review(found, r))


@API.get(_PULL + "/reviews/{review_id}", "reviews.get")
def review(call: Call) -> Reply:
    """One review."""
    seen, _, found, pulled, show = _numbered(call)
    for held in seen.reviews(pulled):
        if str(held.id) == call.params["review_id"]:
            return reply_json(show.review(found, held))
    raise Refused(404, "Not Found")


@API.get(_PULL + "/reviews/{review_id}/comments", "reviews.comments")
def review_comments(call: Call) -> Reply:
    """The line comments of one review."""
    seen, _, found, pulled, show = _numbered(call)
    if call.params["review_id"] not in [str(r.id) for r in seen.reviews(pulled)]:
        raise Refused(404, "Not Found")
    rows = [c for c in pulled.lines.values() if str(c.review) == call.params["review_id"]]
    later = ("line", "side", "original_line", "start_line", "start_side", "original_start_line")
    # This list is the older shape, where lines are positions in the diff.
    return listing(
        call,
        rows,
        lambda c: {
            k: v for k, v in show.line(found, c).items() if k not in (*later, "subject_type")
        },
    )


@API.get(_PULL + "/comments", "pulls.comments")
def comments(call: Call) -> Reply:
    """Line comments."""
    seen, _, found, pulled, show = _numbered(call)
    edge = since(call)
    visible = [r.id for r in seen.reviews(pulled)]
    rows = [
        c
        for c in pulled.lines.values()
        if c.review in visible and (edge is None or c.updated >= edge)
    ]
    return listing(call, rows, lambda c: show.line(found, c))


@API.get(_PULL + "/requested_reviewers", "pulls.reviewers")
def requested(call: Call) -> Reply:
    """Who was asked and has not answered."""
    _, _, _, pulled, show = _numbered(call)
    return reply_json({"users": [show.show.user(p) for p in pulled.reviewers], "teams": []})
