"""An empty catalog for copying: migrations are most of the time of a short run."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from catalog.database import CATALOG_FILE, Catalog


def put_empty_catalog(folder: Path) -> Path:
    """Copy one into `folder`; gives its path."""
    return Path(shutil.copy(_template(), folder / CATALOG_FILE))


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bailiwick-template-"))
    Catalog.at(folder).close()
    return folder / CATALOG_FILE
