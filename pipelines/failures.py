"""Errors of the product as Dagster shows them: one line, and no retry that can't help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from catalog.errors import CatalogError
from connectors.directory import DirectoryError
from connectors.interface import AuthenticationFailed, ConnectorError, MissingScope, NotConfigured
from embedding.interface import EmbeddingError
from index.interface import SearchIndexError

_FINAL = (AuthenticationFailed, MissingScope, NotConfigured)


@contextmanager
def shown() -> Iterator[None]:
    """Turn the product's errors into `dg.Failure`, with the remedy beside the reason."""
    try:
        yield
    except ConnectorError as error:
        raise dg.Failure(
            str(error),
            metadata={
                "source": error.source.value,
                "status": error.status if error.status is not None else "none",
                "reason": error.reason,
                "remedy": error.remedy,
            },
            allow_retries=not isinstance(error, _FINAL),
        ) from error
    except (CatalogError, DirectoryError, EmbeddingError, SearchIndexError) as error:
        raise dg.Failure(str(error)) from error
