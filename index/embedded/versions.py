"""Versions of the embedded index: a folder each, and a file that names the one in service."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote

from index.embedded.damage import told
from index.embedded.index import EmbeddedIndex
from index.interface import SearchIndexError, UnknownVersion, VersionServing
from index.versions import Version

_DROPPED = ".dropped-"


class EmbeddedVersions:
    """The versions in a folder."""

    def __init__(self, folder: Path) -> None:
        """The versions in `folder`, which the first of them makes."""
        self._folder = folder
        self._pointer = folder / "serving.json"

    def all(self) -> Sequence[Version]:
        """See `Versions.all`."""
        serving = self.serving()
        found = []
        for place in sorted(self._folder.glob("v-*/index.sqlite")):
            name = unquote(place.parent.name.removeprefix("v-"))
            address = f"file:{quote(str(place.absolute()))}?mode=ro"
            try:
                with closing(sqlite3.connect(address, uri=True, timeout=60)) as link:
                    ((dimensions,),) = link.execute(
                        "SELECT value FROM state WHERE name = 'dimensions'"
                    )
                    ((chunks,),) = link.execute("SELECT count(*) FROM gate WHERE live = 1")
            except (sqlite3.Error, ValueError):
                continue  # being made, or being dropped
            found.append(Version(name, int(dimensions), int(chunks), name == serving))
        return sorted(found, key=lambda version: version.name)

    def serving(self) -> str | None:
        """See `Versions.serving`."""
        try:
            with told(self._folder):
                if not self._pointer.exists():
                    return None
                text = self._pointer.read_text("utf-8")
            named = json.loads(text)
        except ValueError:
            named = None
        version = named.get("version") if isinstance(named, dict) else None
        if not isinstance(version, str):
            raise SearchIndexError(
                f"{self._pointer} names no version: delete it and run `bailiwick index switch`"
            )
        return version

    def open(self, version: str, dimensions: int) -> EmbeddedIndex:
        """See `Versions.open`."""
        return EmbeddedIndex(self._place(version), version, dimensions)

    def switch(self, version: str) -> None:
        """See `Versions.switch`. A file is replaced, on disk before this returns."""
        with told(self._folder):
            if not (self._place(version) / "index.sqlite").exists():
                raise UnknownVersion(version)
            self._point(version)

    def _point(self, version: str) -> None:
        file, name = tempfile.mkstemp(dir=self._folder, prefix=".serving-")
        try:
            with os.fdopen(file, "w", encoding="utf-8") as out:
                json.dump({"version": version}, out)
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(self._pointer)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        place = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)

    def drop(self, version: str) -> None:
        """See `Versions.drop`. Searches under way go on with what they have."""
        place = self._place(version)
        if not place.exists():
            raise UnknownVersion(version)
        if version == self.serving():
            raise VersionServing(version)
        with told(self._folder):
            gone = Path(tempfile.mkdtemp(dir=self._folder, prefix=_DROPPED))
            place.rename(gone / place.name)  # at once; the deletion below may be cut short
        for dropped in self._folder.glob(f"{_DROPPED}*"):
            shutil.rmtree(dropped, ignore_errors=True)

    def close(self) -> None:
        """See `Versions.close`. There is nothing to release."""

    def _place(self, version: str) -> Path:
        # No letter of a name can leave the folder: "/" is quoted, and a prefix tames "..".
        return self._folder / f"v-{quote(version, safe='')}"
