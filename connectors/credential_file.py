"""A file that a setting names: read, or refused in words that tell one mistake from another."""

from __future__ import annotations

from pathlib import Path

from access import Source
from connectors.interface import NotConfigured


def contents(source: Source, variable: str, path: Path) -> bytes:
    """The bytes of a credential file.

    Args:
        source: whose credentials they are.
        variable: the setting that names the file.
        path: the file.

    Raises:
        NotConfigured: it is not there, may not be read, is no file, or is empty.
    """
    try:
        held = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise NotConfigured(
            source,
            f"{_named(variable, path)} is not there",
            "Set it to where the file is; a relative path counts from the folder that you are in.",
        ) from None
    except PermissionError:
        raise NotConfigured(
            source,
            f"{_named(variable, path)} may not be read by this account",
            "Make it the file's owner (chown), with a mode that lets it read (chmod 400).",
        ) from None
    except OSError as error:
        raise NotConfigured(
            source,
            f"{_named(variable, path)} can't be read: {error.strerror or type(error).__name__}",
            "Set it to a file.",
        ) from None
    if not held.strip():
        raise NotConfigured(
            source, f"{_named(variable, path)} is empty", "Copy the file there again."
        )
    return held


def wrong(source: Source, variable: str, path: Path, reason: str, remedy: str) -> NotConfigured:
    """That a credential file is there, and is not what it must be.

    Args:
        source: whose credentials they are.
        variable: the setting that names the file.
        path: the file.
        reason: what it is instead, as in "it is ..."; nothing of what it holds.
        remedy: what to do about it.
    """
    return NotConfigured(source, f"{_named(variable, path)} can't be used: {reason}", remedy)


def _named(variable: str, path: Path) -> str:
    return f"the file {path.absolute()} of {variable}"
