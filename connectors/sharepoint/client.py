"""Microsoft's own client, and SharePoint's REST, with tokens, paging, batches and retries.

msgraph-sdk makes the requests: addresses, query options, redirects. Answers are read as JSON
here, for three reasons: a part of a ``$batch`` whose body is a JSON object is dropped by
msgraph-core 1.5.2; ``@microsoft.graph`` annotations are in no model; and one judge is to read
the refusals of Graph, of batches and of REST alike.
"""

from __future__ import annotations

import ssl
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx
from kiota_abstractions.authentication import AnonymousAuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_http.middleware.options import ResponseHandlerOption, RetryHandlerOption
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory

from access import Source
from connectors.interface import SourceUnavailable
from connectors.position import PageTokens
from connectors.retry import Again, Retry
from connectors.sharepoint.batch import MOST, Batch
from connectors.sharepoint.batch import Answer as Answer
from connectors.sharepoint.batch import Json as Json
from connectors.sharepoint.batch import Request as Request
from connectors.sharepoint.errors import Failure, NoToken, Reply, address_of, judge
from connectors.sharepoint.loop import Loop
from connectors.sharepoint.settings import SharePointSettings
from connectors.sharepoint.tokens import Tokens, encrypted, loopback

_SOURCE = Source.SHAREPOINT
_REDIRECTS = 5
_ACCEPT = "application/json;odata=nometadata"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GraphPage:
    """A page of one of Graph's collections."""

    value: tuple[Json, ...]
    link: str
    """The address that this page was asked for with; empty for the first."""
    next: str | None
    """The address of the next page; None on the last."""
    delta: str | None
    """The address to ask for changes from now on; on the last page of a ``delta`` alone."""


