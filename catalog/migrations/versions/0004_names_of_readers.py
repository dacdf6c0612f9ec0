"""What sources call the readers whose ids are numbers, for showing alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("principal", sa.Column("name", sa.Text(), nullable=False, server_default=""))
