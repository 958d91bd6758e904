"""Which channels announcements go out on; recipients by channel, so that an empty one costs nothing to ask for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "served_channels",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=True),
        sa.Column("served", sa.Boolean(), nullable=False),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_served_channels")),
    )
    op.drop_index("ix_recipients_due", "recipients")
    op.create_index("ix_recipients_due", "recipients", ["announcement", "state", "channel", "due_at", "id"])
