"""When each document was looked at last, and when its body was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("document", sa.Column("looked_at", Instant(), nullable=True))
    op.add_column("document", sa.Column("read_at", Instant(), nullable=True))
