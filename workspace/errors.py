"""Errors of putting a workspace together.

WorkspaceError
├── NothingSynced
└── SettingsInvalid
"""

from __future__ import annotations


class WorkspaceError(Exception):
    """Root of every error that a workspace raises by itself."""


class NothingSynced(WorkspaceError):
    """There is no catalog yet, so there is nothing to look at."""


class SettingsInvalid(WorkspaceError):
    """A variable of the environment or `.env` does not say what it must."""
