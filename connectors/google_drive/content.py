"""A file's body: exported, downloaded, or left out for a reason."""

from __future__ import annotations

from hashlib import md5

from connectors.google_drive.client import GoogleClient
from connectors.google_drive.file import DriveFile
from connectors.left_out import TOO_LARGE, no_text
from connectors.media_types import PPTX, XLSX, readable
from connectors.refused import Refused
from corpus import Content

EXPORTS = {
    "application/vnd.google-apps.document": "text/html",
    "application/vnd.google-apps.spreadsheet": XLSX,
    "application/vnd.google-apps.presentation": PPTX,
}
"""To what Google's own types are exported: headings, tables, all sheets and slide numbers live."""

_DOWNLOADS = 3
"""Times that a body is asked for until it is what its checksum says."""


def media_type(file: DriveFile) -> str | None:
    """The type that `file` is read as; None when there is no text to be had from it."""
    if file.media_type in EXPORTS:
        return EXPORTS[file.media_type]
    return readable(file.media_type, file.name)


def fetch(client: GoogleClient, file: DriveFile, max_bytes: int) -> Content:
    """The body of `file`.

    Args:
        client: Drive, as an account that may read the file.
        file: what to read.
        max_bytes: larger bodies are left out.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
        Refused: this file can't be read.
    """
    wanted = media_type(file)
    if wanted is None:
        return Content(None, file.media_type, no_text(file.media_type))
    if not file.downloadable:
        return Content(None, wanted, "its owner has switched off downloading")
    if file.size > max_bytes:
        return Content(None, wanted, TOO_LARGE)
    files = client.service.files()
    try:
        if file.media_type in EXPORTS:
            data = client.execute(lambda: files.export_media(fileId=file.id, mimeType=wanted))
        else:
            data = _downloaded(client, file)
    except Refused as refused:
        if refused.reason == "exportSizeLimitExceeded":
            return Content(None, wanted, "larger than Google exports (10 MB)")
        if refused.reason == "cannotDownloadFile":
            return Content(None, wanted, "its owner has switched off downloading")
        raise
    if isinstance(data, str):
        data = data.encode()
    if len(data) > max_bytes:
        return Content(None, wanted, TOO_LARGE)
    return Content(data, wanted)


def _downloaded(client: GoogleClient, file: DriveFile) -> bytes:
    """The bytes of a file, whole: what a proxy cut short has another checksum.

    So has what was changed since it was listed. Then Drive knows the new checksum, and the
    change log tells of the change once more.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
        Refused: this file can't be read, or never is what its checksum says.
    """
    files, wanted = client.service.files(), file.checksum
    for _ in range(_DOWNLOADS):
        data = client.execute(lambda: files.get_media(fileId=file.id, supportsAllDrives=True))
        if isinstance(data, str):
            data = data.encode()
        found = md5(data, usedforsecurity=False).hexdigest()
        if not wanted or found == wanted:
            return bytes(data)
        told = client.told(
            lambda: files.get(fileId=file.id, supportsAllDrives=True, fields="md5Checksum")
        )
        wanted = str(told.get("md5Checksum") or "")
        if found == wanted:
            return bytes(data)
    raise Refused(200, "a body that is not what its checksum says")
