"""Alembic's entry: runs the migrations on the connection that the catalog hands over."""

from __future__ import annotations

from alembic import context

from catalog.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
    render_as_batch=connection.dialect.name == "sqlite",
)
# The catalog holds the transaction, so that a failed migration leaves the schema as it was.
context.run_migrations()