class SharePointClient:
    """One tenant, as one application. Safe to use from several threads."""

    def __init__(self, settings: SharePointSettings, retry: Retry):
        """Prepare, without a request.

        Raises:
            NotConfigured: the credentials can't be used, or tokens would travel in the clear.
        """
        self._settings = settings
        self._retry = retry
        self._tokens = Tokens(settings)
        self._root = encrypted(settings.graph_root, "SHAREPOINT_GRAPH_ROOT") + "/v1.0"
        # The SDK's own retries wait as long as they are told, and out of sight.
        chosen = {**options, RetryHandlerOption.get_key(): RetryHandlerOption(0, 0, False)}
        http = GraphClientFactory.create_with_default_middleware(
            client=httpx.AsyncClient(
                verify=_certificates("graph"), timeout=settings.timeout, http2=True
            ),
            options=chosen,
        )
        self._adapter = GraphRequestAdapter(AnonymousAuthenticationProvider(), client=http)
        self._adapter.base_url = self._root
        self._loop = Loop(http.aclose)
        self._rest = httpx.Client(
            verify=_certificates("rest"), timeout=settings.timeout, follow_redirects=False
        )
        weakref.finalize(self, self._rest.close)
        self.graph = GraphServiceClient(request_adapter=self._adapter)
        """Builds Graph's requests; sending them is for the methods here."""

    def told(self, request: Request) -> Json:
        """The JSON object that answers a request to Graph.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the object asked for is.
        """
        return self._graph(request, Reply.json)

    def content(self, request: Request, limit: int) -> bytes | None:
        """The bytes that answer a request to Graph; None where there are more than `limit`.

        No more than that is held at any time, whatever size was told. Graph sends on to an address
        that is its own key, so the token stays with Graph. Raises as `told` does.
        """
        url = self._root + self.relative(request())

        def send(token: str) -> Reply:
            reply, at = self._received(url, {"Authorization": f"Bearer {token}"}, limit), url
            for _ in range(_REDIRECTS):
                if reply.status not in {301, 302, 303, 307, 308}:
                    break
                at = urljoin(at, reply.headers.get("location", ""))
                if not at.startswith("https://") and not self._simulated(at):
                    raise SourceUnavailable(
                        _SOURCE, "a body that would travel unencrypted", "Run the sync again."
                    )
                reply = self._received(at, {}, limit)
            return reply

        body = self.asked_graph(send, lambda reply: reply.body)
        return None if len(body) > limit else body

    def pages(self, request: Request, link: str = "") -> Iterator[GraphPage]:
        """A collection of Graph's, page by page.

        Args:
            request: asks for its first page; its headers go with every page.
            link: where to begin instead: a page's address, or that of a ``delta``.

        Raises:
            SourceUnavailable: a page came back a second time, or leads to another host.
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the collection asked for is.
        """
        tokens = PageTokens(_SOURCE, link)
        while True:
            page = self._graph(_at(request, self._same_host(link)), _page(link))
            yield page
            if page.next is None:
                return
            link = tokens.checked(page.next)

    def batch(self, requests: Sequence[Request]) -> list[Answer]:
        """Several requests to Graph, twenty at a time; each answer in its request's place.

        Throttled parts are asked for again, and they alone, after the longest wait that one of
        them was told. A page is a first page: go on with `pages` at its ``@odata.nextLink``.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        answers: list[Answer] = []
        for start in range(0, len(requests), MOST):
            answers += Batch(self, requests[start : start + MOST]).answers()
        return answers

    def rest(self, host: str, url: str) -> Json:
        """The JSON object that answers a GET to SharePoint's REST.

        Args:
            host: the SharePoint host that the site's id begins with; tokens are made out to it.
            url: the address, ``<site.webUrl>/_api/...``.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the object asked for is.
        """
        return self._asked(f"https://{host}", self._get(host, url), Reply.json)

    def rest_page(self, host: str, url: str) -> tuple[list[Json], str | None]:
        """A page of a collection of SharePoint's REST, and the address of the next, if any.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the collection asked for is.
        """
        rows, after = self._asked(f"https://{host}", self._get(host, url), _rows)
        return rows, None if after is None else urljoin(url, after)

    def rest_pages(self, host: str, url: str) -> Iterator[list[Json]]:
        """A collection of SharePoint's REST, page by page; raises as `rest_page`.

        Raises:
            SourceUnavailable: a page came back a second time.
        """
        tokens = PageTokens(_SOURCE, url)
        following: str | None = url
        while following is not None:
            rows, after = self.rest_page(host, following)
            yield rows
            following = None if after is None else tokens.checked(after)

    def rest_content(self, host: str, url: str, limit: int) -> bytes | None:
        """A file's bytes from SharePoint's REST; None where there are more than `limit`.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: the file asked for is.
        """
        get = self._get(host, url, limit)
        body = self._asked(f"https://{host}", get, lambda reply: reply.body)
        return None if len(body) > limit else body

    def graph_token(self) -> str:
        """The token that goes with requests to Graph; raises as `told` does."""
        return self._retry.call(lambda: self._tokens.token(self._settings.audience), self.judge)

    def judge(self, error: Exception) -> Again | Exception:
        """What an error means for the request that met it, with who was asked where that helps."""
        meaning = judge(error)
        if not isinstance(meaning, Again) or meaning.status is not None:
            return meaning
        if isinstance(error, NoToken):
            return meaning.of(self._settings.authority, "SHAREPOINT_AUTHORITY")
        url = address_of(error) or self._root
        of_graph = urlsplit(url).netloc == urlsplit(self._root).netloc
        return meaning.of(url, "SHAREPOINT_GRAPH_ROOT" if of_graph else "the site's own address")

    def knows(self, host: str, link: str) -> bool:
        """Whether an address that was kept leads where this client would send a token.

        Args:
            host: the SharePoint host of the site concerned.
            link: a page's address, or that of a ``delta``.
        """
        here, there = urlsplit(self._root), urlsplit(link)
        if (here.scheme, here.netloc) == (there.scheme, there.netloc):
            return True
        return there.scheme == "https" and there.hostname == host

    def send(self, request: RequestInformation, token: str) -> Reply:
        """One request to Graph with a token, once; what it means is for others."""
        request.headers.add("Authorization", f"Bearer {token}")
        handler = ResponseHandlerOption(NativeResponseHandler())
        request.request_options[ResponseHandlerOption.get_key()] = handler
        # The SDK's annotation says None; with this handler it is the response.
        response: Any = self._loop.run(self._adapter.send_no_response_content_async(request, {}))
        return Reply(response.status_code, _lower(response.headers), response.content)

    def relative(self, request: RequestInformation) -> str:
        """The address of a request as a part of a batch names it."""
        self._adapter.set_base_url_for_request_information(request)
        return str(request.url).removeprefix(self._root)

    def asked_graph(
        self,
        send: Callable[[str], Reply],
        read: Callable[[Reply], T],
        judging: Callable[[Exception], Again | Exception] | None = None,
    ) -> T:
        """What `read` makes of the answer of Graph that `send` brings, given a token."""
        return self._asked(self._settings.audience, send, read, judging)

    def _graph(self, request: Request, read: Callable[[Reply], T]) -> T:
        return self.asked_graph(lambda token: self.send(request(), token), read)

    def _asked(
        self,
        audience: str,
        send: Callable[[str], Reply],
        read: Callable[[Reply], T],
        judging: Callable[[Exception], Again | Exception] | None = None,
    ) -> T:
        """Every request there is passes here, once for each time that it is sent."""

        def once() -> T:
            token = self._tokens.token(audience)
            reply = send(token)
            if reply.status == 401:
                self._tokens.forget(audience, token)
                reply = send(self._tokens.token(audience))
            if not 200 <= reply.status < 300:
                raise Failure(reply)
            return read(reply)

        return self._retry.call(once, judging or self.judge)

    def _get(self, host: str, url: str, limit: int | None = None) -> Callable[[str], Reply]:
        at = urlsplit(url)
        if not ((at.scheme == "https" and at.hostname == host) or self._simulated(url)):
            raise SourceUnavailable(
                _SOURCE, "an address that leads away from SharePoint", "Run the sync again."
            )

        def send(token: str) -> Reply:
            headers = {"Authorization": f"Bearer {token}", "Accept": _ACCEPT}
            return self._received(url, headers, limit)

        return send

    def _received(self, url: str, headers: dict[str, str], limit: int | None) -> Reply:
        """What a GET brings; of a body that is over the limit, no more than says so."""
        with self._rest.stream("GET", url, headers=headers) as response:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if limit is not None and len(body) > limit:
                    break
            return Reply(response.status_code, _lower(response.headers), bytes(body))

    def _simulated(self, url: str) -> bool:
        """Whether SharePoint and Graph are one server on this very machine."""
        here, there = urlsplit(self._root), urlsplit(url)
        return loopback(url) and (here.scheme, here.netloc) == (there.scheme, there.netloc)

    def _same_host(self, link: str) -> str:
        """`link`, unless it would take the token elsewhere."""
        here, there = urlsplit(self._root), urlsplit(link)
        if link and (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise SourceUnavailable(
                _SOURCE, "a page whose next one is on another host", "Run the sync again later."
            )
        return link


@cache
def _certificates(client: str) -> ssl.SSLContext:  # noqa: ARG001
    """By what servers' certificates are judged: read once, since that takes 50 ms.

    Each kind of client has its own, because it writes into it which protocols it speaks.
    """
    return httpx.create_ssl_context()


def asking(query: Any = None, *preferred: str) -> RequestConfiguration[Any]:
    """A builder's request with query parameters, and with words for ``Prefer``."""
    made: RequestConfiguration[Any] = RequestConfiguration(query_parameters=query)
    if preferred:
        made.headers.add("Prefer", ", ".join(preferred))
    return made


def _at(request: Request, link: str) -> Request:
    if not link:
        return request

    def there() -> RequestInformation:
        made = request()
        # The parameters are the builder's own, and setting an address empties them.
        made.path_parameters = dict(made.path_parameters)
        made.url = link
        return made

    return there


def _page(link: str) -> Callable[[Reply], GraphPage]:
    def read(reply: Reply) -> GraphPage:
        told = reply.json()
        rows = told.get("value")
        if not isinstance(rows, list):
            raise ValueError("a page without rows")
        delta = told.get("@odata.deltaLink")
        return GraphPage(tuple(rows), link, told.get("@odata.nextLink") or None, delta)

    return read


def _rows(reply: Reply) -> tuple[list[Json], str | None]:
    told = reply.json()
    rows = told.get("value")
    if not isinstance(rows, list):
        raise ValueError("a page without rows")
    return rows, told.get("odata.nextLink") or told.get("@odata.nextLink") or None


def _lower(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}
