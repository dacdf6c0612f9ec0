"""Errors of the query module.

RetrievalError
└── InvalidQuery
"""

from __future__ import annotations


class RetrievalError(Exception):
    """Root of every error that the query module raises."""


class InvalidQuery(RetrievalError):
    """The query is empty, too long, or asks for a senseless number of results."""
