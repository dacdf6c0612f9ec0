"""Errors of the catalog.

CatalogError
├── SchemaTooNew
├── DriverMissing
├── CatalogNotCopied
├── UnknownContainer
├── UnknownDocument
├── UnknownPerson
├── ContentMissing
└── StoreUnusable
"""

from __future__ import annotations


class CatalogError(Exception):
    """Root of every error that the catalog raises."""


class SchemaTooNew(CatalogError):
    """The database was written by a later release than this one."""


class DriverMissing(CatalogError):
    """The database's Python driver is not installed."""


class CatalogNotCopied(CatalogError):
    """A catalog could not be copied to another database, which is as it was before."""


class UnknownContainer(CatalogError):
    """No container of that name is in the catalog."""


class UnknownDocument(CatalogError):
    """No document of that name is in the catalog."""


class UnknownPerson(CatalogError):
    """Nobody of that name is in the catalog."""


class ContentMissing(CatalogError):
    """The content store lacks bytes that it should hold, or holds damaged ones."""


class StoreUnusable(CatalogError):
    """The content store's address names nothing that can be used here."""
