"""The staff console: accounts and sessions, what was asked, editions of documents, the FAQ; indexes to count by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    _signing_in()
    op.create_table(
        "asked",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("township", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked")),
    )
    op.create_index("ix_asked_day", "asked", ["day", "kind", "topic", "channel", "township"])
    _documents()
    op.create_table(
        "channel_switches",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("off_at", UtcTime(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_switches")),
    )
    # What the console's first page counts, it counts in an index: rows are wide with what is sealed in them.
    op.create_index("ix_questions_state_asked", "questions", ["state", "asked_at", "person_id"])
    op.create_index("ix_questions_answered", "questions", ["answered_at", "asked_at", "person_id"])
    op.create_index("ix_registrations_created", "registrations", ["created_at", "kind", "state", "person_id"])
    op.create_index("ix_bookings_starts", "bookings", ["starts_at", "state", "host_id"])
    op.create_index("ix_profiles_township_person", "profiles", ["township", "person_id", "state"])


def _signing_in() -> None:
    op.create_table(
        "console_accounts",
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("login", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("totp", sa.Text(), nullable=False),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("signed_in_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["staff.id"], name=op.f("fk_console_accounts_member_id_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_console_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_console_accounts_login")),
    )
    op.create_table(
        "console_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["console_accounts.member_id"],
            name=op.f("fk_console_sessions_member_id_console_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_console_sessions")),
    )
    op.create_index(op.f("ix_console_sessions_member_id"), "console_sessions", ["member_id"])
    op.create_table(
        "console_failures",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_failures")),
    )
    op.create_index("ix_console_failures_key_at", "console_failures", ["key", "at"])


def _documents() -> None:
    op.create_table(
        "editions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=16), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("clauses", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('reading', 'refused', 'read', 'active', 'replaced', 'discarded')",
            name=op.f("ck_editions_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
    )
    op.create_index("ix_editions_document", "editions", ["document_id", "at"])
    op.create_index(op.f("ix_editions_at"), "editions", ["at"])
    op.create_table(
        "faqs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("proposed_at", UtcTime(), nullable=False),
        sa.Column("reviewed_by", sa.String(length=80), nullable=True),
        sa.Column("reviewed_at", UtcTime(), nullable=True),
        sa.CheckConstraint("state IN ('proposed', 'published', 'refused', 'withdrawn')", name=op.f("ck_faqs_state")),
        sa.CheckConstraint("state <> 'published' OR reviewed_by IS NOT NULL", name=op.f("ck_faqs_reviewed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faqs")),
    )
    for column in ("number", "state"):
        op.create_index(op.f(f"ix_faqs_{column}"), "faqs", [column])
