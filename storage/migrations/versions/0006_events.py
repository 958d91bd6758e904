"""Events and the replies to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("place_en", sa.Text(), nullable=True),
        sa.Column("map_link", sa.Text(), nullable=True),
        sa.Column("live_link", sa.Text(), nullable=True),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deadline", UtcTime(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("township", sa.String(length=20), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'cancelled')", name=op.f("ck_events_state")),
        sa.CheckConstraint("taken >= 0 AND (quota IS NULL OR taken <= quota)", name=op.f("ck_events_quota")),
        sa.CheckConstraint("starts_at < ends_at AND deadline <= starts_at", name=op.f("ck_events_times")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_events")),
    )
    for column in ("starts_at", "township"):
        op.create_index(op.f(f"ix_events_{column}"), "events", [column], unique=False)

    op.create_table(
        "event_replies",
        sa.Column("number", sa.String(length=8), nullable=False),
        sa.Column("event_code", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("nights", sa.Integer(), nullable=True),
        sa.Column("session", sa.Text(), nullable=True),
        sa.Column("township", sa.String(length=20), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("mobile", sa.Text(), nullable=True),
        sa.Column("diet", sa.Text(), nullable=True),
        sa.Column("has_lodging", sa.Boolean(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('coming', 'online', 'waiting', 'withdrawn', 'attended')", name=op.f("ck_event_replies_state")
        ),
        sa.CheckConstraint("seats > 0", name=op.f("ck_event_replies_seats")),
        sa.ForeignKeyConstraint(
            ["event_code"], ["events.code"], name=op.f("fk_event_replies_event_code_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_event_replies_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_event_replies")),
        sa.UniqueConstraint("event_code", "person_id", name=op.f("uq_event_replies_event_code_person_id")),
    )
    op.create_index(op.f("ix_event_replies_person_id"), "event_replies", ["person_id"], unique=False)
    op.create_index("ix_event_replies_line", "event_replies", ["event_code", "state", "asked_at"], unique=False)
