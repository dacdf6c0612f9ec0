"""The SharePoint REST face under ``/sharepoint``: paths, formats and errors of ``_api``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from simulator.paging import cut
from simulator.sharepoint import odata
from simulator.sharepoint.entra import audience_fits
from simulator.sharepoint.graph import Refused
from simulator.sharepoint.ids import HOST, guid
from simulator.sharepoint.model import Item, SpList
from simulator.sharepoint.state import SharePointState
from simulator.verbs import VerbError
from simulator.wire import Answer, Api, Call, Reply, reply_json

if TYPE_CHECKING:
    from simulator.world import World

Json = dict[str, Any]
ORIGIN = f"https://{HOST}"
_DENIED = (
    "Access denied. You do not have permission to perform this action or access this resource."
)
_CODES = {
    "unauthorized": ("-2147024891, System.UnauthorizedAccessException", "Access denied."),
    "forbidden": ("-2147024891, System.UnauthorizedAccessException", _DENIED),
    "not_found": ("-2130575338, Microsoft.SharePoint.SPException", "It does not exist."),
    "bad": ("-1, Microsoft.SharePoint.Client.InvalidClientQueryException", "Invalid query."),
    "rate_limit": ("-2147467259, Microsoft.SharePoint.SPException", "The request was throttled."),
    "server_error": ("-1, System.Exception", "An unexpected error has occurred."),
}


def error(call: Call | None, status: int, reason: str, message: str = "") -> Reply:
    """SharePoint's error body, in the format asked for."""
    code, said = _CODES.get(reason, _CODES["bad"])
    detail = {"code": code, "message": {"lang": "en-US", "value": message or said}}
    verbose = call is not None and "odata=verbose" in call.headers.get("accept", "").lower()
    reply = reply_json({"error" if verbose else "odata.error": detail}, status)
    if status == 401:
        reply.headers["WWW-Authenticate"] = f'Bearer realm="{guid("tenant")}"'
    return reply


class Many(list[Json]):
    """A collection inside an object; the formats write it differently."""


def _words(rest: str) -> list[str]:
    """``a/b('c/d')/e`` → its segments, lower case but for what is in brackets."""
    found, depth, quoted, word = [], 0, False, ""
    for letter in rest:
        if letter == "'":
            quoted = not quoted
        elif not quoted:
            depth += (letter == "(") - (letter == ")")
        if letter == "/" and depth == 0 and not quoted:
            found.append(word)
            word = ""
        else:
            word += letter
    return [one for one in (*found, word) if one]


_CALLED = re.compile(r"^([^(]+)\((.*)\)$", re.DOTALL)
_GETTERS = {
    "getbytitle": "",
    "getbyid": "",
    "getbyname": "",
    "getbyprincipalid": "",
    "getbyinternalnameortitle": "",
    "getitembyid": "items",
    "getuserbyid": "siteusers",
    "getlist": "lists",
}
_FILES = (
    "getfilebyserverrelativeurl",
    "getfilebyserverrelativepath",
    "getfilebyid",
    "getfolderbyserverrelativeurl",
    "getfolderbyserverrelativepath",
)


def _argument(text: str) -> str:
    """The value in brackets: ``guid'x'``, ``decodedurl='x'``, ``'x'`` or ``5``."""
    found = re.match(r"^(?:\w+=)?(?:guid)?'(.*)'$", text, re.DOTALL | re.IGNORECASE)
    return found[1].replace("''", "'") if found else text


def canonical(state: SharePointState, path: str) -> list[str]:
    """``/sites/hr/_api/web/lists/getbytitle('A')/items(3)`` → web GUID, web, lists, A, items, 3."""
    before, _, rest = re.split("(/_api/)", path, maxsplit=1, flags=re.IGNORECASE)
    web = state.paths.get(unquote(before).rstrip("/").lower(), "none")
    parts = [web]
    for word in _words(unquote(rest)):
        called = _CALLED.match(word)
        if not called:
            parts.append(word.lower())
            continue
        name, value = called[1].lower(), _argument(called[2])
        if name in _FILES:
            parts = [web, "web", *_file(state, web, value)]
        elif name in _GETTERS:
            parts += [p for p in (_GETTERS[name], value) if p]
        else:
            parts += [name, value] if value else [name]
    if "listitemallfields" in parts:
        parts.remove("listitemallfields")
    return parts


