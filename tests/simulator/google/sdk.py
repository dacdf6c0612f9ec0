"""Google's own client on the simulator; every answer is held against its discovery document."""

import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import urlparse

import google_auth_httplib2
import googleapiclient
import httplib2
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
WIDE = {"includeItemsFromAllDrives": True, "supportsAllDrives": True}
SCOPE = "https://www.googleapis.com/auth/"
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@cache
def document(name, version):
    return json.loads((DOCUMENTS / f"{name}.{version}.json").read_text())


def methods(resources, found):
    for resource in resources.values():
        found += resource.get("methods", {}).values()
        methods(resource.get("resources", {}), found)
    return found


def faults_in(schemas, schema, value, where="$"):
    """Where a value breaks a discovery schema: unknown fields count."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"]]
    kind = schema.get("type", "any")
    if kind == "any":
        return []
    if kind == "object":
        if not isinstance(value, dict):
            return [f"{where}: not an object"]
        found = []
        for name, inner in value.items():
            known = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if known is None:
                found.append(f"{where}.{name}: unknown field")
            else:
                found += faults_in(schemas, known, inner, f"{where}.{name}")
        return found
    if kind == "array":
        if not isinstance(value, list):
            return [f"{where}: not a list"]
        return [
            bad
            for at, inner in enumerate(value)
            for bad in faults_in(schemas, schema["items"], inner, f"{where}[{at}]")
        ]
    types = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}
    if not isinstance(value, types[kind]) or (kind == "integer" and isinstance(value, bool)):
        return [f"{where}: {value!r} is no {kind}"]
    if kind == "string":
        form = schema.get("format", "")
        if form == "date-time" and not DATE_TIME.fullmatch(value):
            return [f"{where}: {value!r} is no date-time"]
        if form in ("int64", "uint64") and not value.lstrip("-").isdecimal():
            return [f"{where}: {value!r} is no {form}"]
        if "enum" in schema and value not in schema["enum"]:
            return [f"{where}: {value!r} is not among {schema['enum']}"]
    return []


class Checked:
    """An HTTP transport that validates what comes back."""

    def __init__(self, http, name, version, seen):
        self._http, self._document, self._seen = http, document(name, version), seen
        self._patterns = [
            (m["httpMethod"], re.compile(self._pattern(m) + "$"), m)
            for m in methods(self._document["resources"], [])
        ]

    def _pattern(self, method):
        path = self._document["servicePath"] + method.get("flatPath", method["path"])
        return "/" + re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))

    def request(self, uri, method="GET", **more):
        response, content = self._http.request(uri, method=method, **more)
        path = urlparse(uri).path.removeprefix("/google")
        if path.startswith("/discovery/"):
            return response, content
        for verb, pattern, described in self._patterns:
            if verb == method and pattern.match(path.removeprefix("/upload")):
                self._seen.add(described["id"])
                said = str(response.get("content-type", ""))
                if response.status < 300 and "json" in said and "response" in described:
                    schemas = self._document["schemas"]
                    bad = faults_in(schemas, described["response"], json.loads(content))
                    assert not bad, (described["id"], bad)
                break
        else:
            raise AssertionError(f"{method} {path} is no method of {self._document['id']}")
        return response, content

    def __getattr__(self, name):
        return getattr(self._http, name)


def service(running, token, name="drive", version="v3", seen=None, credentials=None):
    """The client, found through the simulator's own discovery address."""
    credentials = credentials or Credentials(token)
    http = google_auth_httplib2.AuthorizedHttp(credentials, http=httplib2.Http(timeout=30))
    checked = Checked(http, name, version, seen if seen is not None else set())
    return build(
        name,
        version,
        http=checked,
        discoveryServiceUrl=running.url + "/google/discovery/v1/apis/{api}/{apiVersion}/rest",
        static_discovery=False,
        cache_discovery=False,
    )


def client(running, person, **more):
    return service(running, running.token(person), **more)


def refused(call):
    with pytest.raises(HttpError) as caught:
        call.execute()
    return caught.value.resp.status, caught.value.error_details[0]["reason"]


def pages(method, following, **query):
    request, found = method(**query), []
    while request is not None:
        said = request.execute()
        found.append(said)
        request = following(request, said)
    return found
