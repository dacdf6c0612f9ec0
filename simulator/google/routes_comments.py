"""Drive v3: comments and replies."""

from __future__ import annotations

from simulator.google import show
from simulator.google.api import (
    API,
    READ,
    WRITE,
    error,
    invalid,
    lacks_scope,
    listed,
    masked,
    missing,
    scope_error,
)
from simulator.google.objects import File
from simulator.google.state import GoogleState
from simulator.google.view import Sight
from simulator.wire import Call, Reply

_COMMENT = frozenset(
    [
        "kind",
        "id",
        "createdTime",
        "modifiedTime",
        "author",
        "content",
        "htmlContent",
        "deleted",
        "resolved",
        "replies",
        "anchor",
        "quotedFileContent",
        "assigneeEmailAddress",
        "mentionedEmailAddresses",
    ]
)
_REPLY = frozenset(
    [
        "kind",
        "id",
        "createdTime",
        "modifiedTime",
        "author",
        "content",
        "htmlContent",
        "deleted",
        "action",
        "assigneeEmailAddress",
        "mentionedEmailAddresses",
    ]
)
_COMMENTS = "/drive/v3/files/{file_id}/comments"


def _file(call: Call, sight: Sight, least: int = 0) -> File | Reply:
    """The commented file; comments take no supportsAllDrives, and insist on fields."""
    if lacks_scope(call, *(WRITE if call.method == "POST" else READ)):
        return scope_error()
    if not call.arg("fields"):
        return invalid("The 'fields' parameter is required for this method.", "required")
    file = sight.state.lookup(call.params["file_id"])
    if file is None or sight.access(file).opens < 0:
        return missing("File", call.params["file_id"])
    return error(call, 403, "forbidden") if sight.access(file).opens < least else file


@API.get(_COMMENTS, "comments.list")
def list_comments(call: Call) -> Reply:
    """comments.list, oldest first, 20 to a page."""
    sight = Sight(GoogleState.of(call.world), call.person)
    file = _file(call, sight)
    if isinstance(file, Reply):
        return file
    return listed(
        call,
        [*file.comments.values()],
        "drive#commentList",
        "comments",
        lambda one: show.comment(sight, one),
        usual=20,
        most=100,
        fields=_COMMENT,
    )


@API.get(_COMMENTS + "/{comment_id}", "comments.get")
def get_comment(call: Call) -> Reply:
    """comments.get."""
    sight = Sight(GoogleState.of(call.world), call.person)
    file = _file(call, sight)
    if isinstance(file, Reply):
        return file
    found = file.comments.get(call.params["comment_id"])
    if found is None:
        return missing("Comment", call.params["comment_id"])
    return masked(call, {}, _COMMENT, lambda _mask: show.comment(sight, found))


@API.post(_COMMENTS, "comments.create")
def create_comment(call: Call) -> Reply:
    """comments.create: needs the commenter's role."""
    sight = Sight(GoogleState.of(call.world), call.person)
    file = _file(call, sight, show.COMMENTER)
    if isinstance(file, Reply):
        return file
    body = call.json_object()
    if call.person is None or not body.get("content"):
        return invalid("The comment content is required.", "required")
    quoted = str((body.get("quotedFileContent") or {}).get("value", ""))
    made = sight.state.comment(
        file=file.id, author=call.person.id, text=str(body["content"]), quoted=quoted
    )
    found = file.comments[made]
    return masked(call, {}, _COMMENT, lambda _mask: show.comment(sight, found))


@API.get(_COMMENTS + "/{comment_id}/replies", "replies.list")
def list_replies(call: Call) -> Reply:
    """replies.list."""
    sight = Sight(GoogleState.of(call.world), call.person)
    file = _file(call, sight)
    if isinstance(file, Reply):
        return file
    found = file.comments.get(call.params["comment_id"])
    if found is None:
        return missing("Comment", call.params["comment_id"])
    return listed(
        call,
        range(len(found.replies)),
        "drive#replyList",
        "replies",
        lambda at: show.reply(sight, found, at),
        usual=20,
        most=100,
        fields=_REPLY,
    )


@API.post(_COMMENTS + "/{comment_id}/replies", "replies.create")
def create_reply(call: Call) -> Reply:
    """replies.create."""
    sight = Sight(GoogleState.of(call.world), call.person)
    file = _file(call, sight, show.COMMENTER)
    if isinstance(file, Reply):
        return file
    found = file.comments.get(call.params["comment_id"])
    body = call.json_object()
    if found is None:
        return missing("Comment", call.params["comment_id"])
    if call.person is None or not body.get("content"):
        return invalid("The reply content is required.", "required")
    sight.state.reply(
        file=file.id, comment=found.id, author=call.person.id, text=str(body["content"])
    )
    last = len(found.replies) - 1
    return masked(call, {}, _REPLY, lambda _mask: show.reply(sight, found, last))
