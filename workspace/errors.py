"""Errors of putting a workspace together.

WorkspaceError
└── SettingsInvalid
"""

from __future__ import annotations


class WorkspaceError(Exception):
    """Root of every error that a workspace raises by itself."""


class SettingsInvalid(WorkspaceError):
    """A variable of the environment or `.env` does not say what it must."""
