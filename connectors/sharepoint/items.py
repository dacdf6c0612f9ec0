"""Lists: their items, with their fields and the files attached to them."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote

from access import AccessControl, Source
from connectors.left_out import TOO_LARGE
from connectors.media_types import readable
from connectors.sharepoint.attachments import Attachment, bundled
from connectors.sharepoint.columns import Column, columns
from connectors.sharepoint.pages import RowReader
from connectors.sharepoint.reader import Entry
from connectors.sharepoint.rows import Row, Rows, Wanted
from connectors.versions import version_of
from corpus import Content, Document

_RENDERING = 1
"""Raise when the same item is read differently than before, so that it is read again."""

_Fields = list[tuple[str, str]]
"""Label and text of each column."""


class ItemList(RowReader):
    """Reads the items of one list."""

    _columns: tuple[Column, ...] = ()

    def _begun(self) -> Rows:
        return Rows(self._client, self.part, self._wanted)

    def _wanted(self) -> Wanted:
        self._columns = columns(self._client, self.part)
        shown = [each for each in self._columns if each.shows]
        files = ("AttachmentFiles",) if self.part.attachments else ()
        return Wanted(
            ("*", *(f"{each.name}/{each.shows}" for each in shown), *files),
            (*(each.name for each in shown), *files),
        )

    def _entry(self, row: Row) -> Entry:
        return self._listed(row, self._version(row, self._fields(row)))

    def _again(self, rows: Rows, row: Row) -> Row:
        # Without files its body is all in the row itself.
        return super()._again(rows, row) if _attached(row) else row

    def _fields(self, row: Row) -> _Fields:
        return [(each.label, text) for each in self._columns if (text := each.text(row.told))]

    def _version(self, row: Row, fields: _Fields) -> str:
        return version_of(
            _RENDERING, row.title, fields, _attached(row), row.owners, row.path, row.modified_at
        )

    def _document(self, row: Row, access: AccessControl) -> Document:
        fields = self._fields(row)  # once: columns may be read again meanwhile
        title = row.title or f"{self.part.title} {row.number}"
        return Document(
            source=Source.SHAREPOINT,
            id=row.id,
            container_id=self.part.site.id,
            part=self.part.key,
            title=title,
            url=f"{self.part.url(self.part.folder)}/DispForm.aspx?ID={row.number}",
            content=self._content(row, title, fields),
            version=self._version(row, fields),
            owners=row.owners,
            created_at=row.created_at,
            modified_at=row.modified_at,
            access=access,
            kind="list_item",
        )

    def _content(self, row: Row, title: str, fields: _Fields) -> Content:
        left = self._settings.max_bytes
        attached, omitted = [], []
        for name in _attached(row):
            wanted = readable("application/octet-stream", name)
            data = None if wanted is None else self._attachment(row, name, left)
            if wanted is None or data is None:
                omitted.append(name)
                continue
            left -= len(data)
            attached.append(Attachment(name, wanted, data))
        lines = [f"<h1>{escape(title)}</h1>"]
        lines += [f"<p>{escape(label)}: {text}</p>" for label, text in fields]
        lines += [f"<p>Attached, without its text: {escape(name)}</p>" for name in omitted]
        body = "\n".join(lines).encode()
        if len(body) > self._settings.max_bytes:
            return Content(None, "text/html", TOO_LARGE)
        return bundled(Attachment("", "text/html", body), attached)

    def _attachment(self, row: Row, name: str, limit: int) -> bytes | None:
        inside = quote(name.replace("'", "''"), safe="")
        url = self.part.api(f"/items({row.number})/AttachmentFiles('{inside}')/$value")
        return self._client.rest_content(self.part.site.host, url, limit)


def _attached(row: Row) -> list[str]:
    found: Any = row.told.get("AttachmentFiles") or []
    return sorted(str(each["FileName"]) for each in found if each.get("FileName"))
