"""The page at ``/``: people and their tokens, endpoints, faults and recent requests."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import islice

from simulator.clock import rfc3339
from simulator.vendor import vendors
from simulator.world import World

_STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .2rem .6rem }
tr + tr td { border-top: 1px solid #8884 } code { font-size: 13px }
details { margin: 1rem 0 } summary { font-weight: 600; cursor: pointer }
"""


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(h)}</th>" for h in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def page(world: World) -> str:
    """The page as HTML."""
    people = _table(
        ("id", "name", "e-mail", "is", "token"),
        (
            (
                p.id,
                p.name,
                p.email,
                ", ".join(
                    word
                    for word, said in (
                        ("guest", p.guest),
                        ("deactivated", not p.active),
                        ("e-mail hidden", p.email_hidden),
                        (f"also {p.same_as}", bool(p.same_as)),
                    )
                    if said
                ),
                world.token_of(p.id),
            )
            for p in world.directory.people.values()
        ),
    )
    endpoints = _table(
        ("vendor", "method", "path", "name"),
        (
            (vendor.label, method, api.prefix + path, name)
            for vendor in vendors()
            for api in vendor.apis
            for method, path, name in api.endpoints
        ),
    )
    requests = _table(
        ("at", "who", "request", "status", "fault"),
        (
            (rfc3339(r.at), r.who, f"{r.method} {r.vendor} {r.path}", str(r.status), r.fault)
            for r in islice(reversed(world.requests), 50)
        ),
    )
    services = ", ".join(f"service-{vendor.name}" for vendor in vendors())
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Workspace simulator</title>"
        f"<style>{_STYLE}</style><h1>Workspace simulator</h1>"
        f"<p>Seed {world.seed}, {rfc3339(world.now())}. Service tokens: "
        f"<code>{services}</code>. Change it by POST to <code>/_world</code>.</p>"
        f"<details open><summary>People</summary>{people}</details>"
        f"<details><summary>Endpoints</summary>{endpoints}</details>"
        f"<details open><summary>Recent requests</summary>{requests}</details>"
    )
