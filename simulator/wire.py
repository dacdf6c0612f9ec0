"""How a vendor answers HTTP: calls, replies, and the table of routes."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from simulator.faults import STATUS_KINDS, WIRE_KINDS, Fault, FaultKind
from simulator.people import Person
from simulator.world import Request, Token

if TYPE_CHECKING:
    from simulator.world import World

_NO_TOKEN = Token()


@dataclass(slots=True)
class Reply:
    """A response, whole."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    """Names as they go out; Content-Length and Date are the server's."""
    wire: Fault | None = None
    """What will happen to it on the way."""
    skew: float = 0.0
    """Seconds by which its Date will be off."""


def reply_json(content: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON response; header names are written with underscores: ``Retry_After="3"``."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, body, {"Content-Type": "application/json; charset=UTF-8", **named})


@dataclass(slots=True)
class Call:
    """One request, parsed, with who makes it."""

    world: World
    api: Api
    method: str
    path: str
    """Below the API's prefix, decoded except for slashes inside a segment."""
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    base: str
    """The API's own address: ``http://127.0.0.1:8900/google``."""
    raw_query: str = ""
    endpoint: str = ""
    params: dict[str, str] = field(default_factory=dict)
    """What the braces of the route's path held, decoded."""
    person: Person | None = None
    """Whose token it is; None for a service, or for nobody."""
    token: Token = _NO_TOKEN
    struck: str = ""
    """Kinds of the faults that hit this call, for the request log."""

    @property
    def service(self) -> bool:
        """Whether an administrator's or app-only credential calls."""
        return self.token.service

    @property
    def known(self) -> bool:
        """Whether the call carries a token that is good here."""
        return self.person is not None or self.token.service

    @property
    def who(self) -> str:
        """The caller for logs: a person's id, ``service``, or empty."""
        return self.person.id if self.person else "service" if self.service else ""

    def arg(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        found = self.query.get(name)
        return found[-1] if found else default

    def flag(self, name: str) -> bool:
        """Whether a query parameter is ``true`` (or ``1``)."""
        return self.arg(name).lower() in ("true", "1")

    def number(self, name: str, default: int, most: int) -> int:
        """A whole-number query parameter held between 1 and `most`; `default` if it is none."""
        given = self.arg(name)
        return min(max(int(given), 1), most) if given.isdecimal() else default

    def json(self) -> Any:
        """The body as JSON; None where there is none or it is malformed."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is anything else."""
        found = self.json()
        return found if isinstance(found, dict) else {}

    def fault(self, *kinds: FaultKind) -> Fault | None:
        """The planned fault of these kinds that hits this call, now logged."""
        plan = self.world.faults
        if not plan.plan:
            return None
        line = f"{self.path}?{self.raw_query}" if self.raw_query else self.path
        found = plan.strike(kinds, self.api.vendor, self.endpoint, line, self.who)
        if found is not None:
            self.struck = f"{self.struck} {found.kind}".strip()
        return found

    def search_lag(self) -> timedelta:
        """How far behind the writes this search is."""
        found = self.fault(FaultKind.SEARCH_LAG)
        return timedelta(seconds=found.seconds if found else 0)


Answer = Callable[[Call], Reply]
"""A handler."""
Refusal = Callable[[Call | None, int, str], Reply]
"""Makes the vendor's error body. The reason is a vendor-neutral word: ``rate_limit``,
``secondary_limit``, ``server_error``, ``unauthorized``, ``forbidden``, ``not_found``,
``method``, ``gone``, or whatever the vendor's own handlers pass."""
_HOLE = re.compile(r"\{(\w+)(:path)?\}")


def _pattern(template: str) -> re.Pattern[str]:
    parts, end = [], 0
    for hole in _HOLE.finditer(template):
        parts.append(re.escape(template[end : hole.start()]))
        parts.append(f"(?P<{hole[1]}>{'.*' if hole[2] else '[^/]+?'})")
        end = hole.end()
    return re.compile("".join(parts) + re.escape(template[end:]))


class Api:
    """One HTTP face of a vendor: a path prefix with its routes."""

    def __init__(
        self,
        vendor: str,
        prefix: str,
        *,
        error: Refusal,
        anonymous: bool = False,
        finish: Callable[[Call, Reply], None] | None = None,
    ):
        """Begin without routes.

        Args:
            vendor: the vendor's name, for faults, logs and tokens.
            prefix: where it is mounted, such as ``/google``; no slash at the end.
            error: makes the vendor's error responses.
            anonymous: whether handlers also run for callers without a good token; else such
                callers get ``error(call, 401, "unauthorized")``. A bad token is always that.
            finish: adds what every response of this vendor carries, such as rate-limit headers.
        """
        self.vendor, self.prefix, self.error = vendor, prefix, error
        self._anonymous, self._finish = anonymous, finish
        self._static: dict[tuple[str, str], tuple[str, Answer]] = {}
        self._holed: dict[str, list[tuple[re.Pattern[str], str, Answer]]] = {}
        self._open: set[str] = set()
        self.endpoints: list[tuple[str, str, str]] = []
        """(method, path, endpoint name) of every route, for the home page."""

    def route(
        self, method: str, path: str, endpoint: str, *, anonymous: bool = False
    ) -> Callable[[Answer], Answer]:
        """Register a handler.

        Args:
            method: the HTTP method.
            path: below the prefix; ``{name}`` holds one segment or a part of one,
                ``{name:path}`` any number. Routes are tried in order of registration, those
                without braces first.
            endpoint: the name that faults and logs use.
            anonymous: whether this one route needs no token.
        """

        def keep(handler: Answer) -> Answer:
            if "{" in path:
                self._holed.setdefault(method, []).append((_pattern(path), endpoint, handler))
            else:
                self._static[method, path] = (endpoint, handler)
            if anonymous:
                self._open.add(endpoint)
            self.endpoints.append((method, path, endpoint))
            return handler

        return keep

    def get(self, path: str, endpoint: str) -> Callable[[Answer], Answer]:
        """`route` for GET."""
        return self.route("GET", path, endpoint)

    def post(self, path: str, endpoint: str) -> Callable[[Answer], Answer]:
        """`route` for POST."""
        return self.route("POST", path, endpoint)

    def put(self, path: str, endpoint: str) -> Callable[[Answer], Answer]:
        """`route` for PUT."""
        return self.route("PUT", path, endpoint)

    def patch(self, path: str, endpoint: str) -> Callable[[Answer], Answer]:
        """`route` for PATCH."""
        return self.route("PATCH", path, endpoint)

    def delete(self, path: str, endpoint: str) -> Callable[[Answer], Answer]:
        """`route` for DELETE."""
        return self.route("DELETE", path, endpoint)

    def call(
        self,
        world: World,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        base: str = "",
    ) -> Reply:
        """Answer one request.

        Args:
            world: the world asked.
            method: the HTTP method.
            target: raw path below the prefix with its query.
            headers: names in lower case.
            body: the request's body.
            base: the address of this API, for links.
        """
        return self._call(world, method, target, headers, body, base, inner=False)

    def part(
        self, batch: Call, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Reply:
        """Answer a part of `batch`: as `call`, but it has no connection that could break."""
        return self._call(batch.world, method, target, headers, body, batch.base, inner=True)

    def _call(
        self,
        world: World,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        base: str,
        *,
        inner: bool,
    ) -> Reply:
        raw, _, raw_query = target.partition("?")
        path = raw
        if "%" in raw:
            path = "/".join(unquote(p).replace("/", "%2F") for p in raw.split("/"))
        query = parse_qs(raw_query, keep_blank_values=True) if raw_query else {}
        call = Call(world, self, method, path, query, headers, body, base, raw_query)
        with world.lock:
            reply = self._answer(call, inner)
            if self._finish is not None:
                self._finish(call, reply)
            world.requests.append(
                Request(
                    world.now(),
                    self.vendor,
                    call.endpoint,
                    method,
                    path,
                    reply.status,
                    call.who,
                    call.struck,
                )
            )
        return reply

    def _answer(self, call: Call, inner: bool) -> Reply:
        handler = self._find(call)
        refused = self._authenticate(call)
        if handler is None:
            if refused:
                return self.error(call, 401, "unauthorized")
            return self.error(call, 404, "not_found")
        fault = call.fault(*STATUS_KINDS)
        if fault is not None:
            return self._faulty(call, fault)
        if refused or not (call.known or self._anonymous or call.endpoint in self._open):
            return self.error(call, 401, "unauthorized")
        reply = handler(call)
        if inner:
            return reply
        reply.wire = call.fault(*WIRE_KINDS)
        skewed = call.fault(FaultKind.CLOCK_SKEW)
        reply.skew = skewed.seconds if skewed is not None else 0.0
        return reply

    def _find(self, call: Call) -> Answer | None:
        found = self._static.get((call.method, call.path))
        if found is not None:
            call.endpoint = found[0]
            return found[1]
        for pattern, endpoint, handler in self._holed.get(call.method, ()):
            match = pattern.fullmatch(call.path)
            if match is not None:
                call.endpoint = endpoint
                call.params = match.groupdict()
                if "%2F" in call.path:
                    call.params = {k: v.replace("%2F", "/") for k, v in call.params.items()}
                return handler
        return None

    def _authenticate(self, call: Call) -> bool:
        """Fill in the caller; True where a token was shown that is no good."""
        shown = call.headers.get("authorization")
        if not shown:
            return False
        scheme, _, secret = shown.partition(" ")
        if scheme.lower() == "basic":
            try:
                secret = base64.b64decode(secret).decode().rpartition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                return True
        found = call.world.resolve(secret.strip(), self.vendor)
        if found is None:
            return True
        call.token, call.person = found
        return False

    def _faulty(self, call: Call, fault: Fault) -> Reply:
        kind = fault.kind
        if kind is FaultKind.SERVER_ERROR:
            return self.error(call, fault.status, "server_error")
        if kind is FaultKind.UNAUTHORIZED:
            return self.error(call, 401, "unauthorized")
        if kind is FaultKind.FORBIDDEN:
            return self.error(call, 403, "forbidden")
        status = 429 if kind is FaultKind.RATE_LIMIT else 403
        reply = self.error(call, status, str(kind))
        reply.headers["Retry-After"] = retry_after(fault)
        return reply


def retry_after(fault: Fault) -> str:
    """The Retry-After of a fault: whole seconds, or a date by the wall clock."""
    if fault.as_date:
        until = datetime.now(UTC) + timedelta(seconds=fault.seconds)
        return format_datetime(until, usegmt=True)
    return str(max(round(fault.seconds), 0))
