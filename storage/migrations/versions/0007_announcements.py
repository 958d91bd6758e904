"""Announcements, their recipients, and the pace of a bot."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcTime

revision = "0007"
down_revision = "0006"

number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "announcements",
        sa.Column("number", sa.String(length=8), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(length=16), nullable=False),
        sa.Column("promise", sa.String(length=16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("writer", sa.String(length=80), nullable=False),
        sa.Column("writer_channel", sa.String(length=32), nullable=True),
        sa.Column("writer_chat", sa.String(length=80), nullable=True),
        sa.Column("approver", sa.String(length=80), nullable=True),
        sa.Column("approver_channel", sa.String(length=32), nullable=True),
        sa.Column("approver_chat", sa.String(length=80), nullable=True),
        sa.Column("undo_until", UtcTime(), nullable=True),
        sa.Column("send_at", UtcTime(), nullable=True),
        sa.Column("in_daytime", sa.Boolean(), nullable=False),
        sa.Column("stale_after_s", sa.Integer(), nullable=False),
        sa.Column("not_after", UtcTime(), nullable=True),
        sa.Column("went_on_at", UtcTime(), nullable=True),
        sa.Column("planner", sa.String(length=36), nullable=True),
        sa.Column("planned_at", UtcTime(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("worked_at", UtcTime(), nullable=True),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("recall", sa.String(length=8), nullable=True),
        sa.Column("recall_content", sa.JSON(), nullable=True),
        sa.Column("recalled_at", UtcTime(), nullable=True),
        sa.Column("corrects", sa.String(length=8), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'sending', 'paused', 'late', 'stopped', 'finished', "
            "'discarded')",
            name=op.f("ck_announcements_state"),
        ),
        sa.CheckConstraint("promise IN ('at_least_once', 'never_twice')", name=op.f("ck_announcements_promise")),
        sa.CheckConstraint("approver IS NULL OR approver <> writer", name=op.f("ck_announcements_approver")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_announcements")),
    )
    op.create_index(op.f("ix_announcements_state"), "announcements", ["state"], unique=False)

    op.create_table(
        "recipients",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("announcement", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=80), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=36), nullable=True),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.Column("message_ids", sa.JSON(), nullable=True),
        sa.Column("answered", sa.String(length=64), nullable=True),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.Column("recalled", sa.String(length=8), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'failed', 'blocked', 'unknown', 'skipped')",
            name=op.f("ck_recipients_state"),
        ),
        sa.ForeignKeyConstraint(
            ["announcement"],
            ["announcements.number"],
            name=op.f("fk_recipients_announcement_announcements"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipients")),
        sa.UniqueConstraint("announcement", "channel", "chat", name=op.f("uq_recipients_announcement_channel_chat")),
    )
    op.create_index("ix_recipients_due", "recipients", ["announcement", "state", "due_at", "id"], unique=False)
    op.create_index("ix_recipients_person", "recipients", ["person_id", "sent_at"], unique=False)

    op.create_table(
        "senders",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_senders")),
    )
    op.create_table(
        "pace",
        sa.Column("bot", sa.String(length=32), nullable=False),
        sa.Column("recent", sa.JSON(), nullable=False),
        sa.Column("held_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("bot", name=op.f("pk_pace")),
    )
    op.create_table(
        "pace_chats",
        sa.Column("bot", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=80), nullable=False),
        sa.Column("free_at", sa.Float(), nullable=False),
        sa.Column("held_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("bot", "chat", name=op.f("pk_pace_chats")),
    )
    op.create_index(op.f("ix_pace_chats_free_at"), "pace_chats", ["free_at"], unique=False)
