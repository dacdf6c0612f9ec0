"""What every connector promises, against an emulator that nobody here wrote.

There is none of SharePoint's; for that it is our own simulator, spoken to by Microsoft's SDK.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from access import AccessControl, Source
from connectors.capability import Outcome
from connectors.github.settings import GitHubSettings
from connectors.google_drive.settings import GoogleDriveSettings
from connectors.interface import (
    AuthenticationFailed,
    ConnectorError,
    CursorExpired,
    SourceConnector,
)
from connectors.registry import available_sources, open_connector
from connectors.settings import ConnectorSettings
from connectors.sharepoint.settings import SharePointSettings
from corpus import Container, Cursor, Document, Page, Reacl, Upsert
from simulator.embedded import serve
from simulator.sharepoint.company import APP, APP_SECRET
from simulator.sharepoint.ids import TENANT
from simulator.world import World
from tests.fixtures.backlot import Backlot, running
from tests.fixtures.wire import Answer, Asked, serving

SECRET = "sesame-5f0c"
SETTINGS: dict[Source, Callable[[str, str, str], ConnectorSettings]] = {
    Source.GOOGLE_DRIVE: lambda url, _, token: GoogleDriveSettings(
        _env_file=None, access_token=token, api_root=url, page_size=4, attempts=2
    ),
    Source.GITHUB: lambda url, organisation, token: GitHubSettings(
        _env_file=None,
        token=token,
        api_url=f"{url}/github",
        organisations=(organisation,),
        page_size=3,
        attempts=2,
    ),
    Source.SHAREPOINT: lambda url, _, token: SharePointSettings(
        _env_file=None,
        tenant=TENANT,
        client_id=APP,
        client_secret=token,
        authority=f"{url}/entra",
        graph_root=f"{url}/graph",
        graph_audience="https://graph.microsoft.com",
        page_size=4,
        attempts=2,
    ),
}
"""One line a source: URL, organisation and token (or secret) to settings."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where a source is, and as whom it is asked."""

    url: str
    organisation: str
    token: str


@dataclass(frozen=True, slots=True)
class Crawl:
    pages: list[Page]

    @property
    def documents(self) -> dict[str, Document]:
        return {
            c.document.id: c.document
            for page in self.pages
            for c in page.changes
            if isinstance(c, Upsert)
        }

    @property
    def versions(self) -> dict[str, str]:
        return {id: document.version for id, document in self.documents.items()}


class Known:
    def __init__(self, versions: Mapping[str, str]):
        self.versions = versions
        self.asked: list[int] = []

    def __call__(self, ids: Sequence[str]) -> Mapping[str, str]:
        self.asked.append(len(ids))
        return {id: self.versions[id] for id in ids if id in self.versions}


def nothing(ids: Sequence[str]) -> Mapping[str, str]:
    return {}


def crawl(
    connector: SourceConnector,
    container: Container,
    since: Cursor | None = None,
    known: Callable[[Sequence[str]], Mapping[str, str]] = nothing,
) -> Crawl:
    return Crawl(list(connector.changes(container, since, known)))


def who(access: AccessControl) -> set[tuple[str, frozenset[object] | None]]:
    return {(clause.key, clause.grants) for clause in access.clauses}


@pytest.fixture(scope="module")
def backlot() -> Iterator[Backlot]:
    with running() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def company() -> Iterator[str]:
    with serve(World.company()) as simulator:
        yield simulator.url


@pytest.fixture(params=list(SETTINGS), ids=str)
def source(request: pytest.FixtureRequest) -> Source:
    found: Source = request.param
    return found


@pytest.fixture
def server(source: Source, request: pytest.FixtureRequest) -> Server:
    if source is Source.SHAREPOINT:
        return Server(request.getfixturevalue("company"), "", APP_SECRET)
    backlot: Backlot = request.getfixturevalue("backlot")
    return Server(backlot.url, backlot.organisation, backlot.admin_token)


@pytest.fixture
def connector(source: Source, server: Server) -> SourceConnector:
    return open_connector(source, SETTINGS[source](server.url, server.organisation, server.token))


@pytest.fixture
def container(connector: SourceConnector) -> Container:
    return next(connector.containers())


def test_every_registered_connector_is_under_contract() -> None:
    assert set(available_sources()) == set(SETTINGS)


