"""Errors of the product as Dagster shows them: one line, and no retry that can't help.

Everyone with the UI reads the event log, so no line quotes what people wrote or their names,
and no cause is attached: an exception's text, and that of what it came from, is kept as well.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from sqlalchemy.exc import DBAPIError

from catalog.errors import CatalogError, UnknownDocument, UnknownPerson
from connectors.directory import DirectoryError, DirectoryInvalid
from connectors.interface import ConnectorError, PartUnavailable, SourceUnavailable
from embedding.interface import EmbeddingError
from index.interface import SearchIndexError
from workspace.errors import WorkspaceError

_SHOWN = (CatalogError, DirectoryError, EmbeddingError, SearchIndexError, WorkspaceError)
_NAMING = (UnknownDocument, UnknownPerson)
"""Errors of the catalog whose text names a document or a person."""
RETRIES = 3
_WAIT = 30.0
"""Seconds; the connector itself has waited and tried before it gave up."""
_MOST_LINES = 20


@contextmanager
def shown(attempt: int = 0) -> Iterator[None]:
    """Turn the product's errors into `dg.Failure`, with the remedy beside the reason.

    A source that did not answer is asked again by Dagster a few times; checkpoints make that
    cheap. Nothing else is: the same error would only come later.

    Args:
        attempt: how often Dagster has tried this step before; the last attempt fails for good.
    """
    try:
        yield
    except dg.Failure:
        raise
    except SourceUnavailable as error:
        # To ask for one part again would be to read all the others again.
        if attempt >= RETRIES or isinstance(error, PartUnavailable):
            raise _of_source(error) from None
        # A new one: what the old one came from may quote an address with a file's path in it.
        told = SourceUnavailable(error.source, error.reason, error.remedy, error.status)
        raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=_WAIT) from told
    except ConnectorError as error:
        raise _of_source(error) from None
    except DirectoryInvalid as error:
        raise dg.Failure(_without_words(error), allow_retries=False) from None
    except _NAMING as error:
        raise dg.Failure(_unforeseen(error), allow_retries=False) from None
    except _SHOWN as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    except DBAPIError as error:
        # The driver's own message may quote a value, and the whole one shows the rows.
        code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "pgcode", None)
        name = type(error.orig).__name__
        raise dg.Failure(
            f"the catalog's database failed: {name}{f' ({code})' if code else ''}",
            allow_retries=False,
        ) from None
    except Exception as error:  # noqa: BLE001  # raised anew, without its words
        raise dg.Failure(_unforeseen(error), allow_retries=False) from None


def _of_source(error: ConnectorError) -> dg.Failure:
    return dg.Failure(
        str(error),
        metadata={
            "source": error.source.value,
            "status": error.status if error.status is not None else "none",
            "reason": error.reason,
            "remedy": error.remedy,
        },
        allow_retries=False,
    )


def _without_words(error: DirectoryInvalid) -> str:
    """File and lines alone: what is wrong there quotes accounts."""
    lines = sorted({line for line, _ in error.problems})
    more = f" and {len(lines) - _MOST_LINES} more" if len(lines) > _MOST_LINES else ""
    said = ", ".join(str(line) for line in lines[:_MOST_LINES])
    return (
        f"{error.path}: wrong at line {said}{more}; "
        "`bailiwick check directory` on that machine says what is wrong there"
    )


def _unforeseen(error: Exception) -> str:
    """Class and place: nobody has looked at what such a message may quote."""
    places = [
        f"{Path(frame.filename).name}:{frame.lineno} ({frame.name})"
        for frame in traceback.extract_tb(error.__traceback__)[-4:]
    ]
    return f"{type(error).__name__} at {' > '.join(places)}; its message may quote a document"
