"""The content store: bytes addressed by what they are, on any fsspec file system."""

from __future__ import annotations

import hashlib
from uuid import uuid4

import fsspec

from catalog.errors import ContentMissing, StoreUnusable


class ContentStore:
    """Bytes kept under their SHA-256, and small named objects beside them.

    Writing is safe to repeat and to interrupt: a name appears only once its bytes are whole,
    and every read of addressed bytes checks them.
    """

    def __init__(self, url: str) -> None:
        """Keep content under an fsspec URL, such as ``file:///data`` or ``s3://bucket/path``.

        Raises:
            StoreUnusable: fsspec knows no such file system, or lacks the package for it.
        """
        try:
            self._files, self._root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            scheme = url.partition("://")[0]
            raise StoreUnusable(
                f"the content store can't be used: {scheme}:// names no file system that fsspec"
                f" has here ({type(error).__name__}). See BAILIWICK_CONTENT_URL, and install the"
                " package that it needs, such as s3fs for s3://"
            ) from None
        self._local = "file" in (
            self._files.protocol
            if isinstance(self._files.protocol, tuple)
            else (self._files.protocol,)
        )

    def put(self, data: bytes) -> str:
        """Keep bytes, and give their SHA-256 in hex."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path("content", digest)
        # The size tells a file that a crash of the machine cut short; `get` tells the rest.
        if not self._files.exists(path) or self._files.size(path) != len(data):
            self._write(path, data)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of a SHA-256.

        Raises:
            ContentMissing: there are none, or what is there is damaged.
        """
        data = self._read(self._path("content", digest))
        if data is None or hashlib.sha256(data).hexdigest() != digest:
            raise ContentMissing(f"no sound content {digest}; sync its container again")
        return data

    def drop(self, digest: str) -> None:
        """Remove the bytes of a SHA-256, if there are any."""
        self.drop_named("content", digest)

    def put_named(self, kind: str, name: str, data: bytes) -> None:
        """Keep bytes under a derived name (hex), replacing what was there."""
        self._write(self._path(kind, name), data)

    def get_named(self, kind: str, name: str) -> bytes | None:
        """The bytes under a derived name, or None."""
        return self._read(self._path(kind, name))

    def drop_named(self, kind: str, name: str) -> None:
        """Remove what is under a derived name, if anything."""
        path = self._path(kind, name)
        if self._files.exists(path):
            self._files.rm_file(path)

    def _path(self, kind: str, name: str) -> str:
        return f"{self._root}/{kind}/{name[:2]}/{name}"

    def _read(self, path: str) -> bytes | None:
        try:
            return bytes(self._files.cat_file(path))
        except FileNotFoundError:
            return None

    def _write(self, path: str, data: bytes) -> None:
        if not self._local:
            self._files.pipe_file(path, data)  # object stores show an object only when whole
            return
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        partial = f"{path}.{uuid4().hex}"
        self._files.pipe_file(partial, data)
        self._files.mv(partial, path)
