"""Which part of its container each document is in, and which parts are in doubt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "part",
        sa.Column("id", _Id, autoincrement=True, nullable=False),
        sa.Column("container_id", _Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["container_id"],
            ["container.id"],
            name=op.f("fk_part_container_id_container"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part")),
        sa.UniqueConstraint("container_id", "name", name=op.f("uq_part_container_id_name")),
        comment="Parts that a container is listed in, such as the libraries and lists of a site.",
        sqlite_autoincrement=True,
    )
    to_part = sa.ForeignKey("part.id", name=op.f("fk_document_part_id_part"))
    # SQLite adds a column with what it refers to, or a table anew: there may be a million rows.
    op.add_column("document", sa.Column("part_id", _Id, to_part), inline_references=True)
    op.add_column(
        "checkpoint", sa.Column("doubted", sa.Text(), nullable=False, server_default="[]")
    )
    # No place saved before says what is in doubt: read everything once, which tells the parts.
    op.execute("DELETE FROM checkpoint WHERE source = 'sharepoint'")
