"""What people want to hear of: topics, files they follow, chats that are closed; news about files, offered to staff."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("topic", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=3), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.CheckConstraint("state IN ('on', 'off')", name=op.f("ck_subscriptions_state")),
        sa.CheckConstraint(
            "topic IN ('news', 'policy', 'needs', 'service', 'all')", name=op.f("ck_subscriptions_topic")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_subscriptions_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "interests",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=16), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_interests_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "document_id", name=op.f("pk_interests")),
    )
    op.create_index(op.f("ix_interests_document_id"), "interests", ["document_id"], unique=False)
    op.create_table(
        "closed_chats",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=80), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat", name=op.f("pk_closed_chats")),
    )
    op.create_table(
        "policy_news",
        sa.Column("document_id", sa.String(length=16), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("by_title", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("found_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "what IN ('repealed', 'lapsed', 'corrected', 'supplemented', 'opened')", name=op.f("ck_policy_news_what")
        ),
        sa.CheckConstraint("state IN ('offered', 'taken', 'dismissed')", name=op.f("ck_policy_news_state")),
        sa.PrimaryKeyConstraint("document_id", "what", "since", name=op.f("pk_policy_news")),
    )
    op.create_index("ix_policy_news_state", "policy_news", ["state", "found_at"], unique=False)
