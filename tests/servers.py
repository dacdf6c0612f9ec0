"""Tests that need a real server: run where it can be had, named where it can't."""

from __future__ import annotations

import os

import pytest

REQUIRED = "BAILIWICK_REQUIRE_SERVERS"
"""Set to 1, a missing server is a failure. CI sets it."""

NEEDS = "left out: "
"""What the reason of a test left out begins with; the summary looks for it."""


def leave_out(remedy: str) -> None:
    """Skip the test, since what it needs is not here.

    Args:
        remedy: what to install, in words.
    """
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED}=1, and: {remedy}")
    pytest.skip(f"{NEEDS}{remedy}")
