"""The simulator's vendors read in the plainest way: no API, no cursor, no page, only objects."""

from __future__ import annotations

from tests.access.sources.confluence import Confluence
from tests.access.sources.drive import Drive
from tests.access.sources.github import GitHub
from tests.access.sources.jira import Jira
from tests.access.sources.plain import PlainSource
from tests.access.sources.sharepoint import SharePoint

PLAIN: dict[str, type[PlainSource]] = {
    each.vendor: each for each in (Drive, GitHub, Confluence, Jira, SharePoint)
}
"""By the simulator's name for the vendor."""

__all__ = ["PLAIN", "PlainSource"]
