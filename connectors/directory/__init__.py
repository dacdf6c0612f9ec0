"""The directory file: people, their accounts, and the groups that no API lists."""

from connectors.directory.directory import (
    ISSUER,
    Directory,
    DirectoryPerson,
    directory_of,
    directory_text,
    load_directory,
)
from connectors.directory.errors import DirectoryError, DirectoryInvalid, DirectoryMissing

__all__ = [
    "ISSUER",
    "Directory",
    "DirectoryError",
    "DirectoryInvalid",
    "DirectoryMissing",
    "DirectoryPerson",
    "directory_of",
    "directory_text",
    "load_directory",
]
