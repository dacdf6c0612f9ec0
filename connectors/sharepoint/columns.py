"""The columns of a list, and what an item says in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from msgraph.generated.sites.item.lists.item.columns.columns_request_builder import (
    ColumnsRequestBuilder,
)

from connectors.sharepoint.client import SharePointClient, asking
from connectors.sharepoint.parts import Part

_OTHERWISE = {"Title", "ContentType", "Attachments"}
"""Columns that people may edit and that a document shows elsewhere, or not at all."""
_EXPANDED = 8
"""Columns of people, at most: SharePoint refuses a query with more than twelve
(learn.microsoft.com, "list view lookup threshold")."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that people fill in."""

    name: str
    """Its internal name, which stays."""
    label: str
    """What people call it today."""
    rich: bool
    """Whether it holds HTML."""
    shows: str
    """For a person, the field of theirs that is shown."""

    def text(self, row: dict[str, Any]) -> str:
        """What a row says in this column, as HTML; empty where it says nothing."""
        told = row.get(f"OData_{self.name}" if self.name.startswith("_") else self.name)
        if self.shows:
            return "; ".join(escape(str(e[self.shows])) for e in _each(told) if e.get(self.shows))
        if self.rich and isinstance(told, str):
            return told.strip()
        return escape(_plain(told)).replace("\n", "<br/>")


def columns(client: SharePointClient, part: Part) -> tuple[Column, ...]:
    """The columns of a list, in the order in which the list has them.

    Raises:
        ConnectorError: the source as a whole refuses or is unavailable.
        SharePointRefused: the list does.
    """
    found = []
    looked_up = 0
    for told in _told(client, part):
        if told.get("hidden") or str(told["name"]) in _OTHERWISE:
            continue
        if told.get("readOnly") and "calculated" not in told:
            continue
        shows = ""
        if "lookup" in told:
            continue  # what another list says is for that list's readers
        if "personOrGroup" in told:
            looked_up += 1
            if looked_up > _EXPANDED:
                continue
            shows = "Title"
        rich = (told.get("text") or {}).get("textType") == "richText"
        label = str(told.get("displayName") or told["name"])
        found.append(Column(str(told["name"]), label, rich, shows))
    return tuple(found)


def _told(client: SharePointClient, part: Part) -> Iterator[dict[str, Any]]:
    query = ColumnsRequestBuilder.ColumnsRequestBuilderGetQueryParameters(top=999)
    lists = client.graph.sites.by_site_id(part.site.id).lists
    builder = lists.by_list_id(part.list).columns
    for page in client.pages(lambda: builder.to_get_request_information(asking(query))):
        yield from page.value


def _each(told: Any) -> list[dict[str, Any]]:
    if isinstance(told, dict):
        told = told.get("results", [told])
    return [each for each in told or [] if isinstance(each, dict)]


def _plain(told: Any) -> str:
    """A value as people read it: a choice or several, a yes, a number, an address."""
    if told is None:
        return ""
    if isinstance(told, bool):
        return "Yes" if told else "No"
    if isinstance(told, dict):
        if "results" in told:
            return _plain(told["results"])
        words = [told.get(key) for key in ("Label", "DisplayName", "Description", "Url")]
        return " ".join(dict.fromkeys(str(word) for word in words if word))
    if isinstance(told, list):
        return ", ".join(filter(None, map(_plain, told)))
    return str(told).strip()
