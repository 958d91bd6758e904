"""Jobs: when somebody last looked for what is due, and whether they are paused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=True),
        sa.Column("paused_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_jobs")),
    )
