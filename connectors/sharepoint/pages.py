"""Site pages: their web parts as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from html import escape
from typing import Any

from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.sites.item.pages.item.graph_site_page.graph_site_page_request_builder import (  # noqa: E501
    GraphSitePageRequestBuilder,
)

from access import AccessControl, Source
from connectors.left_out import TOO_LARGE
from connectors.sharepoint.bearers import Bearer, Guard
from connectors.sharepoint.client import Json, SharePointClient, asking
from connectors.sharepoint.drives import READINGS
from connectors.sharepoint.errors import SharePointRefused
from connectors.sharepoint.parts import Part
from connectors.sharepoint.permissions import Permissions
from connectors.sharepoint.reader import Entry, Happened, MakePermissions, PartPage, guarded
from connectors.sharepoint.rows import Row, RowBearers, Rows
from connectors.sharepoint.settings import SharePointSettings
from connectors.versions import version_of
from corpus import Content, Document

_RENDERING = 1
"""Raise when the same page is read differently than before, so that it is read again."""


class RowReader:
    """What pages and list items have in common."""

    def __init__(
        self,
        client: SharePointClient,
        part: Part,
        permissions: MakePermissions,
        settings: SharePointSettings,
    ):
        """Prepare, without a request."""
        self.part = part
        self._client = client
        self._make = permissions
        self._settings = settings
        self.begin()

    def begin(self) -> None:
        """Forget what is known of permissions, folders and columns."""
        self._permissions = self._make()
        self._bearers = RowBearers(self._client, self.part)
        self._rows = self._begun()

    def mark(self) -> str:
        """Where the changes stand now."""
        return self._rows.mark()

    def whole(self, link: str, page_size: int) -> Iterator[PartPage]:
        """Every document of the list."""
        for page in self._rows.pages(link, page_size):
            within = {row.id: self.part.list for row in page.rows}
            promised = {} if page.link else {self.part.list: self.part.count}
            entries = self._entries(page.rows)
            yield PartPage(entries, page.link, page.next, "", within, promised)

    def top(self) -> AccessControl:
        """Who reads what has the list's own permissions, or the site's."""
        bearer = Bearer(self.part.site, self.part.list)
        return self._permissions.access(Guard(bearer, self.part.drafts))

    def since(self, mark: str, top: str) -> Iterator[Happened]:  # noqa: ARG002
        """What happened to rows; see `Rows.since`. Nothing is told of the list itself."""
        self.begin()
        for page in self._rows.since(mark):
            folders = any(row.folder for row in page.rows)
            yield Happened(
                self._entries(page.rows),
                page.mark,
                lost=page.lost,
                beneath=self.everything if folders else None,
            )
            self.begin()  # before the next rows are read, so that the date covers them

    def everything(self) -> Iterator[tuple[Entry, ...]]:
        """Every document of the list, looked at anew."""
        self.begin()
        for page in self._rows.pages("", 1000):
            yield self._entries(page.rows)

    def _begun(self) -> Rows:
        raise NotImplementedError

    def _entry(self, row: Row) -> Entry | None:
        raise NotImplementedError

    def _document(self, row: Row, access: AccessControl) -> Document:
        raise NotImplementedError

    def _listed(self, row: Row, version: str) -> Entry:
        # The look is taken now: another page may begin another.
        access = partial(self._access, self._permissions, self._bearers, row)
        return Entry(row.id, version, access, partial(self._read, self._rows, row))

    def _access(self, permissions: Permissions, bearers: RowBearers, row: Row) -> AccessControl:
        def guard() -> Guard:
            published = row.published(moderated=self.part.moderated)
            author = row.author if self.part.own_only else None
            draft = 0 if published else self.part.drafts
            return Guard(bearers.bearer(row), draft, author, own=row.unique)

        return guarded(permissions, f"item/{self.part.list}/{row.number}", guard)

    def _read(self, rows: Rows, row: Row, access: AccessControl) -> Document:
        """The document, with readers who may read the very body that it has.

        A page may be edited after it was listed, and SharePoint hands out its draft: then both
        are looked at again.

        Raises:
            ConnectorError: the source as a whole refuses or is unavailable.
            SharePointRefused: it can't be read, or is never twice the same.
        """
        for _ in range(READINGS):
            document = self._document(row, access)
            permissions = self._make()
            now = self._again(rows, row)
            if row.unchanged(now):
                return document
            row = now
            access = self._access(permissions, RowBearers(self._client, self.part), row)
        raise SharePointRefused(409, "it changes while it is read")

    def _again(self, rows: Rows, row: Row) -> Row:
        """The row as it is now."""
        now = rows.numbered([row.number])
        if not now:
            raise SharePointRefused(404, "itemNotFound")
        return now[0]

    def _entries(self, rows: Iterable[Row]) -> tuple[Entry, ...]:
        found = (self._entry(row) for row in rows if not row.folder)
        return tuple(each for each in found if each is not None)


class PageLibrary(RowReader):
    """Reads the pages of a site."""

    def _begun(self) -> Rows:
        return Rows(self._client, self.part)

    def _entry(self, row: Row) -> Entry | None:
        if not row.name.lower().endswith(".aspx"):
            return None
        return self._listed(row, self._version(row))

    def _version(self, row: Row) -> str:
        told = str(row.told.get("OData__UIVersionString"))
        return version_of(_RENDERING, row.title, row.path, row.owners, row.modified_at, told)

    def _document(self, row: Row, access: AccessControl) -> Document:
        title = row.title or row.name.removesuffix(".aspx")
        return Document(
            source=Source.SHAREPOINT,
            id=row.id,
            container_id=self.part.site.id,
            part=self.part.key,
            title=title,
            url=self.part.url(row.path),
            content=self._content(row, title),
            version=self._version(row),
            owners=row.owners,
            created_at=row.created_at,
            modified_at=row.modified_at,
            access=access,
            kind="page",
        )

    def _content(self, row: Row, title: str) -> Content:
        try:
            body = canvas_html(self._client.told(partial(self._request, row.id)))
        except SharePointRefused as refused:
            if refused.status not in {400, 404}:
                raise
            body = self._classic(row)
        data = f"<h1>{escape(title)}</h1>\n{body}".encode()
        if len(data) > self._settings.max_bytes:
            return Content(None, "text/html", TOO_LARGE)
        return Content(data, "text/html")

    def _classic(self, row: Row) -> str:
        """A wiki page, or a page of a kind that Graph does not know."""
        url = self.part.api(f"/items({row.number})?$select=WikiField,CanvasContent1")
        told = self._client.rest(self.part.site.host, url)
        return str(told.get("WikiField") or told.get("CanvasContent1") or "")

    def _request(self, page: str) -> RequestInformation:
        query = GraphSitePageRequestBuilder.GraphSitePageRequestBuilderGetQueryParameters(
            expand=["canvasLayout"]
        )
        pages = self._client.graph.sites.by_site_id(self.part.site.id).pages
        builder = pages.by_base_site_page_id(page).graph_site_page
        return builder.to_get_request_information(asking(query))


def canvas_html(page: Json) -> str:
    """The text of a page's web parts as HTML, in the order in which they stand.

    Text web parts hold HTML. Of all others the texts are taken that SharePoint itself keeps for
    searching (``serverProcessedContent``), and the addresses that they link to.

    Args:
        page: a sitePage resource with its ``canvasLayout``.
    """
    area = page.get("titleArea") or {}
    layout = page.get("canvasLayout") or {}
    found = [_paragraph(area.get("textAboveTitle")), _paragraph(page.get("description"))]
    for section in layout.get("horizontalSections") or []:
        for column in section.get("columns") or []:
            found.extend(_part(part) for part in column.get("webparts") or [])
    vertical = layout.get("verticalSection") or {}
    found.extend(_part(part) for part in vertical.get("webparts") or [])
    return "\n".join(each for each in found if each)


def _part(part: Json) -> str:
    if "innerHtml" in part:
        return f"<div>{part['innerHtml'] or ''}</div>"
    held = (part.get("data") or {}).get("serverProcessedContent") or {}
    texts = [_paragraph(value) for value in _values(held.get("searchablePlainTexts"))]
    marked = [f"<div>{value}</div>" for value in _values(held.get("htmlStrings"))]
    links = [
        f'<p><a href="{escape(value, quote=True)}">{escape(value)}</a></p>'
        for value in _values(held.get("links"))
    ]
    return "\n".join([*texts, *marked, *links])


def _values(pairs: Any) -> Iterator[str]:
    """The values of Graph's lists of keys and values, the empty ones left out."""
    for pair in pairs or []:
        value = pair.get("value") if isinstance(pair, dict) else None
        if isinstance(value, str) and value.strip():
            yield value


def _paragraph(text: Any) -> str:
    return f"<p>{escape(text)}</p>" if isinstance(text, str) and text.strip() else ""
