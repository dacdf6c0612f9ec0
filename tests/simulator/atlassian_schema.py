"""Validates what the official client received against Atlassian's published OpenAPI."""

import json
import re
from functools import cache

import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.simulator.vendor_schemas import ABSENT, published

EXCEPTIONS = (
    # (endpoint pattern, JSON path pattern, reason)
    (
        r"/wiki/api/v2/(pages|blogposts|spaces)(/.*)?",
        r"(^|\.)(parentId|parentType)$",
        "the parent of a page at the top of its space is null; the schema forgets it",
    ),
    (
        r"/wiki/api/v2/spaces(/.*)?",
        r"(^|\.)(description|icon)$",
        "a description or icon that was not asked for is null; the schema forgets it",
    ),
    (
        r"/rest/api/3/.*",
        r"(^|\.)items\.\d+\.(from|fromString|to|toString)$",
        "a changelog entry from or to nothing has null there; the schema forgets it",
    ),
)
"""Where the published schema is known to be wrong."""
UNPUBLISHED = {
    "/wiki/download/attachments/{id}/{name}": "a web resource, not REST",
    "/wiki/api/v2/pages/{id}/direct-children": "newer than the published schema",
}


def _loosen(node):
    """OpenAPI 3.0 to JSON Schema: ``nullable``."""
    if isinstance(node, list):
        return [_loosen(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {k: _loosen(v) for k, v in node.items() if k not in ("example", "examples", "xml")}
    if made.pop("nullable", False):
        if isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
            if "enum" in made:
                made["enum"] = [*made["enum"], None]
        else:
            made = {"anyOf": [made, {"type": "null"}]}
    return made


@cache
def _load(name):
    whole = _loosen(json.loads(published(f"{name}.json").read_text()))
    registry = Registry().with_resource(
        f"urn:{name}", Resource(contents=whole, specification=DRAFT202012)
    )
    base = "/wiki/api/v2" if name == "confluence-v2" else ""
    routes = []
    for path, methods in whole["paths"].items():
        pattern = re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(base + path)))
        routes.append((path.count("{"), base + path, path, pattern, methods))
    routes.sort(key=lambda route: route[0])
    return registry, routes


@cache
def document_format():
    """What a body in Atlassian's document format has to be like."""
    schema = published("atlassian-document-format.json")
    if schema is None:
        pytest.skip(ABSENT)
    return Draft4Validator(json.loads(schema.read_text()))


class Published:
    """Collects what was checked."""

    def __init__(self, *names):
        if any(published(f"{name}.json") is None for name in names):
            pytest.skip(ABSENT)
        self.names, self.checked, self.unknown = names, set(), set()

    def check(self, response, *_args, **_kwargs):
        """Validate one `requests` response; a hook for its session."""
        path = re.sub(r"^https?://[^/]+", "", response.request.url).partition("?")[0]
        method = response.request.method.lower()
        for name in self.names:
            registry, routes = _load(name)
            for _, label, key, pattern, methods in routes:
                if pattern.fullmatch(path) and method in methods:
                    self.checked.add((method, label))
                    self._validate(response, name, registry, key, label, methods[method], method)
                    return
        self.unknown.add((method, path))

    def _validate(self, response, name, registry, key, label, operation, method):
        told = operation["responses"].get(str(response.status_code))
        said = f"{method} {label} {response.status_code}"
        if told is None:
            # Refusals are published for few endpoints; 410 answers what was removed since.
            assert response.status_code in (401, 403, 404, 409, 410, 429), (
                f"{said} is not published: {response.text[:300]}"
            )
            return
        schema = told.get("content", {}).get("application/json", {}).get("schema")
        if schema is None or not response.content:
            return
        escaped = key.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
        pointer = (
            f"urn:{name}#/paths/{escaped}/{method}/responses/{response.status_code}"
            "/content/application~1json/schema"
        )
        validator = Draft202012Validator({"$ref": pointer}, registry=registry)
        wrong = []
        for found in validator.iter_errors(response.json()):
            for leaf in _leaves(found):
                where = ".".join(str(part) for part in leaf.absolute_path)
                if not any(
                    re.fullmatch(route, label) and re.search(spot, where)
                    for route, spot, _ in EXCEPTIONS
                ):
                    wrong.append(f"{where}: {leaf.message[:200]}")
        assert not wrong, f"{said}: " + "; ".join(wrong[:5])


def _leaves(error):
    if error.validator in ("anyOf", "oneOf") and error.context:
        best = [one for one in error.context if one.validator != "type"] or error.context
        for one in best:
            yield from _leaves(one)
    else:
        yield error
