"""GitHub's published REST description as a judge of answers."""

import json
import re
from functools import cache, lru_cache
from hashlib import sha256

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.simulator.vendor_schemas import published

_ERRORS = ("basic-error", "validation-error")
PUBLISHED = published("github-rest.json")

EXCEPTIONS = {
    r"/repositories/.*": "repositories by number: GitHub redirects there but describes names only",
    r"/organizations/.*": "what a team's `url` really is; only /orgs/{org}/teams is described",
    r"/graphql": "not REST; graphql-core checks queries and answers against schema.graphql",
    r"/repos/[^/]+/[^/]+/contents/?": "the top folder; the description has only contents/{path}",
    r"/repos/[^/]+/[^/]+/git/refs": "GET of all refs, which PyGithub still asks for",
}
"""Paths without a description, and why they are served all the same."""

LENIENT = {
    (r"/search/issues", r"items/\d+/body None is not of type 'string'"): (
        "an empty body is null in a search as in a list; this one schema alone says string"
    ),
}
"""(Path, complaint) that the description makes wrongly, and why we think so."""


def _convert(node):
    """OpenAPI 3.0 to JSON Schema: ``nullable`` becomes a type."""
    if isinstance(node, list):
        return [_convert(part) for part in node]
    if not isinstance(node, dict):
        return node
    made = {
        k: _convert(v)
        for k, v in node.items()
        if k not in ("nullable", "discriminator", "example", "format", "deprecated", "xml")
    }
    if node.get("nullable") is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


@cache
def _description():
    raw = json.loads(PUBLISHED.read_text())
    whole = _convert(raw)
    registry = Registry().with_resource(
        "urn:github", Resource.from_contents(whole, default_specification=DRAFT202012)
    )
    patterns = []
    # Some parameters hold slashes.
    wild = {"path", "ref", "basehead", "branch", "dir"}
    for path in raw["paths"]:
        made = re.sub(
            r"\\\{([^}]+)\\\}",
            lambda m: "(.+)" if m[1] in wild else "([^/]+)",
            re.escape(path),
        )
        patterns.append((path.count("{"), -len(path), re.compile(made), path))
    return whole, registry, sorted(patterns, key=lambda p: p[:2])


@lru_cache(maxsize=4096)
def template(path):
    """The described path that this one is; None where there is none."""
    for _, _, pattern, name in _description()[2]:
        if pattern.fullmatch(path):
            return name
    return None


@cache
def _validator(name, method, status):
    whole, registry, _ = _description()
    answers = whole["paths"][name].get(method.lower(), {}).get("responses", {})
    answer = answers.get(str(status))
    if answer is None:
        return "undescribed"
    if "$ref" in answer:
        answer = whole["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    content = answer.get("content", {}).get("application/json")
    if content is None:
        return None
    return jsonschema.Draft202012Validator(_absolute(content["schema"]), registry=registry)


def _absolute(node):
    if isinstance(node, list):
        return [_absolute(part) for part in node]
    if isinstance(node, dict):
        return {
            k: f"urn:github{v}" if k == "$ref" and v.startswith("#") else _absolute(v)
            for k, v in node.items()
        }
    return node


_JUDGED: set[tuple[str, str, int, bytes]] = set()


def judge(method, path, status, headers, body):
    """What is wrong with one answer; empty where nothing is, or where nothing is promised."""
    kind = headers.get("Content-Type", "")
    if status in (204, 301, 304) or "json" not in kind or "raw" in kind:
        return []
    key = (method, path, status, sha256(body).digest())
    if key in _JUDGED:
        return []
    if status >= 400:
        # Errors have one of two shapes everywhere; not every path lists every status.
        found = _errors()
    else:
        name = template(path)
        if any(re.fullmatch(pattern, path) for pattern in EXCEPTIONS) and (
            name is None or method == "GET"
        ):
            return []
        if name is None:
            return [f"{path} is not described"]
        found = _validator(name, method, status)
        if found == "undescribed":
            return [f"{method} {name} has no {status}"]
        if found is None:
            return []
    said = [_short(error) for error in found.iter_errors(json.loads(body))]
    wrong = [
        f"{method} {path} {status}: {complaint}"
        for complaint in said
        if not any(re.fullmatch(p, path) and re.fullmatch(c, complaint) for p, c in LENIENT)
    ]
    if not wrong:
        _JUDGED.add(key)
    return wrong


@cache
def _errors():
    kinds = [{"$ref": f"urn:github#/components/schemas/{k}"} for k in _ERRORS]
    return jsonschema.Draft202012Validator({"anyOf": kinds}, registry=_description()[1])


def _short(error):
    best = jsonschema.exceptions.best_match([error])
    return f"{'/'.join(map(str, best.absolute_path))} {best.message}"[:300]
