"""Chats on the county's own pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "web_visits",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("chat", sa.String(length=32), nullable=False),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_web_visits")),
    )
    op.create_index(op.f("ix_web_visits_chat"), "web_visits", ["chat"])
    op.create_index(op.f("ix_web_visits_seen_at"), "web_visits", ["seen_at"])
    op.create_table(
        "web_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("chat", sa.String(length=32), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_web_links")),
        sa.UniqueConstraint("chat", name=op.f("uq_web_links_chat")),
    )
    op.create_index(op.f("ix_web_links_expires_at"), "web_links", ["expires_at"])
    op.create_table(
        "web_lines",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("chat", sa.String(length=32), nullable=False),
        sa.Column("update_id", sa.String(length=80), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_lines")),
        sa.UniqueConstraint("update_id", name=op.f("uq_web_lines_update_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_web_lines_chat", "web_lines", ["chat", "id"])
    op.create_index(op.f("ix_web_lines_at"), "web_lines", ["at"])
    op.create_table(
        "web_files",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_files")),
    )
    op.create_index(op.f("ix_web_files_chat"), "web_files", ["chat"])
    op.create_index(op.f("ix_web_files_at"), "web_files", ["at"])
