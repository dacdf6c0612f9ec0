"""When each document was looked at last."""

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