def _file(state: SharePointState, web: str, value: str) -> list[str]:
    """The list and number of a file or folder, by its GUID or by its path on the host."""
    item = state.items.get(state.uniques.get(value.lower(), ""))
    for where in state.lists_of(web):
        top = f"{state.sites[web].path}/{where.path}/".lower()
        if item is None and value.lower().startswith(top):
            for name in value[len(top) :].split("/"):
                item = state.named(where, item.id if item else "", name)
                if item is None:
                    break
    if item is None or state.lists[item.list_id].site != web:
        return ["lists", "none", "items", "0"]
    return ["lists", item.list_id, "items", str(item.number)]


class RestApi(Api):
    """Routes of ``_api``, whose many spellings are brought to one first."""

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
        raw, mark, query = target.partition("?")
        if "/_api/" in raw.lower():
            with world.lock:
                parts = canonical(SharePointState.of(world), raw)
            target = "/" + "/".join(quote(part, safe="!$'(),=:") for part in parts) + mark + query
            headers = {**headers, "x-asked": raw}
        return super().call(world, method, target, headers, body, base)

    def serves(self, method: str, path: str, endpoint: str, *scopes: str) -> Callable[..., Answer]:
        """`Api.route` for a handler that may raise `Refused`.

        Args:
            method: the HTTP method.
            path: below the web's GUID.
            endpoint: its name for faults and logs.
            scopes: application permissions of which an app-only token needs one.
        """

        def keep(handler: Answer) -> Answer:
            def answer(call: Call) -> Reply:
                try:
                    if not wants_json(call):
                        raise Refused(406, "bad", "Only JSON is spoken here; ask for it.")
                    audience_fits(call, ORIGIN, scopes)
                    asked = f"{call.arg('$expand')},{call.arg('$select')}".lower()
                    if (
                        "aadobjectid" in asked
                        and not SharePointState.of(call.world).tells_object_ids
                    ):
                        message = "The query to field 'AadObjectId' is not valid."
                        raise Refused(400, "bad", message)
                    return handler(call)
                except Refused as refused:
                    return error(call, refused.status, refused.reason, refused.message)
                except odata.BadQuery as wrong:
                    return error(call, 400, "bad", str(wrong))
                except PermissionError as wrong:
                    kind = "unauthorized" if wrong.args[0] == "unauthorized" else "forbidden"
                    return error(call, 401 if kind == "unauthorized" else 403, kind)
                except VerbError as wrong:
                    return error(call, 400, "bad", str(wrong))

            self.route(method, f"/{{web}}{path}", endpoint)(answer)
            return handler

        return keep


def wants_json(call: Call) -> bool:
    """Whether the caller asks for JSON; SharePoint answers in XML else, which is not spoken."""
    return "json" in call.headers.get("accept", "").lower()


def _finish(call: Call, reply: Reply) -> None:
    number = guid("rest", str(len(call.world.requests)), call.path)
    reply.headers |= {
        "SPRequestGuid": number,
        "request-id": number,
        "MicrosoftSharePointTeamServices": "16.0.0.26508",
        "RateLimit-Limit": "1200",
        "RateLimit-Remaining": "1199",
        "RateLimit-Reset": "60",
    }


API = RestApi("sharepoint", "/sharepoint", error=error, finish=_finish)


def _style(call: Call) -> str:
    accept = call.headers.get("accept", "").lower().replace(" ", "")
    for name in ("verbose", "nometadata", "fullmetadata"):
        if f"odata={name}" in accept or f"odata.metadata={name.removesuffix('metadata')}" in accept:
            return name
    return "minimalmetadata"


def _asked(call: Call) -> str:
    return call.base + call.headers.get("x-asked", call.path)


