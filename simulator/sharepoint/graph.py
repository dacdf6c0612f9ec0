"""The Graph face under ``/graph``: its errors, its many spellings of a path, and paging."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote

from simulator.clock import rfc3339
from simulator.faults import FaultKind
from simulator.paging import cut
from simulator.sharepoint import odata
from simulator.sharepoint.entra import audience_fits
from simulator.sharepoint.ids import guid
from simulator.sharepoint.state import SharePointState
from simulator.sharepoint.view import Sight
from simulator.verbs import VerbError
from simulator.wire import Answer, Api, Call, Reply, reply_json

if TYPE_CHECKING:
    from simulator.world import World

T = TypeVar("T")
ORIGIN = "https://graph.microsoft.com"
_CODES = {
    "unauthorized": ("InvalidAuthenticationToken", "Access token is empty, expired or not valid."),
    "forbidden": ("accessDenied", "Access denied"),
    "not_found": ("itemNotFound", "The resource could not be found."),
    "rate_limit": ("activityLimitReached", "The app or user has been throttled."),
    "secondary_limit": ("activityLimitReached", "The app or user has been throttled."),
    "gone": ("resyncRequired", "Resync required."),
}
_SERVER = {
    500: ("generalException", "An unspecified error has occurred."),
    502: ("UnknownError", "Bad gateway."),
    503: ("serviceNotAvailable", "The service is unavailable. Try the request again later."),
    504: ("generalException", "Gateway timeout."),
}


class Refused(Exception):
    """A handler's refusal."""

    def __init__(self, status: int, reason: str, message: str = "", **headers: str):
        super().__init__(message or reason)
        self.status, self.reason, self.message, self.headers = status, reason, message, headers


def request_id(call: Call) -> str:
    """The id that Graph gives a request."""
    return guid("request", rfc3339(call.world.now()), str(len(call.world.requests)), call.path)


def error(call: Call | None, status: int, reason: str, message: str = "") -> Reply:
    """Graph's error body; `reason` is the core's word or Graph's own code."""
    code, said = _SERVER.get(status, _CODES["forbidden"])
    if reason != "server_error":
        code, said = _CODES.get(reason, (reason, reason))
    inner: dict[str, Any] = {}
    if call is not None:
        number = request_id(call)
        inner = {
            "date": rfc3339(call.world.now())[:19],
            "request-id": number,
            "client-request-id": call.headers.get("client-request-id", number),
        }
    return reply_json(
        {"error": {"code": code, "message": message or said, "innerError": inner}}, status
    )


_DELTA = re.compile(r"^delta\(token='?(.*?)'?\)$")
_CAST = re.compile(r"^graph\.(\w+)$")


def segments(path: str) -> list[str]:
    """The decoded segments of a raw path; a slash inside one stays inside."""
    parts = [unquote(part) for part in path.split("/") if part]
    found = []
    for part in parts:
        part = part.removesuffix("()") if not part.startswith("(") else part
        found.append(_CAST.sub(r"microsoft.graph.\1", part))
    return found


