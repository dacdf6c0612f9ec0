"""REST: issues, their comments, and labels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from simulator.clock import parse
from simulator.github.api import (
    API,
    Refused,
    invalid,
    listing,
    payload,
    repository,
    word_list,
    words,
)
from simulator.github.model import Issue, Repo
from simulator.github.show import Show, stamp
from simulator.github.show_talk import ShowTalk
from simulator.github.view import READ, TRIAGE, WRITE, Sight
from simulator.wire import Call, Reply, reply_json

_REPO = "/repos/{owner}/{repo}"
_ISSUE = _REPO + "/issues/{issue_number}"


def slug(seen: Sight, repo: Repo) -> str:
    """How verbs name a repository."""
    return f"{seen.state.orgs[repo.org].login}/{repo.name}"


def since(call: Call) -> datetime | None:
    """The ``since`` parameter.

    Raises:
        Refused: it is no time.
    """
    given = call.arg("since")
    try:
        return parse(given.replace(" ", "+")) if given else None
    except ValueError as wrong:
        raise Refused(422, "Invalid since") from wrong


def people_named(seen: Sight, logins: list[str]) -> list[str]:
    """The persons behind logins.

    Raises:
        Refused: one of them is nobody's.
    """
    found = []
    for login in logins:
        account = seen.state.by_login(login)
        if account is None:
            raise invalid("Issue", "assignees", "invalid")
        found.append(account.person)
    return found


def numbered(
    call: Call, need: int = READ, *, write: bool = False
) -> tuple[Sight, Repo, Issue, ShowTalk]:
    """The issue or pull request that the path names.

    Raises:
        Refused: 404, or 410 where issues are off or it was deleted.
    """
    seen, repo = repository(call, need, write=write)
    given = call.params["issue_number"]
    number = int(given) if given.isdecimal() else 0
    found = repo.issues.get(number)
    if found is None and 0 < number <= repo.last and number not in repo.discussions:
        raise Refused(410, "This issue was deleted")
    if found is None:
        raise Refused(404, "Not Found")
    if not repo.has_issues and found.pull is None:
        raise Refused(410, "Issues has been disabled in this repository.")
    return seen, repo, found, ShowTalk(Show(call, seen), repo)


def _filtered(call: Call, seen: Sight, found: list[Issue]) -> list[Issue]:
    state = call.arg("state", "open")
    edge = since(call)
    labels = [name.lower() for name in call.arg("labels").split(",") if name]

    def person(login: str) -> str:
        account = seen.state.by_login(login)
        return account.person if account else "nobody at all"

    creator, assignee = call.arg("creator"), call.arg("assignee")
    tests: list[Callable[[Issue], bool]] = []
    if state != "all":
        tests.append(lambda i: i.state == state)
    if edge is not None:
        tests.append(lambda i: i.updated >= edge)
    if labels:
        tests.append(lambda i: set(labels) <= {name.lower() for name in i.labels})
    if creator:
        tests.append(lambda i: i.author == person(creator))
    if assignee == "none":
        tests.append(lambda i: not i.assignees)
    elif assignee and assignee != "*":
        tests.append(lambda i: person(assignee) in i.assignees)
    return [i for i in found if all(test(i) for test in tests)]


@API.get(_REPO + "/issues", "issues.list")
def issues(call: Call) -> Reply:
    """Issues and pull requests together; ``since`` is about the last change."""
    seen, repo = repository(call)
    found = _filtered(call, seen, seen.issues(repo))
    order: dict[str, Callable[[Issue], Any]] = {
        "created": lambda i: (i.created, i.number),
        "updated": lambda i: (i.updated, i.number),
        "comments": lambda i: (len(i.comments), i.number),
    }
    backwards = call.arg("direction", "desc") != "asc"
    found.sort(key=order.get(call.arg("sort"), order["created"]), reverse=backwards)
    show = ShowTalk(Show(call, seen), repo)
    return listing(call, found, show.issue, key=lambda i: i.id)


@API.post(_REPO + "/issues", "issues.create")
def create_issue(call: Call) -> Reply:
    """Whoever reads may open one; labels and assignees need triage and are dropped without."""
    seen, repo = repository(call, write=True)
    given = payload(call)
    if not repo.has_issues:
        raise Refused(410, "Issues has been disabled in this repository.")
    title = words(given, "title")
    if not title:
        raise invalid("Issue", "title", "missing_field")
    may = seen.level(repo) >= TRIAGE
    people = [*word_list(given, "assignees"), *filter(None, [words(given, "assignee")])]
    number = seen.state.create_issue(
        repo=slug(seen, repo),
        title=title,
        author=seen.who,
        body=words(given, "body"),
        labels=word_list(given, "labels") if may else [],
        assignees=people_named(seen, people) if may else [],
    )
    shown = ShowTalk(Show(call, seen), repo).issue(repo.issues[number])
    return reply_json(shown, 201, Location=shown["url"])


# These come before the single issue: "comments" is no number.
@API.get(_REPO + "/issues/comments", "issues.all_comments")
def all_comments(call: Call) -> Reply:
    """Comments on all issues and pull requests, by id; ``since`` is about their last change."""
    seen, repo = repository(call)
    edge = since(call)
    pairs = [
        (issue, comment)
        for issue in seen.issues(repo)
        for comment in issue.comments.values()
        if edge is None or comment.updated >= edge
    ]
    if call.arg("sort") in ("created", "updated"):
        field = call.arg("sort")
        pairs.sort(
            key=lambda p: (getattr(p[1], field), p[1].id), reverse=call.arg("direction") != "asc"
        )
    else:
        pairs.sort(key=lambda p: p[1].id)
    show = ShowTalk(Show(call, seen), repo)
    return listing(call, pairs, lambda p: show.comment(*p), key=lambda p: p[1].id)


@API.get(_REPO + "/issues/comments/{comment_id}", "comments.get")
def one_comment(call: Call) -> Reply:
    """A comment by its id."""
    _, issue, comment, show = _comment(call)
    return reply_json(show.comment(issue, issue.comments[comment]))


def _comment(call: Call, *, write: bool = False) -> tuple[Sight, Issue, int, ShowTalk]:
    seen, repo = repository(call, write=write)
    given = call.params["comment_id"]
    number = int(given) if given.isdecimal() else 0
    held, issue_number = seen.state.places.get(number, (0, 0))
    issue = repo.issues.get(issue_number)
    if (
        held != repo.id
        or issue is None
        or number not in issue.comments
        or issue not in seen.issues(repo)
    ):
        raise Refused(404, "Not Found")
    own = issue.comments[number].author == seen.who
    if write and not own and seen.level(repo) < WRITE:
        raise Refused(403, "Must have push access to change another person's comment.")
    return seen, issue, number, ShowTalk(Show(call, seen), repo)


@API.patch(_REPO + "/issues/comments/{comment_id}", "comments.edit")
def edit_comment(call: Call) -> Reply:
    """New words."""
    seen, issue, comment, show = _comment(call, write=True)
    body = words(payload(call), "body")
    where = slug(seen, show.repo)
    seen.state.edit_comment(repo=where, number=issue.number, comment=comment, body=body)
    return reply_json(show.comment(issue, issue.comments[comment]))


@API.delete(_REPO + "/issues/comments/{comment_id}", "comments.delete")
def delete_comment(call: Call) -> Reply:
    """Take a comment back."""
    seen, issue, comment, show = _comment(call, write=True)
    seen.state.delete_comment(repo=slug(seen, show.repo), number=issue.number, comment=comment)
    return Reply(204)


@API.get(_ISSUE, "issues.get")
def issue(call: Call) -> Reply:
    """An issue, or a pull request as one."""
    _, _, found, show = numbered(call)
    return reply_json(show.issue(found))


@API.patch(_ISSUE, "issues.edit")
def edit_issue(call: Call) -> Reply:
    """Its author or whoever may triage: title, body, state, labels."""
    seen, repo, found, show = numbered(call, write=True)
    given, where, rank = payload(call), slug(seen, repo), seen.level(repo)
    if rank < TRIAGE and found.author != seen.who:
        raise Refused(403, "Must have triage access to change another person's issue.")
    title = words(given, "title")
    if title or "body" in given:
        body = words(given, "body") if "body" in given else None
        seen.state.edit_issue(repo=where, number=found.number, title=title, body=body)
    if "labels" in given and rank >= TRIAGE:
        names = word_list(given, "labels")
        seen.state.label_issue(repo=where, number=found.number, labels=names, replace=True)
    change_state(seen, repo, found, given)
    return reply_json(show.issue(found))


def change_state(seen: Sight, repo: Repo, issue: Issue, given: dict[str, Any]) -> None:
    """Close or reopen as a PATCH asks."""
    wanted, where = words(given, "state"), slug(seen, repo)
    if wanted not in ("", "open", "closed"):
        raise invalid("Issue", "state", "invalid")
    if wanted == "closed" and issue.state == "open":
        reason = words(given, "state_reason", "completed")
        seen.state.close_issue(repo=where, number=issue.number, by=seen.who, reason=reason)
    elif wanted == "open" and issue.state == "closed":
        seen.state.reopen_issue(repo=where, number=issue.number)


@API.get(_ISSUE + "/comments", "comments.list")
def comments(call: Call) -> Reply:
    """An issue's comments, oldest first."""
    _, _, found, show = numbered(call)
    edge = since(call)
    rows = [c for c in found.comments.values() if edge is None or c.updated >= edge]
    rows.sort(key=lambda c: (c.created, c.id))
    return listing(call, rows, lambda c: show.comment(found, c))


