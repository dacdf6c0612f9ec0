"""Vectors of texts once embedded, so that no known text is embedded again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, select

from catalog.database import Catalog
from catalog.tables import embedding_model, vector
from catalog.upsert import batched, upsert

_FLOAT = np.dtype("<f4")


class CatalogVectors:
    """The embedding cache in the catalog's database."""

    def __init__(self, catalog: Catalog) -> None:
        """Keep vectors in `catalog`."""
        self._catalog = catalog
        self._models: dict[str, int] = {}

    def get_many(self, model: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Known vectors among `hashes` (SHA-256 of the texts, hex), each of shape (d,).

        One that was cut short is not known: it is embedded again.
        """
        found: dict[str, NDArray[np.float32]] = {}
        number = self._number(model)
        with self._catalog.reading() as connection:
            for run in batched(hashes):
                rows = connection.execute(
                    select(vector.c.text_hash, vector.c.data).where(
                        vector.c.model_id == number, vector.c.text_hash.in_(run)
                    )
                )
                found.update(
                    (row.text_hash, np.frombuffer(row.data, _FLOAT))
                    for row in rows
                    if len(row.data) % _FLOAT.itemsize == 0
                )
        return found

    def put_many(self, model: str, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep vectors by the SHA-256 (hex) of their texts."""
        number = self._number(model)
        rows = [
            {"model_id": number, "text_hash": text, "data": each.astype(_FLOAT).tobytes()}
            for text, each in sorted(vectors.items(), key=lambda item: item[0])
        ]
        with self._catalog.writing() as connection:
            for run in batched(rows):
                upsert(connection, vector, run, ("model_id", "text_hash"), ("data",))

    def _number(self, model: str) -> int:
        if model not in self._models:
            wanted = select(embedding_model.c.id).where(embedding_model.c.name == model)
            with self._catalog.writing() as connection:
                upsert(connection, embedding_model, [{"name": model}], ("name",))
                self._models[model] = int(connection.execute(wanted).scalar_one())
        return self._models[model]


def drop(connection: Connection, hashes: Iterable[str]) -> int:
    """Forget the vectors of texts by SHA-256 (hex), of every model; gives how many went."""
    gone = 0
    for run in batched(sorted(set(hashes))):
        gone += connection.execute(delete(vector).where(vector.c.text_hash.in_(run))).rowcount
    return gone
