"""Files as Drive lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from access import Source
from connectors.google_drive.client import GoogleClient
from connectors.google_drive.errors import DriveRefused
from connectors.google_drive.file import (
    FIELDS,
    FOLDER,
    LIMITED,
    MY_DRIVE,
    OPTIONAL,
    SHORTCUT,
    DriveFile,
)
from connectors.interface import SourceUnavailable
from connectors.position import PageTokens
from corpus import Container

MOST = 1000
"""Files that Google tells of at once, at most."""


@dataclass(frozen=True, slots=True)
class FilePage:
    """A page of a container's files."""

    files: tuple[DriveFile, ...]
    token: str
    """The token that this page was asked for with; empty for the first."""
    next: str | None
    """The token of the next page; None on the last."""
    incomplete: bool
    """Google's own word that the search left something out."""


@dataclass(frozen=True, slots=True)
class DriveChange:
    """One entry of a change log."""

    id: str
    """The file or folder; empty when the shared drive itself changed."""
    file: DriveFile | None
    """As it is now; None when the log says that it is deleted, or out of the account's sight."""


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of a change log."""

    changes: tuple[DriveChange, ...]
    token: str
    """The token that this page was asked for with."""
    next: str
    """The token to go on from: of the next page, or for the next time."""
    last: bool
    """Whether the log ends with it, for now."""


class Files:
    """The files of one container."""

    def __init__(
        self,
        client: GoogleClient,
        container: Container,
        *,
        owned: bool,
        page_size: int,
        now: Callable[[], datetime],
    ):
        """Prepare, without a request.

        Args:
            client: Drive, as an account that sees the container.
            container: a shared drive or a My Drive.
            owned: leave out of a My Drive what others own, since it has its home with them.
            page_size: files asked for at once.
            now: gives the present instant, with a time zone.
        """
        self._client = client
        self._now = now
        self._page_size = page_size
        self._mine = ""
        if container.id.startswith(MY_DRIVE):
            self._where: dict[str, Any] = {"corpora": "user"}
            self._mine = " and 'me' in owners" if owned else ""
        else:
            self._where = {
                "corpora": "drive",
                "driveId": container.id,
                "includeItemsFromAllDrives": True,
            }
        self._optional = True

    def pages(self, token: str = "", page_size: int | None = None) -> Iterator[FilePage]:
        """The pages of what is no folder and not in the bin, from `token` on.

        Args:
            token: the first page's.
            page_size: files asked for at once, if not as many as the settings say.

        Raises:
            SourceUnavailable: the container is not there, or a page token came back twice.
        """
        query = f"trashed = false and mimeType != '{FOLDER}'{self._mine}"
        return self._pages(query, token, page_size or self._page_size)

    def within(self, folders: Iterable[str]) -> Iterator[FilePage]:
        """What is directly in any of these folders, in the bin or not; folders left out.

        Raises:
            SourceUnavailable: as `pages`.
        """
        named = " or ".join(f"'{each}' in parents" for each in folders)
        return self._pages(f"({named}) and mimeType != '{FOLDER}'{self._mine}", "", MOST)

    def everything(self) -> Iterator[FilePage]:
        """As `pages`, in the largest pages there are, with what is in the bin.

        Raises:
            SourceUnavailable: as `pages`.
        """
        return self._pages(f"mimeType != '{FOLDER}'{self._mine}", "", MOST)

    def folders(self) -> Iterator[FilePage]:
        """The container's folders, those of a My Drive that others own among them.

        Raises:
            SourceUnavailable: as `pages`.
        """
        return self._pages(f"mimeType = '{FOLDER}'", "", MOST)

    def get(self, id: str) -> DriveFile | None:
        """A file or folder by its id; None where the account can't see it.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        asked = self._now()
        try:
            told = self._with_fields(
                lambda fields: self._client.service.files().get(
                    fileId=id, supportsAllDrives=True, fields=fields
                )
            )
        except DriveRefused as refused:
            if refused.status in {403, 404}:
                return None
            raise SourceUnavailable(
                Source.GOOGLE_DRIVE,
                f"a file can't be asked for ({refused.reason})",
                "Run the sync again later.",
                refused.status,
            ) from None
        return self._read(told, asked)

    def changes(self, token: str, page_size: int = 1000) -> Iterator[ChangePage]:
        """The pages of the container's own change log from `token` on.

        Raises:
            CursorExpired: the log no longer knows `token`.
            DriveRefused: the account may not follow this log.
            SourceUnavailable: a page token came back twice.
        """
        tokens = PageTokens(Source.GOOGLE_DRIVE, token)
        while True:
            asked = self._now()
            told = self._with_fields(
                partial(self._changes, token, page_size),
                "nextPageToken,newStartPageToken,changes(changeType,removed,fileId,driveId,"
                "file({}))",
            )
            following = told.get("nextPageToken") or told.get("newStartPageToken")
            if not following:
                raise SourceUnavailable(
                    Source.GOOGLE_DRIVE,
                    "a page of changes that does not say where to go on",
                    "Run the sync again later.",
                )
            yield ChangePage(
                tuple(
                    DriveChange(
                        str(each.get("fileId") or ""),
                        self._read(each["file"], asked) if each.get("file") else None,
                    )
                    for each in told.get("changes") or []
                ),
                token,
                str(following),
                last=not told.get("nextPageToken"),
            )
            if not told.get("nextPageToken"):
                return
            token = tokens.checked(str(following))

    def start(self) -> str:
        """Where the change log stands now.

        Raises:
            DriveRefused: the account may not follow this log, or there is none.
            ConnectorError: the source as a whole refuses or is unavailable.
        """
        drive = self._where.get("driveId")
        told = self._client.told(
            lambda: self._client.service.changes().getStartPageToken(
                supportsAllDrives=True, **({"driveId": drive} if drive else {})
            )
        )
        return str(told["startPageToken"])

    def _changes(self, token: str, page_size: int, fields: str) -> Any:
        drive = self._where.get("driveId")
        return self._client.service.changes().list(
            pageToken=token,
            pageSize=page_size,
            spaces="drive",
            supportsAllDrives=True,
            includeItemsFromAllDrives=drive is not None,
            fields=fields,
            **({"driveId": drive} if drive else {}),
        )

    def _pages(self, query: str, token: str, page_size: int) -> Iterator[FilePage]:
        tokens = PageTokens(Source.GOOGLE_DRIVE, token)
        while True:
            page = self._page(query, token, page_size)
            yield page
            if page.next is None:
                return
            token = tokens.checked(page.next)

    def _page(self, query: str, token: str, page_size: int) -> FilePage:
        asked = self._now()
        try:
            told = self._with_fields(
                partial(self._list, query, token, page_size),
                "nextPageToken,incompleteSearch,files({})",
            )
        except DriveRefused as refused:
            raise SourceUnavailable(
                Source.GOOGLE_DRIVE,
                f"the files of a container can't be listed ({refused.reason})",
                "Check that the account is still a member of the drive.",
                refused.status,
            ) from None
        listed = [f for f in told.get("files") or [] if f.get("mimeType") != SHORTCUT]
        return FilePage(
            tuple(self._read(f, asked) for f in listed),
            token,
            told.get("nextPageToken") or None,
            bool(told.get("incompleteSearch")),
        )

    def _list(self, query: str, token: str, page_size: int, fields: str) -> Any:
        return self._client.service.files().list(
            **self._where,
            q=query,
            spaces="drive",
            supportsAllDrives=True,
            pageSize=page_size,
            pageToken=token or None,
            fields=fields,
        )

    def _read(self, told: dict[str, Any], asked: datetime) -> DriveFile:
        return DriveFile.read(told if self._optional else {**told, LIMITED: None}, asked)

    def _with_fields(self, request: Callable[[str], Any], mask: str = "{}") -> dict[str, Any]:
        """What answers, with the optional fields unless the server does not know them.

        A server without limited-access folders refuses to be asked about them. Then `limited`
        is None, and no file is trusted to follow its folder.
        """
        if self._optional:
            try:
                return self._client.told(
                    partial(request, mask.format(",".join((*FIELDS, *OPTIONAL))))
                )
            except DriveRefused as refused:
                names = (each.partition("(")[0] for each in OPTIONAL)
                if refused.status != 400 or not any(n in refused.message for n in names):
                    raise
                self._optional = False
        return self._client.told(partial(request, mask.format(",".join(FIELDS))))
