"""The ASGI application: every vendor under its prefix, the world's own verbs, and a page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from simulator.control import control_api, home_api
from simulator.faults import FaultKind
from simulator.vendor import vendors
from simulator.wire import Api, Reply
from simulator.world import World

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_PIECES = 8


class ConnectionLost(Exception):
    """Raised in the middle of a body: the server drops the connection."""


def hush() -> None:
    """Keep connections broken on purpose out of uvicorn's log; real errors stay in."""
    log = logging.getLogger("uvicorn.error")
    if not any(kept is _meant for kept in log.filters):
        log.addFilter(_meant)


def _meant(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionLost))


class Wire:
    """One `Api` as an ASGI application, with the faults that happen on the wire."""

    def __init__(self, world: World, api: Api):
        self._world, self._api = world, api
        self._skip = len(api.prefix)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        target = scope["raw_path"].decode("latin-1")[self._skip :]
        if scope["query_string"]:
            target = f"{target}?{scope['query_string'].decode('latin-1')}"
        base = f"{scope['scheme']}://{headers.get('host', 'localhost')}{self._api.prefix}"
        reply = self._api.call(self._world, scope["method"], target, headers, body, base)
        await self._send(reply, send, scope["method"] == "HEAD")

    async def _send(self, reply: Reply, send: Send, head: bool) -> None:
        kind = reply.wire.kind if reply.wire else None
        seconds = reply.wire.seconds if reply.wire else 0.0
        body = reply.body
        if kind is FaultKind.TRUNCATED_JSON:
            body = body[: max(len(body) * 2 // 3, 1)]
        if kind is FaultKind.SLOW_FIRST_BYTE:
            await asyncio.sleep(seconds)
        headers = [(k.lower().encode(), v.encode("utf-8")) for k, v in reply.headers.items()]
        headers.append((b"date", _date(reply.skew)))
        if reply.status not in (204, 304):
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        if kind is FaultKind.RESET:
            half = body[: len(body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            raise ConnectionLost
        if kind is FaultKind.SLOW_DRIP and body:
            step = -(-len(body) // _PIECES)
            for at in range(0, len(body), step):
                piece = body[at : at + step]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                await asyncio.sleep(seconds / _PIECES)
            body = b""
        await send({"type": "http.response.body", "body": b"" if head else body})


def _date(skew: float) -> bytes:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=skew), usegmt=True).encode()


class Application:
    """Every `Api` of a world, chosen by the first segment of the path."""

    def __init__(self, world: World):
        apis = [api for vendor in vendors() for api in vendor.apis]
        wires = [(api.prefix, Wire(world, api)) for api in (*apis, control_api(), home_api())]
        self._wires = dict(wires)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            prefix = "/" + scope["path"].split("/", 2)[1]
            await self._wires.get(prefix, self._wires[""])(scope, receive, send)


def create_app(world: World) -> Application:
    """The ASGI application that serves `world`."""
    return Application(world)