def test_containers_are_unique_and_stable(connector: SourceConnector) -> None:
    found = list(connector.containers())
    assert found
    assert found == list(connector.containers())
    assert len({c.id for c in found}) == len(found)
    assert all(c.source is connector.source and c.name for c in found)


def test_a_full_crawl_tells_every_document_with_a_known_access_control(
    connector: SourceConnector, container: Container
) -> None:
    found = crawl(connector, container)
    assert len(found.pages) > 1
    assert len(found.documents) == sum(len(page.changes) for page in found.pages)
    for id, document in found.documents.items():
        assert (document.id, document.container_id) == (id, container.id)
        assert document.access.known
        assert document.title
        assert document.version
        assert (document.content.data is None) == bool(document.content.skipped)
        assert all(t is None or t.tzinfo for t in (document.created_at, document.modified_at))


def test_a_second_crawl_reads_no_body_and_asks_once_a_page(
    connector: SourceConnector, container: Container
) -> None:
    first = crawl(connector, container)
    known = Known(first.versions)
    second = crawl(connector, container, None, known)
    changes = [c for page in second.pages for c in page.changes]
    assert {type(c) for c in changes} == {Reacl}
    assert sum(known.asked) == len(first.versions)
    assert len(known.asked) <= len(second.pages)
    for change in changes:
        assert isinstance(change, Reacl)
        assert who(change.access) == who(first.documents[change.document_id].access)
        assert change.part == first.documents[change.document_id].part


def test_a_changed_version_is_read_again(connector: SourceConnector, container: Container) -> None:
    versions = crawl(connector, container).versions
    stale = min(versions)
    again = crawl(connector, container, None, Known({**versions, stale: "older"}))
    assert set(again.documents) == {stale}


def test_going_on_from_any_page_gives_what_an_undisturbed_crawl_gives(
    connector: SourceConnector, container: Container
) -> None:
    whole = crawl(connector, container)
    for cut in range(len(whole.pages) - 1):
        rest = crawl(connector, container, whole.pages[cut].cursor)
        together = {**Crawl(whole.pages[: cut + 1]).documents, **rest.documents}
        assert {k: v.version for k, v in together.items()} == whole.versions
        assert not Crawl(whole.pages[: cut + 1]).documents.keys() & rest.documents.keys()


def test_a_reader_that_stops_early_leaves_nothing_running(
    connector: SourceConnector, container: Container
) -> None:
    import threading

    pages = connector.changes(container, None, nothing)
    first = next(pages)
    pages.close()  # type: ignore[attr-defined]
    names = {t.name for t in threading.enumerate()}
    assert not [n for n in names if "-reading" in n]
    # Killed after the page was read and before it was stored: nothing is lost.
    assert crawl(connector, container).pages[0].cursor == first.cursor


def test_the_listing_is_exactly_what_a_crawl_tells(
    connector: SourceConnector, container: Container
) -> None:
    pages = list(connector.listing(container))
    listed = {id: version for page in pages for id, version in page.versions.items()}
    assert listed == crawl(connector, container).versions
    assert [page.complete for page in pages] == [False] * (len(pages) - 1) + [True]
    assert not any(page.refused for page in pages)


def test_a_listing_in_parts_tells_of_each_what_is_in_it(
    connector: SourceConnector, container: Container
) -> None:
    told = crawl(connector, container)
    within = {id: document.part for id, document in told.documents.items()}
    pages = list(connector.listing(container))
    assert {id: page.part for page in pages for id in page.versions} == within
    assert {page.parts for page in pages[:-1]} <= {None}
    if pages[-1].parts is None:  # a source without parts
        assert not any(page.part or page.whole for page in pages)
        assert not any(page.compare or page.cursor.doubted for page in told.pages)
        return
    assert pages[-1].parts >= set(within.values())
    assert {page.part for page in pages if page.whole} == pages[-1].parts
    # After a part was said to be whole no more comes of it.
    for part in pages[-1].parts:
        assert [page.whole for page in pages if page.part == part][-1]
    # A crawl has every part compared, and then leaves none in doubt.
    assert told.pages[-1].compare == told.pages[-1].cursor.doubted == {"", *pages[-1].parts}
    assert not any(page.compare or page.whole for page in told.pages[:-1])


def test_a_part_is_listed_by_itself(connector: SourceConnector, container: Container) -> None:
    whole = list(connector.listing(container))
    for part in whole[-1].parts or ():
        pages = list(connector.listing(container, {part}))
        assert {page.part for page in pages if page.whole} == {part}
        assert pages[-1].complete == (len(whole[-1].parts or ()) == 1)
        assert pages[-1].parts == whole[-1].parts
        wanted = [page.versions for page in whole if page.part == part]
        assert [page.versions for page in pages if page.part] == wanted


