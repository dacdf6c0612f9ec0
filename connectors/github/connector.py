"""GitHub as a `SourceConnector`."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

from access import AccessControl, Clause, Source
from connectors.budget import Budget
from connectors.capability import Capability
from connectors.github import files, issues
from connectors.github.capabilities import of_organisation, of_repository
from connectors.github.client import GitHubClient, Rows
from connectors.github.permissions import clause, enterprise, memberships, tenant
from connectors.github.settings import GitHubSettings
from connectors.interface import (
    CursorExpired,
    KnownVersions,
    ListingPage,
    MissingScope,
    SourceUnavailable,
)
from connectors.patience import Patience
from connectors.position import END, Position
from connectors.reading import Found, Listed, Reading
from connectors.refused import Refused
from connectors.retry import Retry
from corpus import (
    Container,
    Cursor,
    MembershipPage,
    Page,
    PermissionPage,
    Reacl,
)

_FILES = "files"
_ISSUES = "issues"


class GitHubConnector:
    """Documentation files, issues and pull requests, with who may read their repository.

    Files come first, by their paths at one commit, then issues and pull requests in the order
    of their making, so that what is new comes last.
    """

    source = Source.GITHUB

    def __init__(
        self,
        settings: GitHubSettings,
        *,
        budgets: Path | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        """Prepare, without a request."""
        self._settings = settings
        self._now = now
        token = settings.token.get_secret_value() if settings.token is not None else ""
        retry = Retry(
            self.source,
            settings.attempts,
            settings.longest_wait,
            sleep,
            budget=Budget.of(budgets, self.source, token, settings.rate, settings.burst),
        )
        self._client = GitHubClient(settings, retry)

    def containers(self) -> Iterator[Container]:
        """The repositories of the organisations that the settings admit."""
        for organisation in self._settings.organisations:
            try:
                for told in self._repositories(organisation):
                    yield Container(
                        self.source,
                        str(told["id"]),
                        str(told["full_name"]),
                        str(told.get("html_url") or ""),
                        owner=str(told["owner"]["login"]),
                    )
            except Refused as refused:
                raise MissingScope(
                    self.source,
                    "an organisation's repositories can't be listed",
                    "Check GITHUB_ORGANISATIONS, and that the token may see them.",
                    refused.status,
                ) from None

    def changes(
        self, container: Container, since: Cursor | None, known: KnownVersions
    ) -> Iterator[Page]:
        """Every document of the repository, from the page that `since` names or from the first.

        The last page's cursor says that the crawl is over; from it the next call starts anew.
        """
        place = Position.start(self.source, since, (_FILES, _ISSUES))
        repository, readers = self._repository(container)
        access = AccessControl.all_of(readers)
        listing = (
            Listed(found, here.cursor(), following.cursor(), whole=following.phase == END)
            for found, here, following in self._found(repository, access, place)
        )
        concurrency = self._settings.concurrency
        with Reading(self.source, concurrency, Patience(), known, self._now) as reading:
            yield from reading.pages(listing)

    def permissions(self, container: Container, since: Cursor | None) -> Iterator[PermissionPage]:
        """The repository's one clause, and every document under it."""
        place = Position.start(self.source, since, (_FILES, _ISSUES))
        repository, readers = self._repository(container)
        access = AccessControl.all_of(readers)
        for found, _, following in self._found(repository, access, place):
            changes = tuple(Reacl(each.id, access) for each in found)
            yield PermissionPage((readers,), changes, following.cursor())

    def listing(
        self,
        container: Container,
        parts: Collection[str] | None = None,  # noqa: ARG002
    ) -> Iterator[ListingPage]:
        """Ids and versions; complete only if every file of the tree was told.

        A repository has no parts.
        """
        repository = self._told(container)
        id = str(repository["id"])
        tree = self._tree(repository)
        limit = self._settings.max_bytes
        yield ListingPage({blob.id(id): blob.version(limit) for blob in tree.blobs}, False)
        for page in self._issues(repository):
            yield ListingPage(
                {issues.issue_id(id, row): issues.issue_version(row) for row in page.rows},
                page.next is None and tree.complete,
            )

    def memberships(self) -> Iterator[MembershipPage]:
        """The members of every organisation and team; None where they can't be read.

        The enterprise's members are those of the organisations that the settings name: its own
        list needs an enterprise owner's token.
        """
        if self._settings.enterprise:
            whole = enterprise(self._settings.enterprise)
            held = frozenset(tenant(each) for each in self._settings.organisations)
            yield MembershipPage(self.source, {whole: held})
        for organisation in self._settings.organisations:
            yield from memberships(self._client, organisation)

    def capabilities(self) -> Iterator[Capability]:
        """What a sync with these settings needs to do, each tried on the first that is found."""
        try:
            scopes = self._client.scopes()
        except Refused:
            scopes = None
        for organisation in self._settings.organisations:
            yield from of_organisation(self._client, organisation, scopes)
        yield from of_repository(self._client, self._sample())

    def _sample(self) -> dict[str, Any] | None:
        """A repository to try things on, one that is not public if there is any."""
        found: dict[str, Any] | None = None
        for organisation in self._settings.organisations:
            try:
                for told in self._repositories(organisation):
                    found = found or told
                    if told.get("visibility") != "public":
                        return told
            except Refused:
                continue
        return found

    def _repositories(self, organisation: str) -> Iterator[dict[str, Any]]:
        """What GitHub tells of those repositories of an organisation that the settings admit."""
        for told in self._client.rows(f"/orgs/{organisation}/repos", type="all"):
            if self._admitted(str(told["full_name"])):
                yield told

    def _found(
        self, repository: dict[str, Any], access: AccessControl, place: Position
    ) -> Iterator[tuple[Sequence[Found], Position, Position]]:
        """Pages of documents, each with its own place and the one after it."""
        limit = self._settings.max_bytes
        id = str(repository["id"])

        def file(blob: files.Blob) -> Found:
            read = partial(files.document, self._client, repository, blob, limit)
            return Found(blob.id(id), blob.version(limit), lambda: access, read)

        def issue(row: dict[str, Any]) -> Found:
            read = partial(issues.document, self._client, repository, row, limit)
            return Found(issues.issue_id(id, row), issues.issue_version(row), lambda: access, read)

        if place.phase == _FILES:
            for blobs, here, following in self._files(repository, place):
                yield [file(blob) for blob in blobs], here, following
            place = Position(_ISSUES)
        for page in self._issues(repository, place.token):
            yield (
                [issue(row) for row in page.rows],
                Position(_ISSUES, page.token),
                Position(END) if page.next is None else Position(_ISSUES, page.next),
            )

    def _files(
        self, repository: dict[str, Any], place: Position
    ) -> Iterator[tuple[Sequence[files.Blob], Position, Position]]:
        """Pages of one commit's files; a place is the commit's tree and the last path read."""
        sha, _, after = place.token.partition(" ")
        tree = self._tree(repository, sha)
        blobs = [blob for blob in tree.blobs if not after or blob.path > after]
        here = place
        size = self._settings.page_size
        for start in range(0, len(blobs), size):
            page = blobs[start : start + size]
            more = start + size < len(blobs)
            following = (
                Position(_FILES, f"{tree.sha} {page[-1].path}") if more else Position(_ISSUES)
            )
            yield page, here, following
            here = following

    def _tree(self, repository: dict[str, Any], sha: str = "") -> files.Tree:
        try:
            return files.tree(
                self._client,
                str(repository["full_name"]),
                sha or str(repository["default_branch"]),
                self._settings.documentation,
            )
        except Refused as refused:
            if sha and refused.status in {404, 422}:
                raise CursorExpired(
                    self.source,
                    "the commit that was being read is gone",
                    "Reconcile from the start.",
                    refused.status,
                ) from None
            raise MissingScope(
                self.source,
                "the files of a repository can't be listed",
                "Grant the token read access to repository contents.",
                refused.status,
            ) from None

    def _issues(self, repository: dict[str, Any], token: str = "") -> Iterator[Rows]:
        path = f"/repos/{repository['full_name']}/issues"
        try:
            yield from self._client.pages(path, token, state="all", sort="created", direction="asc")
        except Refused as refused:
            if refused.status != 410:  # "Issues are disabled for this repo"
                raise MissingScope(
                    self.source,
                    "the issues of a repository can't be listed",
                    "Grant the token read access to issues and pull requests.",
                    refused.status,
                ) from None
            yield Rows((), "", None)

    def _repository(self, container: Container) -> tuple[dict[str, Any], Clause]:
        began = self._now()
        told = self._told(container)
        return told, clause(self._client, told, self._settings.enterprise, began)

    def _told(self, container: Container) -> dict[str, Any]:
        """The repository by its number, whatever it is called by now.

        A freed name can be taken by another repository, so the name alone proves nothing.
        """
        try:
            told = self._client.get(f"/repos/{container.name}")
            if str(told.get("id")) == container.id:
                return told
        except Refused:
            pass
        try:
            told = self._client.get(f"/repositories/{container.id}")
        except Refused as refused:
            raise SourceUnavailable(
                self.source,
                "a repository is gone or no longer visible to the token",
                "List the containers again, or grant the token access.",
                refused.status,
            ) from None
        if str(told.get("id")) != container.id:
            raise SourceUnavailable(
                self.source, "another repository was answered", "List the containers again."
            )
        return told

    def _admitted(self, name: str) -> bool:
        name = name.lower()

        def among(patterns: tuple[str, ...]) -> bool:
            return any(fnmatchcase(name, pattern.lower()) for pattern in patterns)

        chosen = not self._settings.repositories or among(self._settings.repositories)
        return chosen and not among(self._settings.exclude_repositories)
