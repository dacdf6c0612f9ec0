"""The directory file: people, their accounts, and the groups that no API lists."""

from connectors.directory.directory import Directory, DirectoryPerson, load_directory
from connectors.directory.errors import DirectoryError, DirectoryInvalid, DirectoryMissing

__all__ = [
    "Directory",
    "DirectoryError",
    "DirectoryInvalid",
    "DirectoryMissing",
    "DirectoryPerson",
    "load_directory",
]
