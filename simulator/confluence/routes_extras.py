"""v1: labels and properties of content."""

from __future__ import annotations

from typing import Any

from simulator.atlassian.bodies import Body
from simulator.clock import rfc3339
from simulator.confluence.api import (
    API,
    error,
    no_content,
    not_permitted,
    offset_list,
    refused_verb,
    seen,
    sight,
    window,
)
from simulator.confluence.objects import Content
from simulator.confluence.render import Renderer
from simulator.verbs import VerbError
from simulator.wire import Call, Reply, reply_json


@API.get("/rest/api/content/{id}/label", "content.labels")
def list_labels(call: Call) -> Reply:
    """The labels of a content."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    page = window(call, found.labels, 200, 200)
    if isinstance(page, Reply):
        return page
    return offset_list(call, page, [Renderer(call, eyes).label(one) for one in page])


@API.post("/rest/api/content/{id}/label", "content.labels.add")
def add_labels(call: Call) -> Reply:
    """Put labels on a content."""
    eyes, wanted, given = sight(call), call.params["id"], call.json()
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    if not eyes.edits(found):
        return not_permitted(call, f"User not permitted to label content {wanted}")
    try:
        for one in given if isinstance(given, list) else [given]:
            eyes.state.label(content=wanted, label=Body(one).text("name"))
    except VerbError as wrong:
        return refused_verb(call, wrong)
    return list_labels(call)


@API.delete("/rest/api/content/{id}/label/{label}", "content.labels.remove")
def remove_label(call: Call) -> Reply:
    """Take a label away."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None or call.params["label"] not in found.labels:
        return no_content(call, wanted)
    if not eyes.edits(found):
        return not_permitted(call, f"User not permitted to label content {wanted}")
    eyes.state.unlabel(content=wanted, label=call.params["label"])
    return Reply(204)


@API.get("/rest/api/content/{id}/property", "content.properties")
def list_properties(call: Call) -> Reply:
    """The properties of a content."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    page = window(call, list(found.properties), 10, 200)
    if isinstance(page, Reply):
        return page
    return offset_list(call, page, [_property(call, found, key) for key in page])


def _property(call: Call, found: Content, key: str) -> dict[str, Any]:
    self_link = f"{call.base}/rest/api/content/{found.id}/property/{key}"
    return {
        "id": str(int(found.id) * 100 + list(found.properties).index(key)),
        "key": key,
        "value": found.properties[key],
        "version": {"number": 1, "minorEdit": True, "when": rfc3339(found.created), "message": ""},
        "_links": {"self": self_link},
        "_expandable": {"content": f"/rest/api/content/{found.id}", "additionalProperties": ""},
    }


@API.get("/rest/api/content/{id}/property/{key}", "content.properties.get")
def get_property(call: Call) -> Reply:
    """One property."""
    eyes, wanted = sight(call), call.params["id"]
    found = seen(call, eyes, wanted)
    if found is None or call.params["key"] not in found.properties:
        return no_content(call, wanted)
    return reply_json(_property(call, found, call.params["key"]))


def _set_property(call: Call) -> Reply:
    eyes, wanted, given = sight(call), call.params["id"], Body.of(call)
    found = seen(call, eyes, wanted)
    if found is None:
        return no_content(call, wanted)
    if not eyes.edits(found):
        return not_permitted(call, f"User not permitted to update content {wanted}")
    key, value = call.params.get("key") or given.text("key"), given.given.get("value")
    if not key or value is None:
        return error(call, 400, "A property has a key and a value")
    eyes.state.set_property(content=wanted, key=key, value=value)
    return reply_json(_property(call, found, key))


API.put("/rest/api/content/{id}/property/{key}", "content.properties.set")(_set_property)
API.post("/rest/api/content/{id}/property", "content.properties.create")(_set_property)
