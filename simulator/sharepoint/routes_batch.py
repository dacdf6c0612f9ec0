"""Graph: ``$batch``, each part answered, and throttled, for itself."""

from __future__ import annotations

import base64
import json
from typing import Any

from simulator.sharepoint.graph import API, Refused, body_of
from simulator.wire import Call, Reply, reply_json

_MOST = 20


@API.serves("POST", "/$batch", "batch")
def batch(call: Call) -> Reply:
    """Up to twenty requests in one."""
    requests = body_of(call, requests=list)["requests"]
    if not requests or not all(isinstance(one, dict) for one in requests):
        raise Refused(400, "BadRequest", "Invalid batch payload format.")
    if len(requests) > _MOST:
        raise Refused(400, "BadRequest", f"Number of batch request steps exceeds {_MOST}.")
    ids = [one.get("id") for one in requests]
    if len(set(ids)) != len(ids) or not all(isinstance(one, str) and one for one in ids):
        raise Refused(400, "BadRequest", "Each batch request needs an id of its own.")
    failed: set[str] = set()
    said = []
    for one in requests:
        if failed & set(one.get("dependsOn") or ()):
            answer: dict[str, Any] = {"id": one["id"], "status": 424, "headers": {}}
            answer["body"] = {"error": {"code": "FailedDependency", "message": "It failed."}}
        else:
            answer = _part(call, one)
        if answer["status"] >= 400:
            failed.add(one["id"])
        said.append(answer)
    return reply_json({"responses": said})


def _part(call: Call, one: dict[str, Any]) -> dict[str, Any]:
    headers = {k.lower(): str(v) for k, v in (one.get("headers") or {}).items()}
    headers.setdefault("authorization", call.headers.get("authorization", ""))
    body = one.get("body")
    content = b"" if body is None else json.dumps(body).encode()
    url = str(one.get("url", ""))
    before, version, rest = url.partition("/v1.0/")
    # The SDK sends whole addresses, other clients what comes after the version.
    target = "/v1.0/" + (rest if version and "?" not in before else url.lstrip("/"))
    reply = API.part(call, str(one.get("method", "GET")).upper(), target, headers, content)
    answer: dict[str, Any] = {"id": one["id"], "status": reply.status, "headers": reply.headers}
    if reply.headers.get("Content-Type", "").startswith("application/json") and reply.body:
        answer["body"] = json.loads(reply.body)
    elif reply.body:
        answer["body"] = base64.b64encode(reply.body).decode()
    return answer
