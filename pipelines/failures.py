"""Errors of the product as Dagster shows them: one line, and no retry that can't help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from sqlalchemy.exc import DBAPIError

from catalog.errors import CatalogError
from connectors.directory import DirectoryError
from connectors.interface import ConnectorError, SourceUnavailable
from embedding.interface import EmbeddingError
from index.interface import SearchIndexError
from workspace.errors import WorkspaceError

_SHOWN = (CatalogError, DirectoryError, EmbeddingError, SearchIndexError, WorkspaceError)
_RETRIES = 3
_WAIT = 30.0
"""Seconds; the connector itself has waited and tried before it gave up."""


@contextmanager
def shown() -> Iterator[None]:
    """Turn the product's errors into `dg.Failure`, with the remedy beside the reason.

    A source that did not answer is asked again by Dagster a few times; checkpoints make that
    cheap. Nothing else is: the same error would only come later.
    """
    try:
        yield
    except SourceUnavailable as error:
        raise dg.RetryRequested(max_retries=_RETRIES, seconds_to_wait=_WAIT) from error
    except ConnectorError as error:
        raise dg.Failure(
            str(error),
            metadata={
                "source": error.source.value,
                "status": error.status if error.status is not None else "none",
                "reason": error.reason,
                "remedy": error.remedy,
            },
            allow_retries=False,
        ) from error
    except _SHOWN as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except DBAPIError as error:
        # Its own message shows the rows that were being written: not for the event log.
        said = str(error.orig).partition("\n")[0]
        raise dg.Failure(
            f"the catalog's database failed: {type(error.orig).__name__}: {said}",
            allow_retries=False,
        ) from None
