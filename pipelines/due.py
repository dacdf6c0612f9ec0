"""Which containers need their permissions read again, before what they guard is hidden."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from access import Source
from catalog.policy import AccessPolicy
from catalog.staleness import Freshness

_PART = 4
"""Knowledge is renewed when a quarter of its life is over: three sweeps may fail."""


def overdue_permissions(
    states: Iterable[Freshness], source: Source, policy: AccessPolicy, now: datetime
) -> list[str]:
    """Native ids of containers whose oldest permission knowledge is due for a sweep.

    A change log renews nothing that did not change, so without a sweep all would grow too old.
    """
    limit = policy.limit(source) / _PART
    return [
        each.container
        for each in states
        if each.source is source
        and each.oldest_permission is not None
        and now - each.oldest_permission > limit
    ]