@API.post(_ISSUE + "/comments", "comments.create")
def create_comment(call: Call) -> Reply:
    """Whoever reads may comment, unless the conversation is locked."""
    seen, repo, found, show = numbered(call, write=True)
    body = words(payload(call), "body")
    if not body:
        raise invalid("IssueComment", "body", "missing_field")
    if found.locked and seen.level(repo) < WRITE:
        raise Refused(403, "Unable to create comment because issue is locked.")
    made = seen.state.comment(
        repo=slug(seen, repo), number=found.number, author=seen.who, body=body
    )
    shown = show.comment(found, found.comments[made])
    return reply_json(shown, 201, Location=shown["url"])


@API.get(_ISSUE + "/labels", "issues.labels")
def issue_labels(call: Call) -> Reply:
    """An issue's labels."""
    _, repo, found, show = numbered(call)
    held = [repo.labels[name.lower()] for name in found.labels]
    return listing(call, held, lambda label: show.show.label(repo, label))


def _relabel(call: Call, replace: bool) -> Reply:
    seen, repo, found, show = numbered(call, TRIAGE, write=True)
    given = call.json()
    names = word_list(given if isinstance(given, dict) else {"labels": given}, "labels")
    where = slug(seen, repo)
    seen.state.label_issue(repo=where, number=found.number, labels=names, replace=replace)
    return reply_json([show.show.label(repo, repo.labels[n.lower()]) for n in found.labels])


