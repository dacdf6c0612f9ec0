"""The systems that documents and permissions come from."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """A source system; the value is the name used in settings, keys and tables."""

    GOOGLE_DRIVE = "google_drive"
    SHAREPOINT = "sharepoint"
    CONFLUENCE = "confluence"
    JIRA = "jira"
    GITHUB = "github"

    @property
    def label(self) -> str:
        """The system's name as its vendor writes it."""
        return _LABELS[self]


_LABELS = {
    Source.GOOGLE_DRIVE: "Google Drive",
    Source.SHAREPOINT: "SharePoint",
    Source.CONFLUENCE: "Confluence",
    Source.JIRA: "Jira",
    Source.GITHUB: "GitHub",
}
