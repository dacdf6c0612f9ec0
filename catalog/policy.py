"""What the installation declares about access, and how old knowledge may be before it is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, literal, type_coerce

from access import CLOCK_SKEW, Source
from catalog import epoch
from catalog.tables import MICROSECOND, Instant

DAY = timedelta(days=1)
SHORTEST_LIMIT = epoch.CONFIRMED_AGAIN


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """What the installation declares about access, beyond what sources say."""

    anyone: frozenset[Source] = frozenset()
    """Sources whose "anyone" grants make a document findable by everyone who is known."""
    links: frozenset[Source] = frozenset()
    """Sources whose link-only grants ("anyone with the link") make a document findable."""
    max_age: Mapping[Source, timedelta] = field(default_factory=dict)
    """How old permission knowledge may be before it admits nobody; a day where not given."""

    def __post_init__(self) -> None:
        """Refuse limits shorter than the interval at which confirmations reach caches.

        Raises:
            ValueError: a limit is under an hour.
        """
        for source, limit in self.max_age.items():
            if limit < SHORTEST_LIMIT:
                raise ValueError(f"the permission age limit of {source} is under an hour")

    def limit(self, source: Source) -> timedelta:
        """How old permission knowledge of `source` may be."""
        return self.max_age.get(source, DAY)


def until(
    source: ColumnElement[str], synced_at: ColumnElement[datetime], policy: AccessPolicy
) -> ColumnElement[int]:
    """When knowledge of a source grows too old, in microseconds as `Instant` keeps them."""
    limits = {each: policy.limit(each) // MICROSECOND for each in Source}
    limit: ColumnElement[int] | int = min(limits.values())
    if len(set(limits.values())) > 1:
        limit = case(*((source == each.value, limits[each]) for each in Source), else_=0)
    return type_coerce(synced_at, BigInteger) + limit


def fresh(
    source: ColumnElement[str],
    synced_at: ColumnElement[datetime],
    policy: AccessPolicy,
    now: datetime,
) -> ColumnElement[bool]:
    """Whether knowledge of a source, synced at some time, is young enough to act on.

    Knowledge from the future is not: a clock was wrong, and its age can't be told.
    """
    limits = {each: policy.limit(each) for each in Source}
    latest = literal(now + CLOCK_SKEW, Instant)
    if len(set(limits.values())) == 1:
        oldest: ColumnElement[Any] = literal(now - min(limits.values()), Instant)
    else:
        oldest = case(
            *((source == each.value, literal(now - limits[each], Instant)) for each in Source),
            else_=latest,
        )
    return and_(synced_at >= oldest, synced_at <= latest)
