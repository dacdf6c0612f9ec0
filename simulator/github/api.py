"""The HTTP face under ``/github``, as api.github.com: errors, limits, conditional requests, pages.

``/github.com`` stands for the website, as far as Git and raw files need it.

What handlers raise, and `_metered` turns into answers::

    Exception
    ├── Refused   GitHub turns the request down: a status, a message, perhaps errors
    └── Moved     the repository has another name now: a redirect
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable, Sequence
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from simulator.faults import FaultKind
from simulator.github.model import Org, Repo
from simulator.github.state import GithubState
from simulator.github.view import READ, Sight
from simulator.paging import cut
from simulator.verbs import VerbError
from simulator.wire import Answer, Api, Call, Reply, reply_json

T = TypeVar("T")
DOCS = "https://docs.github.com/rest"
_HOUR, _MINUTE, _ANONYMOUS = 3600, 60, 60
_SAID = {
    "unauthorized": "Bad credentials",
    "forbidden": "Resource not accessible by personal access token",
    "not_found": "Not Found",
    "secondary_limit": (
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    ),
    "server_error": "Server Error",
}


class Refused(Exception):
    """A request that GitHub turns down; the message is GitHub's."""

    def __init__(self, status: int, message: str, errors: list[dict[str, Any]] | None = None):
        """Remember what to say.

        Args:
            status: the HTTP status.
            message: the body's ``message``.
            errors: the body's ``errors``, for 422.
        """
        super().__init__(message)
        self.status, self.message, self.errors = status, message, errors


class Moved(Exception):
    """The repository has another name now."""

    def __init__(self, address: str):
        super().__init__(address)
        self.address = address


def refusal(
    call: Call | None, status: int, reason: str, errors: list[dict[str, Any]] | None = None
) -> Reply:
    """GitHub's error body; `reason` is the core's word or GitHub's own message."""
    message = _SAID.get(reason, reason)
    if reason == "rate_limit":
        message = f"API rate limit exceeded for {_caller(call)}."
    if status == 401 and call is not None and "authorization" not in call.headers:
        message = "Requires authentication"
    body: dict[str, Any] = {"message": message}
    if errors is not None:
        body["errors"] = errors
    body |= {"documentation_url": DOCS, "status": str(status)}
    reply = reply_json(body, status)
    if reason == "rate_limit":
        reply.headers["X-RateLimit-Remaining"] = "0"
    return reply


def _caller(call: Call | None) -> str:
    if call is None or not call.known:
        return "127.0.0.1"
    if call.person is None:
        return "installation ID 1"
    return f"user ID {GithubState.of(call.world).account(call.person.id).id}"


def spending(call: Call, resource: str, amount: int = 0) -> dict[str, int]:
    """What the caller has left this hour (for searches: this minute), `amount` being spent."""
    state, now = GithubState.of(call.world), time.time()
    limit = state.hourly[resource] if call.known else min(_ANONYMOUS, state.hourly[resource])
    began, used = state.spent.get((call.who, resource), (now, 0))
    window = _MINUTE if resource == "search" else _HOUR
    if now - began >= window:
        began, used = now, 0
    used = max(used + amount, 0)
    state.spent[call.who, resource] = (began, used)
    left = max(limit - used, 0)
    return {
        "limit": limit,
        "used": min(used, limit),
        "remaining": left,
        "reset": int(began) + window,
        "over": int(used > limit),
    }


def _resource(call: Call) -> str:
    first = call.endpoint.partition(".")[0]
    return first if first in ("graphql", "search") else "core"


def _metered(handler: Answer) -> Answer:
    @wraps(handler)
    def answer(call: Call) -> Reply:
        free = call.endpoint == "rate_limit.get"
        if not free and spending(call, _resource(call), 1)["over"]:
            return refusal(call, 403, "rate_limit")
        try:
            return handler(call)
        except Refused as no:
            return refusal(call, no.status, no.message, no.errors)
        except Moved as gone:
            body = {"message": "Moved Permanently", "url": gone.address, "documentation_url": DOCS}
            return reply_json(body, 301, Location=gone.address)
        except VerbError as no:
            return refusal(call, 422, "Validation Failed", [{"code": "custom", "message": str(no)}])

    return answer