@API.post(_ISSUE + "/labels", "issues.add_labels")
def add_labels(call: Call) -> Reply:
    """Put labels on; unknown ones are made."""
    return _relabel(call, False)


@API.put(_ISSUE + "/labels", "issues.set_labels")
def set_labels(call: Call) -> Reply:
    """Exactly these labels."""
    return _relabel(call, True)


@API.delete(_ISSUE + "/labels/{name}", "issues.remove_label")
def remove_label(call: Call) -> Reply:
    """Take a label off."""
    seen, repo, found, show = numbered(call, TRIAGE, write=True)
    name = call.params["name"]
    if name.lower() not in [held.lower() for held in found.labels]:
        raise Refused(404, "Label does not exist")
    seen.state.unlabel_issue(repo=slug(seen, repo), number=found.number, label=name)
    return reply_json([show.show.label(repo, repo.labels[n.lower()]) for n in found.labels])


@API.get(_ISSUE + "/events", "issues.events")
def events(call: Call) -> Reply:
    """Closing is the only event kept."""
    _, _, found, show = numbered(call)
    url = f"{show.url}/issues/events/{found.id}"
    rows = [found] if found.closed is not None and found.closed_by else []
    return listing(
        call,
        rows,
        lambda i: {
            "id": i.id,
            "node_id": f"CE_{i.id}",
            "url": url,
            "actor": show.show.user(i.closed_by),
            "event": "closed",
            "commit_id": None,
            "commit_url": None,
            "created_at": stamp(i.closed or i.updated),
            "performed_via_github_app": None,
            "state_reason": i.reason or None,
        },
    )


@API.get(_REPO + "/labels", "labels.list")
def labels(call: Call) -> Reply:
    """The repository's labels."""
    seen, repo = repository(call)
    show = Show(call, seen)
    return listing(call, list(repo.labels.values()), lambda label: show.label(repo, label))


@API.get(_REPO + "/labels/{name}", "labels.get")
def label(call: Call) -> Reply:
    """One label."""
    seen, repo = repository(call)
    found = repo.labels.get(call.params["name"].lower())
    if found is None:
        raise Refused(404, "Not Found")
    return reply_json(Show(call, seen).label(repo, found))


@API.post(_REPO + "/labels", "labels.create")
def create_label(call: Call) -> Reply:
    """A new label; 422 where there is one of that name."""
    seen, repo = repository(call, TRIAGE, write=True)
    given = payload(call)
    name = words(given, "name")
    if not name:
        raise invalid("Label", "name", "missing_field")
    if name.lower() in repo.labels:
        raise invalid("Label", "name", "already_exists")
    seen.state.create_label(
        repo=slug(seen, repo),
        name=name,
        color=words(given, "color", "ededed"),
        description=words(given, "description"),
    )
    shown = Show(call, seen).label(repo, repo.labels[name.lower()])
    return reply_json(shown, 201, Location=shown["url"])
