"""Staff put documents right: numbers to name them by, and corrections that outlive a file's rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "document_numbers",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_document_numbers")),
        sa.UniqueConstraint("document_id", name=op.f("uq_document_numbers_document_id")),
    )
    op.create_table(
        "document_corrections",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("relation", sa.JSON(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "action IN ('set', 'reset', 'add_relation', 'remove_relation', 'withdraw', 'restore', 'confirm')",
            name=op.f("ck_document_corrections_action"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_corrections")),
    )
    op.create_index(op.f("ix_document_corrections_document_id"), "document_corrections", ["document_id"], unique=False)
    op.execute("INSERT INTO document_numbers (document_id) SELECT id FROM documents ORDER BY file")