def _finish(call: Call, reply: Reply) -> None:
    headers = reply.headers
    if call.method == "GET" and reply.status == 200:
        tag = f'W/"{sha256(reply.body).hexdigest()}"'
        headers["ETag"] = tag
        headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
        headers["Vary"] = "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding"
        asked = [shown.strip() for shown in call.headers.get("if-none-match", "").split(",")]
        if tag in asked or tag.removeprefix("W/") in asked:
            reply.status, reply.body = 304, b""
            headers.pop("Content-Type", None)
            spending(call, _resource(call), -1)
    resource = _resource(call)
    left = spending(call, resource)
    for name in ("limit", "remaining", "used", "reset"):
        headers.setdefault(f"X-RateLimit-{name.capitalize()}", str(left[name]))
    headers["X-RateLimit-Resource"] = resource
    headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    headers["X-GitHub-Api-Version-Selected"] = call.headers.get(
        "x-github-api-version", "2022-11-28"
    )
    headers["X-GitHub-Request-Id"] = (
        f"{len(call.world.requests):04X}:{len(call.world.log):04X}:{call.world.seed:04X}"
    )
    if call.person is not None:
        headers["X-OAuth-Scopes"] = ", ".join(call.token.scopes or ("read:org", "repo", "user"))


class _MeteredApi(Api):
    def route(
        self, method: str, path: str, endpoint: str, *, anonymous: bool = False
    ) -> Callable[[Answer], Answer]:
        keep = super().route(method, path, endpoint, anonymous=anonymous)
        return lambda handler: keep(_metered(handler))


API = _MeteredApi("github", "/github", error=refusal, anonymous=True, finish=_finish)


def sight(call: Call) -> Sight:
    """What the caller sees."""
    return Sight(GithubState.of(call.world), call.person, call.service, call.token.scopes)


def signed_in(call: Call) -> None:
    """Turn anonymous callers away.

    Raises:
        Refused: there is no token.
    """
    if not call.known:
        raise Refused(401, "Requires authentication")


def organisation(call: Call) -> Org:
    """The organisation that the path names: its profile is everybody's.

    Raises:
        Refused: there is none.
    """
    found = GithubState.of(call.world).find_org(call.params["org"])
    if found is None:
        raise Refused(404, "Not Found")
    return found


def repository(call: Call, need: int = READ, *, write: bool = False) -> tuple[Sight, Repo]:
    """The repository that the path names, and the caller's view.

    Args:
        call: the request.
        need: the least level the caller must have.
        write: whether it will be changed, which an archived one does not allow.

    Raises:
        Refused: 404 where the caller can't see it, 403 where they may not do this.
        Moved: it was renamed.
    """
    seen = sight(call)
    org = seen.state.find_org(call.params["owner"])
    repo = seen.state.find_repo(org, call.params["repo"]) if org else None
    if repo is None or seen.level(repo) < READ:
        raise Refused(404, "Not Found")
    if repo.name.lower() != call.params["repo"].lower():
        rest = call.path.split("/", 4)[4:]
        raise Moved("/".join([f"{call.base}/repositories/{repo.id}", *rest]))
    if write:
        signed_in(call)
        if repo.archived:
            raise Refused(403, "Repository was archived so is read-only.")
    if seen.level(repo) < need:
        raise Refused(403, "Resource not accessible by personal access token")
    return seen, repo


def invalid(resource: str, field: str, code: str, message: str = "") -> Refused:
    """A 422 with one error."""
    error = {"resource": resource, "code": code}
    if field:
        error["field"] = field
    if message:
        error["message"] = message
    return Refused(422, "Validation Failed", [error])


def payload(call: Call) -> dict[str, Any]:
    """The request's JSON object.

    Raises:
        Refused: it is none.
    """
    found = call.json() if call.body else {}
    if not isinstance(found, dict):
        raise Refused(400, "Problems parsing JSON")
    return found


def _misfit(name: str, value: object, kind: str) -> Refused:
    shown = json.dumps(value)
    return Refused(422, f"Invalid request.\n\nFor 'properties/{name}', {shown} is not {kind}.")


