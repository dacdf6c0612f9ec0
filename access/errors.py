"""Errors of the access package.

AccessError
├── InvalidPrincipal
└── InvalidClauseKey
"""

from __future__ import annotations


class AccessError(ValueError):
    """Root of every error that this package raises."""


class InvalidPrincipal(AccessError):
    """A principal's id is empty, holds control characters, or its encoding is malformed."""


class InvalidClauseKey(AccessError):
    """A clause's key is empty or holds control or invisible characters."""