def _dressed(call: Call, row: Any, style: str) -> Any:
    """A value with its nested objects, as the format writes them."""
    if isinstance(row, Many):
        rows = [_dressed(call, one, style) for one in row]
        return {"results": rows} if style == "verbose" else rows
    if not isinstance(row, dict):
        return row
    kind = row.get("odata.type", "")
    said = {k: _dressed(call, v, style) for k, v in row.items() if k != "odata.type"}
    if style == "verbose" and kind:
        meta = {"id": _asked(call), "uri": _asked(call), "type": kind}
        return {"__metadata": meta, **said}
    return {"odata.type": kind, **said} if kind and style != "nometadata" else said


def narrowed(call: Call, row: Json) -> Json:
    """``$select``, by the first step of each path."""
    names = {name.strip().partition("/")[0] for name in call.arg("$select").split(",")}
    names |= {name.strip().partition("/")[0] for name in call.arg("$expand").split(",")}
    if not call.arg("$select") or "*" in names:
        return row
    lowered = {name.lower() for name in names}
    return {k: v for k, v in row.items() if k.lower() in lowered or k == "odata.type"}


def one(call: Call, row: Json) -> Reply:
    """A single object."""
    style = _style(call)
    said = _dressed(call, narrowed(call, row), style)
    if style == "verbose":
        said = {"d": said}
    elif style != "nometadata":
        said = {"odata.metadata": f"{call.base}/_api/$metadata", **said}
    return _typed(reply_json(said), style)


def value(call: Call, name: str, what: Any) -> Reply:
    """A single property."""
    style = _style(call)
    return _typed(reply_json({"d": {name: what}} if style == "verbose" else {"value": what}), style)


def many(call: Call, rows: list[Json], size: int = 100) -> Reply:
    """One page of a collection by ``$top``, ``$skip`` and ``$skiptoken``."""
    rows = odata.matching(rows, call.arg("$filter"))
    rows = odata.order(rows, call.arg("$orderby"))
    start = int(call.arg("$skip")) if call.arg("$skip").isdecimal() else 0
    if found := re.search(r"p_ID=(\d+)", call.arg("$skiptoken")):
        start = int(found[1])
    limit = SharePointState.of(call.world).page_limit
    size = call.number("$top", size, 5000)
    page = cut(call, rows, start, min(size, limit) if limit else size)
    style = _style(call)
    shown = [_dressed(call, narrowed(call, row), style) for row in page.items]
    following = None
    if page.next is not None:
        kept = [
            f"{quote(key, safe='$')}={quote(last)}"
            for key, values in call.query.items()
            for last in values[-1:]
            if key not in ("$skiptoken", "$skip")
        ]
        token = quote(f"Paged=TRUE&p_ID={page.next}")
        following = f"{_asked(call)}?{'&'.join([*kept, f'$skiptoken={token}'])}"
    if style == "verbose":
        inside: Json = {"results": shown} | ({"__next": following} if following else {})
        return _typed(reply_json({"d": inside}), style)
    said: Json = {"odata.nextLink": following} if following else {}
    return _typed(reply_json(said | {"value": shown}), style)


def _typed(reply: Reply, style: str) -> Reply:
    reply.headers["Content-Type"] = f"application/json;odata={style};streaming=true;charset=utf-8"
    return reply


def expands(call: Call, name: str) -> bool:
    """Whether ``$expand`` names a path; case does not matter."""
    return name.lower() in {part.strip().lower() for part in call.arg("$expand").split(",")}


def selects(call: Call, name: str) -> bool:
    """Whether ``$select`` names a property; case does not matter."""
    return name.lower() in {part.strip().lower() for part in call.arg("$select").split(",")}


def list_path(state: SharePointState, where: SpList) -> str:
    """The path of a list's root folder on the host."""
    folder = "Lists/" if where.template == "genericList" else ""
    return f"{state.sites[where.site].path}/{folder}{where.path}"


def server_relative(state: SharePointState, item: Item) -> str:
    """An item's path on the host."""
    name = [f"{item.number}_.000"] if item.kind == "item" else state.path_of(item)
    return "/".join([list_path(state, state.lists[item.list_id]), *name])