def test_the_permission_sweep_is_exactly_what_a_crawl_tells(
    connector: SourceConnector, container: Container
) -> None:
    documents = crawl(connector, container).documents
    pages = list(connector.permissions(container, None))
    swept = {c.document_id: c for page in pages for c in page.changes}
    assert swept.keys() == documents.keys()
    for id, change in swept.items():
        assert isinstance(change, Reacl)
        assert who(change.access) == who(documents[id].access)
        assert change.part == documents[id].part
    for page in pages:
        told = {clause for c in page.changes if isinstance(c, Reacl) for clause in c.access.clauses}
        assert told == set(page.clauses)
    rest = list(connector.permissions(container, pages[0].cursor))
    assert {c.document_id for page in rest for c in page.changes} | {
        c.document_id for c in pages[0].changes
    } == documents.keys()


def test_memberships_are_of_this_source(connector: SourceConnector) -> None:
    for page in connector.memberships():
        assert page.source is connector.source
        for group, members in page.groups.items():
            assert all(p.source is connector.source for p in (group, *(members or ())))


def test_every_capability_works_or_says_what_is_missing(connector: SourceConnector) -> None:
    told = list(connector.capabilities())
    assert told
    assert all(each.name and each.needed_for for each in told)
    wrong = {each.name: each for each in told if each.outcome is Outcome.FAILS}
    # The emulator has no list of an organisation's members.
    assert set(wrong) <= {"list an organisation's members"}
    assert all(each.reason and each.remedy for each in wrong.values())


def test_what_is_refused_is_said_with_a_remedy(source: Source) -> None:
    """Whatever the source says no to: no stack trace, nothing that the server wrote."""

    def handler(asked: Asked) -> Answer:
        return entra(asked) if "/entra/" in asked.path else Answer({"message": "Budget"}, 403)

    with serving(handler) as wire:
        connector = open_connector(source, SETTINGS[source](wire.url, "acme", SECRET))
        told = list(connector.capabilities())
    assert told
    for each in told:
        assert each.outcome is not Outcome.WORKS
        assert each.outcome is Outcome.UNTRIED or each.reason
        assert "Budget" not in each.reason + each.remedy


def test_a_cursor_that_is_not_ours_is_expired(
    connector: SourceConnector, container: Container
) -> None:
    for token in ("", "{}", "[1]", '{"v": 2, "phase": "crawl", "token": ""}'):
        with pytest.raises(CursorExpired):
            crawl(connector, container, Cursor(token))


def test_a_wrong_token_is_one_line_with_status_and_remedy(
    source: Source, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    connector = open_connector(source, SETTINGS[source](server.url, server.organisation, SECRET))
    with pytest.raises(AuthenticationFailed, match="HTTP 401") as caught:
        list(connector.containers())
    said = str(caught.value)
    assert caught.value.status == 401
    assert caught.value.remedy
    assert said.startswith(f"{source}: ")
    assert "\n" not in said
    assert SECRET not in said + repr(caught.value) + repr(connector) + caplog.text
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_no_answer_leaks_a_secret_or_what_the_server_said(
    source: Source, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def handler(asked: Asked) -> Answer:
        if asked.path.startswith("/entra/"):
            return entra(asked)
        assert SECRET in asked.headers["authorization"]
        return Answer({"message": "Budget of Project X", "error": {"message": "Budget"}}, status)

    with serving(handler) as wire:
        connector = open_connector(
            source, SETTINGS[source](wire.url, "acme", SECRET), sleep=lambda _: None
        )
        with pytest.raises(ConnectorError) as caught:
            list(connector.containers())
    assert caught.value.status == status
    assert "Budget" not in str(caught.value)
    assert SECRET not in str(caught.value) + caplog.text


def entra(asked: Asked) -> Answer:
    """Microsoft's token server, which gives the secret itself for a token."""
    base = f"https://{asked.headers['host']}/entra/{TENANT}"
    if asked.path.endswith("/openid-configuration"):
        return Answer(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "issuer": f"{base}/v2.0",
            }
        )
    assert SECRET in asked.body.decode()
    return Answer({"access_token": SECRET, "token_type": "Bearer", "expires_in": 3600})
