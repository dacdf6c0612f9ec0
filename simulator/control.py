"""The world's own address: verbs, people, documents, the oracle and the faults over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from html import escape
from typing import Any

from simulator.clock import rfc3339
from simulator.home import page
from simulator.oracle import documents, people, readable
from simulator.vendor import vendors
from simulator.verbs import VerbError
from simulator.wire import Api, Call, Reply, reply_json


def _error(_call: Call | None, status: int, reason: str) -> Reply:
    return reply_json({"error": reason}, status)


def control_api() -> Api:
    """``/_world``: for whoever runs the simulator; it asks for no token."""
    api = Api("_world", "/_world", error=_error, anonymous=True)

    @api.get("", "world.get")
    def about(call: Call) -> Reply:
        world = call.world
        said = {
            "seed": world.seed,
            "base": world.base,
            "scale": world.scale,
            "now": rfc3339(world.now()),
            "verbs": world.verbs(),
            "log": world.log,
        }
        return reply_json(said)

    @api.post("", "world.do")
    def do(call: Call) -> Reply:
        given = call.json()
        if not isinstance(given, dict) or not isinstance(given.get("verb"), str):
            return reply_json({"error": 'send {"verb": "google.share", "args": {...}}'}, 400)
        args = given.get("args", {k: v for k, v in given.items() if k != "verb"})
        try:
            return reply_json({"result": call.world.do(given["verb"], **args)})
        except (VerbError, ValueError, KeyError) as refused:
            return reply_json({"error": str(refused)}, 400)

    @api.get("/people", "world.people")
    def list_people(call: Call) -> Reply:
        world = call.world
        rows: list[dict[str, Any]] = [
            asdict(person)
            | {"token": world.token_of(person.id)}
            | {"accounts": {v.name: v.account(world, person) for v in vendors()}}
            for person in people(world)
        ]
        return reply_json(rows)

    @api.get("/groups", "world.groups")
    def list_groups(call: Call) -> Reply:
        return reply_json([asdict(group) for group in call.world.directory.groups.values()])

    @api.get("/documents", "world.documents")
    def list_documents(call: Call) -> Reply:
        start, size = call.number("start", 0, 10**9), call.number("size", 1000, 10_000)
        start = 0 if call.arg("start") in ("", "0") else start
        rows = []
        for position, document in enumerate(documents(call.world, call.arg("vendor"))):
            if position >= start + size:
                break
            if position >= start:
                rows.append(asdict(document))
        return reply_json(rows)

    @api.get("/readable", "world.readable")
    def is_readable(call: Call) -> Reply:
        world = call.world
        person = world.directory.people.get(call.arg("person"))
        if person is None:
            return reply_json({"error": "no such person"}, 404)
        wanted, vendor = call.arg("document"), call.arg("vendor")
        found = [
            asdict(document) | {"readable": readable(world, person, document)}
            for document in documents(world, vendor)
            if wanted in ("", document.id)
        ]
        return reply_json(found)

    @api.get("/faults", "world.faults")
    def list_faults(call: Call) -> Reply:
        return reply_json(call.world.faults.described())

    @api.post("/faults", "world.faults.add")
    def add_fault(call: Call) -> Reply:
        given = call.json()
        try:
            if isinstance(given, dict) and given.pop("bad_day", False):
                call.world.faults.bad_day(**given)
            else:
                call.world.faults.add(**(given or {}))
        except (TypeError, ValueError) as wrong:
            return reply_json({"error": str(wrong)}, 400)
        return reply_json(call.world.faults.described())

    @api.delete("/faults", "world.faults.clear")
    def clear_faults(call: Call) -> Reply:
        call.world.faults.clear()
        return reply_json(call.world.faults.described())

    @api.get("/requests", "world.requests")
    def list_requests(call: Call) -> Reply:
        rows = [asdict(line) | {"at": rfc3339(line.at)} for line in call.world.requests]
        return reply_json(rows)

    return api


def home_api() -> Api:
    """``/``: a page for people."""

    def missing(_call: Call | None, status: int, reason: str) -> Reply:
        return Reply(status, escape(reason).encode(), {"Content-Type": "text/plain"})

    api = Api("_home", "", error=missing, anonymous=True)

    @api.get("/", "home")
    def home(call: Call) -> Reply:
        return Reply(200, page(call.world).encode(), {"Content-Type": "text/html; charset=utf-8"})

    return api
