"""Which containers need their permissions read again, before what they guard is hidden."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from access import Source
from catalog.policy import AccessPolicy
from catalog.staleness import Freshness

_SWEEPS_AN_AGE = 4
"""Permissions are read this often within the age at which they admit nobody any more, so that
three sweeps may fail."""


def sweep_interval(policy: AccessPolicy, source: Source) -> timedelta:
    """After how long the permissions of a source's containers are read again."""
    return policy.limit(source) / _SWEEPS_AN_AGE


def overdue_permissions(
    states: Iterable[Freshness], source: Source, policy: AccessPolicy, now: datetime
) -> list[str]:
    """Native ids of containers whose oldest permission knowledge is due for a sweep.

    A change log renews nothing that did not change, so without a sweep all would grow too old.
    """
    every = sweep_interval(policy, source)
    return [
        each.container
        for each in states
        if each.source is source
        and each.oldest_permission is not None
        and now - each.oldest_permission > every
    ]
