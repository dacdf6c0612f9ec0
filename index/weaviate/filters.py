"""Reach and conditions as Weaviate filters.

Every filter is positive, for a missing value must never match; lists are `ContainsAny` on flat
properties, which the server folds into one bitmap (QUERY_BATCHED_CONTAINS_ENABLED).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.interface import Reach, Where
from index.weaviate.objects import comparable

if TYPE_CHECKING:
    from weaviate.collections.classes.filters import FilterReturn as Filters


def admitted(reach: Reach, where: Where) -> Filters:
    """What is within reach and as asked. The reach must not be empty."""
    from weaviate.classes.query import Filter

    def among(name: str, values: Any) -> Filters:
        # No text that is stored has a lone surrogate, so it matches nothing with a mark instead.
        listed = [v.encode(errors="replace").decode() if isinstance(v, str) else v for v in values]
        found: Any = Filter.by_property(name).contains_any(listed[:1])
        # Set afterwards, for the client would check every value again: 0.2 s for 50,000 scopes.
        found.value = listed
        return found  # type: ignore[no-any-return]

    within: list[Filters] = []
    if reach.containers:
        within.append(among("container", reach.containers))
    if reach.scopes:
        within.append(among("scope", reach.scopes))
    parts: list[Filters] = [Filter.any_of(within) if len(within) > 1 else within[0]]
    parts += [
        among(name, values)
        for name, values in (
            ("source", where.sources),
            ("container", where.containers),
            ("document", where.documents),
            ("kind", where.kinds),
            ("media_type", where.media_types),
            ("owners", where.owners),
        )
        if values
    ]
    if where.canonical is not None:
        parts.append(Filter.by_property("canonical").equal(where.canonical))
    modified = Filter.by_property("modified_at")
    if where.modified_from is not None:
        parts.append(modified.greater_or_equal(comparable(where.modified_from)))
    if where.modified_until is not None:
        until = comparable(where.modified_until)
        # What is stored as the outermost time may lie further out: rather too much than too little.
        exact = until == where.modified_until
        parts.append(modified.less_than(until) if exact else modified.less_or_equal(until))
    return Filter.all_of(parts) if len(parts) > 1 else parts[0]
