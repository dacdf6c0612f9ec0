"""Several requests to Graph in one, each tried again for itself.

msgraph-core 1.5.2 drops a part whose body is a JSON object, so the parts are read here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kiota_abstractions.method import Method
from kiota_abstractions.request_information import RequestInformation

from access import Source
from connectors.interface import SourceUnavailable
from connectors.refused import Refused
from connectors.retry import Again
from connectors.sharepoint.errors import Reply, verdict

if TYPE_CHECKING:
    from connectors.sharepoint.client import SharePointClient

_SOURCE = Source.SHAREPOINT
MOST = 20
"""Requests in one ``$batch``, at most (learn.microsoft.com/graph/json-batching)."""

Json = dict[str, Any]
Request = Callable[[], RequestInformation]
"""Makes a request anew for each time that it is sent, by a builder's
``to_get_request_information``."""
Answer = Json | Refused | SourceUnavailable
"""What a part of a batch came to."""


class Batch:
    """Up to twenty requests in one, until each has an answer."""

    def __init__(self, client: SharePointClient, requests: Sequence[Request]):
        """Prepare, without a request."""
        self._client = client
        self._waiting = dict(enumerate(requests))
        self._answers: dict[int, Answer] = {}
        self._failed: dict[int, Again] = {}
        self._token = ""
        self._renewed = False

    def answers(self) -> list[Answer]:
        """Each request's answer, in its place.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        count = len(self._waiting)
        try:
            self._client.asked_graph(self._send, self._read, self._judge)
        except SourceUnavailable as error:
            self._give_up(error)
        except Refused as refused:  # the batch itself: it concerns no single object
            raise SourceUnavailable(
                _SOURCE,
                f"a batch of requests is refused ({refused.reason})",
                "Run the sync again later.",
                refused.status,
            ) from None
        return [self._answers[number] for number in range(count)]

    def _send(self, token: str) -> Reply:
        parts = []
        for number, request in self._waiting.items():
            made = request()
            part: Json = {"id": str(number), "method": "GET", "url": self._client.relative(made)}
            if headers := {k: ", ".join(v) for k, v in made.headers.get_all().items()}:
                part["headers"] = headers
            parts.append(part)
        post = RequestInformation(Method.POST, "{+baseurl}/$batch", {})
        post.headers.add("Accept", "application/json")
        post.headers.add("Content-Type", "application/json")
        post.content = json.dumps({"requests": parts}).encode()
        reply = self._client.send(post, token)
        if reply.status == 200 and any(s == 401 for _, s, _ in _parts(reply)) and not self._renewed:
            self._renewed = True
            return Reply(401, {})  # the token ended between two parts: renew it as for any other
        return reply

    def _read(self, reply: Reply) -> None:
        failed: dict[int, Again] = {}
        for number, _, part in _parts(reply):
            if number not in self._waiting:
                continue
            if 200 <= part.status < 300:
                self._answers[number] = part.json()
            else:
                meaning = verdict(part)
                if isinstance(meaning, Again):
                    failed[number] = meaning
                    continue
                if not isinstance(meaning, Refused):
                    raise meaning
                self._answers[number] = meaning
            del self._waiting[number]
        self._failed = failed
        if self._waiting:
            raise _Unanswered

    def _judge(self, error: Exception) -> Again | Exception:
        if not isinstance(error, _Unanswered):
            return self._client.judge(error)
        waits = [each.after for each in self._failed.values() if each.after is not None]
        worst = next((a for a in self._failed.values() if a.reason == "throttled"), None)
        worst = worst or next(iter(self._failed.values()), Again("no answer to a part of a batch"))
        longest = max(waits) if waits else None
        return Again(worst.reason, worst.status, longest, throttled=worst.throttled)

    def _give_up(self, error: SourceUnavailable) -> None:
        """Errors of the server on single parts are those parts' own; all else is the source's."""
        failed = [self._failed.get(number) for number in self._waiting]
        if any(a is None or a.status is None or a.status < 500 for a in failed):
            raise error
        for number in self._waiting:
            again = self._failed[number]
            self._answers[number] = SourceUnavailable(
                _SOURCE, again.reason, error.remedy, again.status
            )


class _Unanswered(Exception):
    """Some parts of a batch have to be asked for again."""


def _parts(reply: Reply) -> list[tuple[int, int, Reply]]:
    """Number, status and answer of each part of a batch.

    Raises:
        ValueError: this is no answer to a batch.
    """
    found = []
    for part in reply.json().get("responses") or []:
        headers = {str(k).lower(): str(v) for k, v in (part.get("headers") or {}).items()}
        status = int(part["status"])
        found.append((int(part["id"]), status, Reply(status, headers, told=part.get("body"))))
    return found