class GraphApi(Api):
    """Routes under ``/v1.0``, with every path brought to one spelling first.

    ``sites/{id}/drive``, ``groups/{id}/drive``, ``sites/{id}/drives/{id}`` and addresses by path
    become ``drives/{id}/items/{id}``, so that each resource has one route.
    """

    def call(
        self,
        world: World,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        base: str = "",
    ) -> Reply:
        """Answer one request."""
        return super().call(world, method, _respelled(world, target), headers, body, base)

    def part(
        self, batch: Call, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Reply:
        """Answer a part of a batch."""
        return super().part(batch, method, _respelled(batch.world, target), headers, body)

    def serves(
        self, method: str, path: str, endpoint: str, *scopes: str, anonymous: bool = False
    ) -> Callable[[Answer], Answer]:
        """`Api.route` below ``/v1.0`` for a handler that may raise `Refused`.

        Args:
            method: the HTTP method.
            path: below ``/v1.0``.
            endpoint: its name for faults and logs.
            scopes: application permissions of which an app-only token needs one.
            anonymous: whether no token is needed.
        """

        def keep(handler: Answer) -> Answer:
            def answer(call: Call) -> Reply:
                try:
                    if not anonymous:
                        audience_fits(call, ORIGIN, scopes)
                    return handler(call)
                except Refused as refused:
                    reply = error(call, refused.status, refused.reason, refused.message)
                    reply.headers |= refused.headers
                    return reply
                except odata.BadQuery as wrong:
                    return error(call, 400, "invalidRequest", str(wrong))
                except PermissionError as wrong:
                    status = 401 if wrong.args[0] == "unauthorized" else 403
                    return error(call, status, *wrong.args)
                except VerbError as wrong:
                    taken = "taken" in str(wrong)
                    code = "nameAlreadyExists" if taken else "invalidRequest"
                    return error(call, 409 if taken else 400, code, str(wrong))

            self.route(method, f"/v1.0{path}", endpoint, anonymous=anonymous)(answer)
            return handler

        return keep


def _finish(call: Call, reply: Reply) -> None:
    number = request_id(call)
    reply.headers |= {
        "request-id": number,
        "client-request-id": call.headers.get("client-request-id", number),
        "OData-Version": "4.0",
        "x-ms-ags-diagnostic": '{"ServerInfo":{"DataCenter":"North Europe","Slice":"E"}}',
    }


API = GraphApi("sharepoint", "/graph", error=error, finish=_finish)
READ = ("Sites.Read.All", "Sites.ReadWrite.All", "Sites.FullControl.All", "Files.Read.All")


def find_site(state: SharePointState, key: str) -> str:
    """The web's GUID for an id as Graph spells it; the key itself where it fits none."""
    parts = key.split(",")
    if len(parts) == 3 and parts[2] in state.sites:
        return parts[2]
    if key == "root":
        return state.paths.get("", "")
    return key


def default_drive(state: SharePointState, web: str) -> str:
    """The drive of a web's first document library; empty if it has none."""
    return next((found.drive for found in state.lists_of(web, "documentLibrary")), "")


def _respelled(world: World, target: str) -> str:
    """A raw path with its query in the one spelling that routes have."""
    raw, mark, query = target.partition("?")
    version, *parts = segments(raw) or [""]
    if version == "v1.0":
        if parts and (called := _DELTA.match(parts[-1])):
            parts[-1] = "delta"
            mark, query = "?", f"{query}&token={quote(called[1])}".lstrip("&")
        with world.lock:
            parts = canonical(SharePointState.of(world), parts)
    path = "/".join(quote(part, safe="!$&'()*+,;=:@") for part in (version, *parts))
    return f"/{path}{mark}{query}"


def canonical(state: SharePointState, parts: list[str]) -> list[str]:
    """One spelling for a path."""
    if parts[:1] == ["sites"] and len(parts) > 1:
        parts = _site_path(state, parts)
    if parts[:1] == ["groups"] and len(parts) > 2 and parts[2] in ("sites", "drive", "drives"):
        site = next((s.id for s in state.sites.values() if _owned(s.group, parts[1])), "none")
        rest = parts[4:] if parts[2] == "sites" else parts[2:]
        parts = ["sites", site, *rest]
    if parts[:1] == ["sites"] and len(parts) > 2 and parts[2] in ("drive", "drives"):
        if parts[2] == "drive":
            parts = ["drives", default_drive(state, parts[1]) or "none", *parts[3:]]
        elif len(parts) > 3:
            parts = ["drives", *parts[3:]]
    if parts[:1] == ["drives"] and len(parts) > 2:
        return _drive_path(state, parts)
    if parts[2:3] == ["lists"] and parts[4:] == ["items", "delta"]:
        return [*parts[:4], "delta"]
    return parts


def _owned(group: str, object_id: str) -> bool:
    return bool(group) and guid("m365", group) == object_id


def _site_path(state: SharePointState, parts: list[str]) -> list[str]:
    """``sites/{host}:/{path}:/rest`` and ids as Graph spells them → ``sites/{web}/rest``."""
    whole = "/".join(parts[1:])
    found = re.match(r"^([^:/,]+):(/[^:]*)?(?::(?:/(.*))?)?$", whole)
    if found:
        path = (found[2] or "").rstrip("/").lower()
        web = state.paths.get(path, f"none:{path}")
        return ["sites", web, *[p for p in (found[3] or "").split("/") if p]]
    web = find_site(state, parts[1])
    if "." in parts[1] and "," not in parts[1]:
        web = state.paths.get("", parts[1])
    return ["sites", web, *parts[2:]]


def _drive_path(state: SharePointState, parts: list[str]) -> list[str]:
    """``drives/{id}/root:/a/b:/rest`` → ``drives/{id}/items/{id}/rest``."""
    library = state.drives.get(parts[1], "")
    root = state.lists[library].root if library else "none"
    rest = parts[2:]
    if rest[0] == "items" and len(rest) > 1:
        rest = rest[1:]
    elif rest[0].startswith("search("):
        rest = ["root", *rest]
    elif rest[0] == "special" or not rest[0].startswith("root"):
        return parts
    address = "/".join(rest)
    item, colon, tail = rest[0], "", rest[1:]
    found = re.match(r"^([^:/]+):/?([^:]*)(?::(?:/(.*))?)?$", address)
    path = ""
    if found:
        item, path, colon = found[1], found[2], ":"
        tail = [p for p in (found[3] or "").split("/") if p]
    item = root if item == "root" else item
    if colon:
        item = _walk(state, library, item, path)
    return ["drives", parts[1], "items", item, *tail]


def _walk(state: SharePointState, library: str, item: str, path: str) -> str:
    folder = "" if item in state.roots else item
    names = [name for name in path.split("/") if name]
    for name in names:
        if library not in state.lists:
            return "none"
        found = state.named(state.lists[library], folder, name)
        if found is None:
            return "none"
        folder = found.id
    return folder or item


def sight(call: Call) -> Sight:
    """The caller's view."""
    return Sight(SharePointState.of(call.world), call.person)


def page_of(
    call: Call, items: Sequence[T], size: int, most: int = 999
) -> tuple[Sequence[T], str | None]:
    """One page of a collection by ``$top`` and ``$skiptoken``, and the link to the next."""
    token = call.arg("$skiptoken")
    start = odata.place(token)["start"] if token else 0
    if token and call.fault(FaultKind.EXPIRED_CURSOR):
        raise Refused(400, "invalidRequest", "The skip token has expired.")
    size = call.number("$top", size, most)
    limit = SharePointState.of(call.world).page_limit
    page = cut(call, items, start, min(size, limit) if limit else size)
    if page.next is None:
        return page.items, None
    return page.items, link_with(call, "$skiptoken", odata.encode({"start": page.next}))


def body_of(call: Call, **kinds: type) -> dict[str, Any]:
    """The request's JSON object, with properties of the right types where they are there.

    Raises:
        Refused: it is no object, or a property is of another type.
    """
    given = call.json()
    if not isinstance(given, dict):
        raise Refused(400, "invalidRequest", "The request body is not a JSON object.")
    for name, kind in kinds.items():
        if not isinstance(given.setdefault(name, kind()), kind):
            raise Refused(400, "invalidRequest", f"The property '{name}' has the wrong type.")
    return given


def link_with(call: Call, name: str, value: str) -> str:
    """The address of this call with one query option changed."""
    path = "/".join(quote(part, safe="!$'(),=:") for part in call.path.split("/"))
    kept = [
        f"{quote(key, safe='$')}={quote(one)}"
        for key, values in call.query.items()
        for one in values
        if key not in (name, "$skiptoken", "$deltatoken", "token")
    ]
    return f"{call.base}{path}?{'&'.join([*kept, f'{name}={quote(value)}'])}"


def collection(
    call: Call, context: str, rows: list[dict[str, Any]], following: str | None = None
) -> Reply:
    """A collection response, ``$select`` applied."""
    said: dict[str, Any] = {"@odata.context": f"{ORIGIN}/v1.0/$metadata#{context}"}
    if call.flag("$count"):
        said["@odata.count"] = len(rows)
    if following:
        said["@odata.nextLink"] = following
    said["value"] = [odata.select(row, call.arg("$select")) for row in rows]
    return _typed(reply_json(said))


def entity(call: Call, context: str, row: dict[str, Any], status: int = 200) -> Reply:
    """A single resource, ``$select`` applied."""
    said = {"@odata.context": f"{ORIGIN}/v1.0/$metadata#{context}"}
    return _typed(reply_json(said | odata.select(row, call.arg("$select")), status))


def _typed(reply: Reply) -> Reply:
    reply.headers["Content-Type"] = (
        "application/json;odata.metadata=minimal;odata.streaming=true;"
        "IEEE754Compatible=false;charset=utf-8"
    )
    return reply


def expands(call: Call, name: str) -> bool:
    """Whether ``$expand`` names a navigation property."""
    return any(part.strip().partition("(")[0] == name for part in call.arg("$expand").split(","))
