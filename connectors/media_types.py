"""Media types: those whose names are long, and those that text can be read from."""

from __future__ import annotations

from pathlib import PurePosixPath

_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OFFICE}.wordprocessingml.document"
XLSX = f"{_OFFICE}.spreadsheetml.sheet"
PPTX = f"{_OFFICE}.presentationml.presentation"

_DOWNLOADED = {
    DOCX,
    XLSX,
    PPTX,
    "application/pdf",
    "application/json",
    "application/xml",
    "application/javascript",
    "application/x-javascript",
    "application/typescript",
    "application/sql",
    "application/toml",
    "application/yaml",
    "application/x-yaml",
    "application/x-sh",
    "application/x-python",
    "application/x-ipynb+json",
}
_SOURCE_CODE = (
    *(".adoc", ".c", ".cc", ".cfg", ".cpp", ".cs", ".css", ".go", ".h", ".hpp", ".ini", ".java"),
    *(".js", ".json", ".jsx", ".kt", ".log", ".lua", ".php", ".pl", ".proto", ".py", ".r", ".rb"),
    *(".rs", ".scala", ".sh", ".sql", ".swift", ".tex", ".tf", ".toml", ".ts", ".tsx", ".xml"),
    *(".yaml", ".yml"),
)
_BY_NAME = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".rst": "text/x-rst",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".html": "text/html",
    ".htm": "text/html",
    ".docx": DOCX,
    ".xlsx": XLSX,
    ".pptx": PPTX,
    ".pdf": "application/pdf",
    **dict.fromkeys(_SOURCE_CODE, "text/plain"),
}
"""The type of files whose type the source does not know."""


def readable(told: str, name: str) -> str | None:
    """The type that a file is read as; None when there is no text to be had from it.

    Args:
        told: the type that the source gives it.
        name: its name, whose ending decides where the source knows no type.
    """
    if told.startswith("text/") or told in _DOWNLOADED:
        return told
    if told == "application/octet-stream":
        return _BY_NAME.get(PurePosixPath(name).suffix.lower())
    return None
