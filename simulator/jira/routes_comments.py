"""Comments."""

from __future__ import annotations

from simulator.atlassian.accounts import group_of
from simulator.atlassian.bodies import Body
from simulator.jira.api import (
    adf,
    error,
    issue_for,
    me,
    no_issue,
    on,
    place,
    sight,
)
from simulator.jira.objects import Comment, Issue
from simulator.jira.render import Renderer
from simulator.jira.view import Sight
from simulator.paging import cut
from simulator.wire import Call, Reply, reply_json


@on("GET", "/issue/{issue}/comment", "comments.list")
def list_comments(call: Call) -> Reply:
    """The comments of an issue that the caller sees."""
    eyes = sight(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    render = Renderer(call, eyes)
    items = render.comments(issue)
    if call.arg("orderBy") == "-created":
        items = items[::-1]
    start, size = place(call), call.number("maxResults", 50, 5000)
    page = cut(call, items, start, size)
    rows = [render.comment(issue, one) for one in page.items]
    frame = {"startAt": start, "maxResults": size, "total": len(items)}
    return reply_json(frame | {"comments": rows})


def _comment_of(call: Call, eyes: Sight) -> tuple[Issue, Comment] | None:
    issue = issue_for(call, eyes, call.params["issue"])
    comment = issue.comments.get(call.params["comment"]) if issue else None
    if issue is None or comment is None or not eyes.sees_comment(comment, issue):
        return None
    return issue, comment


@on("GET", "/issue/{issue}/comment/{comment}", "comments.get")
def get_comment(call: Call) -> Reply:
    """One comment."""
    eyes = sight(call)
    found = _comment_of(call, eyes)
    if found is None:
        return error(call, 404, "Can not find a comment for the id.")
    return reply_json(Renderer(call, eyes).comment(*found))


@on("POST", "/issue/{issue}/comment", "comments.create")
def add_comment(call: Call) -> Reply:
    """A comment, perhaps for one role or group alone."""
    eyes, given = sight(call), Body.of(call)
    issue = issue_for(call, eyes, call.params["issue"])
    if issue is None:
        return no_issue(call)
    state, body = eyes.state, adf(call, given.given.get("body"))
    project = state.projects[issue.project]
    if not eyes.may("ADD_COMMENTS", project, issue):
        return error(call, 400, "You do not have the permission to comment on this issue.")
    if body is None:
        return error(call, 400, "", {"comment": "Comment body is not valid!"})
    shown, role, group = given.part("visibility"), "", ""
    if shown.given:
        wanted = shown.text("identifier") or shown.text("value")
        if shown.text("type") == "role":
            names = {one.name: key for key, one in state.roles.items()}
            role = wanted if wanted in state.roles else names.get(wanted, "")
        else:
            found = group_of(call.world, wanted)
            group = found.id if found else ""
        if not role and not group:
            return error(call, 400, "", {"commentLevel": f"{wanted} does not exist."})
    made = state.comment(issue=issue.id, author=me(call), body=body, role=role, group=group)
    row = Renderer(call, sight(call)).comment(issue, issue.comments[made])
    return reply_json(row, 201, Location=row["self"])


@on("PUT", "/issue/{issue}/comment/{comment}", "comments.update")
def edit_comment(call: Call) -> Reply:
    """New words for a comment."""
    eyes, given = sight(call), Body.of(call)
    found, body = _comment_of(call, eyes), adf(call, given.given.get("body"))
    if found is None:
        return error(call, 404, "Can not find a comment for the id.")
    issue, comment = found
    project = eyes.state.projects[issue.project]
    if comment.author != me(call) and not eyes.may("ADMINISTER_PROJECTS", project):
        return error(call, 400, "You do not have the permission to edit this comment.")
    if body is None:
        return error(call, 400, "", {"comment": "Comment body is not valid!"})
    eyes.state.edit_comment(issue=issue.id, comment=comment.id, body=body, by=me(call))
    return reply_json(Renderer(call, eyes).comment(issue, comment))


@on("DELETE", "/issue/{issue}/comment/{comment}", "comments.delete")
def remove_comment(call: Call) -> Reply:
    """A comment is gone."""
    eyes = sight(call)
    found = _comment_of(call, eyes)
    if found is None:
        return error(call, 404, "Can not find a comment for the id.")
    issue, comment = found
    project = eyes.state.projects[issue.project]
    if comment.author != me(call) and not eyes.may("ADMINISTER_PROJECTS", project):
        return error(call, 400, "You do not have the permission to delete this comment.")
    eyes.state.delete_comment(issue=issue.id, comment=comment.id)
    return Reply(204)