def words(given: dict[str, Any], name: str, default: str = "") -> str:
    """A text of the request's body; `default` where it is absent, null or empty.

    Raises:
        Refused: it is something else.
    """
    value = given.get(name)
    if value is None or value == "":
        return default
    if not isinstance(value, str):
        raise _misfit(name, value, "a string")
    return value


def word_list(given: dict[str, Any], name: str) -> list[str]:
    """A list of texts, or of objects with a ``name``; empty where it is absent or null.

    Raises:
        Refused: it is something else.
    """
    value = given.get(name)
    rows = [] if value is None else value
    if not isinstance(rows, list):
        raise _misfit(name, value, "an array")
    found: list[str] = []
    for row in rows:
        word = row.get("name") if isinstance(row, dict) else row
        if not isinstance(word, str) or not word:
            raise _misfit(name, value, "a list of names")
        found.append(word)
    return found


def cursor(start: int, key: int) -> str:
    """An opaque place in a list: how far, and the last item before it."""
    return base64.urlsafe_b64encode(f"cursor:v2:{start}:{key}".encode()).decode()


def read_cursor(text: str) -> tuple[int, int] | None:
    """What `cursor` wrote; None for anything else."""
    try:
        words = base64.urlsafe_b64decode(text).decode().split(":")
        return (int(words[2]), int(words[3])) if words[:2] == ["cursor", "v2"] else None
    except (binascii.Error, ValueError, IndexError):
        return None


def place(items: Sequence[T], after: str, key: Callable[[T], int]) -> int | None:
    """Where a list goes on after a cursor; None where the cursor is no good."""
    found = read_cursor(after)
    if found is None:
        return None
    start, last = found
    if last and not (0 < start <= len(items) and key(items[start - 1]) == last):
        return next((n + 1 for n, item in enumerate(items) if key(item) == last), start)
    return start


def listing(
    call: Call,
    items: Sequence[T],
    show: Callable[[T], Any],
    *,
    key: Callable[[T], int] | None = None,
    wrap: Callable[[list[Any]], Any] | None = None,
) -> Reply:
    """One page of a list with its Link header.

    Args:
        call: the request, with ``page`` and ``per_page``.
        items: the whole list.
        show: makes an item's JSON.
        key: an item's id, for lists that may be long: these also have cursors, and from
            `GithubBase.list_items` on only those (sources.md section 7).
        wrap: puts the page into an object.

    Raises:
        Refused: the page is too far in, or the cursor no good.
    """
    size, number = call.number("per_page", 30, 100), call.number("page", 1, 10**9)
    start, after = (number - 1) * size, call.arg("after")
    if after:
        expired = call.fault(FaultKind.EXPIRED_CURSOR) is not None
        found = None if expired else place(items, after, key or (lambda _item: 0))
        if found is None:
            raise Refused(422, "The provided cursor is invalid.")
        start = found
    elif key is not None and number * size >= GithubState.of(call.world).list_items:
        raise Refused(
            422,
            "Pagination with the page parameter is not supported for large datasets, "
            "please use cursor based pagination (after/before)",
        )
    page = cut(call, items, start, size)
    shown = [show(item) for item in page.items]
    reply = reply_json(wrap(shown) if wrap else shown)
    links = []
    if page.next is not None:
        more: dict[str, str] = {"page": str(page.next // size + 1)}
        if key is not None or page.next % size or after:
            last = key(items[page.next - 1]) if key and page.next else 0
            more["after"] = cursor(page.next, last)
        links.append(_link(call, "next", more))
        if key is None and not after:
            links.append(_link(call, "last", {"page": str(-(-len(items) // size))}))
    if start and number > 1 and not after:
        links.append(_link(call, "first", {"page": "1"}))
        links.append(_link(call, "prev", {"page": str(number - 1)}))
    if links:
        reply.headers["Link"] = ", ".join(links)
    return reply


def _link(call: Call, rel: str, more: dict[str, str]) -> str:
    kept = [
        (name, value)
        for name, values in call.query.items()
        if name not in ("page", "after", "before")
        for value in values
    ]
    query = urlencode([*kept, *more.items()])
    return f'<{call.base}{quote(call.path)}?{query}>; rel="{rel}"'
