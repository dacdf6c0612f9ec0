"""v2: footer and inline comments."""

from __future__ import annotations

from collections.abc import Callable

from simulator.atlassian.bodies import Body
from simulator.confluence.api import (
    API,
    cursor_list_v2,
    error,
    refused,
    seen,
    sight,
    window,
)
from simulator.confluence.objects import Comment
from simulator.confluence.render_v2 import (
    Row,
    body_row,
    given_body,
    version_row,
    whole,
)
from simulator.confluence.routes_v2 import find
from simulator.confluence.view import Sight
from simulator.wire import Call, Reply


def _comment(call: Call, eyes: Sight, comment: Comment) -> Row:
    on = eyes.state.contents[comment.content]
    when = comment.modified or comment.created
    row: Row = {
        "id": comment.id,
        "status": "current",
        "title": f"Re: {on.title}",
        "pageId" if on.kind == "page" else "blogPostId": on.id,
        "version": version_row(comment.version, comment.author, when),
        "body": body_row(call, comment.body),
        "_links": {"webui": f"/pages/{on.id}?focusedCommentId={comment.id}"},
    }
    if comment.parent:
        row["parentCommentId"] = comment.parent
    if comment.selection:
        row["resolutionStatus"] = "resolved" if comment.resolved else "open"
        row["properties"] = {
            "inlineMarkerRef": f"ref-{comment.id}",
            "inlineOriginalSelection": comment.selection,
        }
    return row


def _comments(inline: bool) -> Callable[[Call], Reply]:
    def answer(call: Call) -> Reply:
        eyes = sight(call)
        found = find(call, eyes)
        if isinstance(found, Reply):
            return found
        top = [c for c in eyes.state.comments_on(found.id) if not c.parent]
        return _said(call, eyes, [c for c in top if bool(c.selection) is inline])

    return answer


def _said(call: Call, eyes: Sight, comments: list[Comment]) -> Reply:
    page = window(call, comments, 25, 250)
    if isinstance(page, Reply):
        return page
    return cursor_list_v2(call, page, [_comment(call, eyes, one) for one in page])


def _all_comments(inline: bool) -> Callable[[Call], Reply]:
    def answer(call: Call) -> Reply:
        eyes = sight(call)
        if refusal := refused(call, eyes):
            return refusal
        every = [c for c in eyes.state.comments.values() if eyes.sees_comment(c)]
        return _said(call, eyes, [c for c in every if _inline(eyes, c) is inline])

    return answer


def _inline(eyes: Sight, comment: Comment) -> bool:
    return bool(eyes.state.comments.get(comment.parent, comment).selection)


def _get_comment(call: Call) -> Reply:
    eyes = sight(call)
    found = eyes.state.comments.get(call.params["comment"])
    if found is None or not eyes.sees_comment(found):
        return error(call, 404, "not_found")
    return whole(call, _comment(call, eyes, found))


def _answers(call: Call) -> Reply:
    eyes = sight(call)
    found = eyes.state.comments.get(call.params["comment"])
    if found is None or not eyes.sees_comment(found):
        return error(call, 404, "not_found")
    return _said(call, eyes, [c for c in eyes.state.comments.values() if c.parent == found.id])


def _add_comment(call: Call) -> Reply:
    eyes, given = sight(call), Body.of(call)
    if answer := refused(call, eyes):
        return answer
    parent = eyes.state.comments.get(given.text("parentCommentId"))
    on = parent.content if parent else given.text("pageId") or given.text("blogPostId")
    found = seen(call, eyes, on)
    if found is None:
        return error(call, 404, "not_found")
    if not eyes.creates(eyes.state.spaces[found.space], "comment"):
        return error(call, 403, "forbidden", "User does not have permission to comment")
    inline = given.part("inlineCommentProperties")
    made = eyes.state.comment(
        content=on,
        author=call.person.id if call.person else "",
        body=given_body(given) or "",
        selection=inline.text("textSelection"),
        parent=parent.id if parent else "",
    )
    reply = whole(call, _comment(call, eyes, eyes.state.comments[made]))
    reply.status = 201
    reply.headers["Location"] = f"{call.base}{call.path}/{made}"
    return reply


for _base in ("pages", "blogposts"):
    for _sort in ("footer", "inline"):
        _path, _name = f"/api/v2/{_base}/{{id}}/{_sort}-comments", f"v2.{_base}.{_sort}-comments"
        API.get(_path, _name)(_comments(_sort == "inline"))
for _sort in ("footer", "inline"):
    _root, _name = f"/api/v2/{_sort}-comments", f"v2.{_sort}-comments"
    API.get(_root, f"{_name}.list")(_all_comments(_sort == "inline"))
    API.post(_root, f"{_name}.create")(_add_comment)
    API.get(_root + "/{comment}", f"{_name}.get")(_get_comment)
    API.get(_root + "/{comment}/children", f"{_name}.children")(_answers)
