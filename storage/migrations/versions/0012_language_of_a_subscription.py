"""The language somebody agreed to hear of a topic in: announcements come in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("language", sa.String(length=20), nullable=True))
