"""Slots and bookings: hosts and their hours, bookings with their cells, the waiting list, what falls due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _make_hours()
    _make_bookings()
    _make_waits()


def _make_hours() -> None:
    op.create_table(
        "hosts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("township", sa.String(length=20), nullable=True),
        sa.Column("staff_id", sa.String(length=36), nullable=True),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("place_en", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.CheckConstraint("kind IN ('officer', 'expert')", name=op.f("ck_hosts_kind")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_hosts_person_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_hosts_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hosts")),
    )
    for column in ("person_id", "staff_id", "township"):
        op.create_index(op.f(f"ix_hosts_{column}"), "hosts", [column], unique=False)

    op.create_table(
        "slot_rules",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("host_id", sa.String(length=36), nullable=False),
        sa.Column("rrule", sa.Text(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("step_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("ahead_days", sa.Integer(), nullable=False),
        sa.Column("cancel_minutes", sa.Integer(), nullable=False),
        sa.Column("per_week", sa.Integer(), nullable=True),
        sa.Column("needs_confirmation", sa.Boolean(), nullable=False),
        sa.Column("holidays", sa.String(length=8), nullable=False),
        sa.Column("modes", sa.JSON(), nullable=True),
        sa.Column("topics", sa.JSON(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("slot_minutes > 0 AND slot_minutes % 15 = 0", name=op.f("ck_slot_rules_slot_minutes")),
        sa.CheckConstraint("step_minutes > 0 AND step_minutes % 15 = 0", name=op.f("ck_slot_rules_step_minutes")),
        sa.CheckConstraint(
            "buffer_minutes >= 0 AND buffer_minutes % 15 = 0", name=op.f("ck_slot_rules_buffer_minutes")
        ),
        sa.CheckConstraint("minutes >= slot_minutes", name=op.f("ck_slot_rules_minutes")),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_slot_rules_capacity")),
        sa.CheckConstraint("holidays IN ('skip', 'makeup', 'keep')", name=op.f("ck_slot_rules_holidays")),
        sa.ForeignKeyConstraint(
            ["host_id"], ["hosts.id"], name=op.f("fk_slot_rules_host_id_hosts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_rules")),
    )
    op.create_index(op.f("ix_slot_rules_host_id"), "slot_rules", ["host_id"], unique=False)

    op.create_table(
        "slot_days",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("host_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=True),
        sa.Column("ends", sa.String(length=5), nullable=True),
        sa.CheckConstraint("kind IN ('extra', 'leave')", name=op.f("ck_slot_days_kind")),
        sa.CheckConstraint("(starts IS NULL) = (ends IS NULL)", name=op.f("ck_slot_days_hours")),
        sa.CheckConstraint("kind = 'leave' OR starts IS NOT NULL", name=op.f("ck_slot_days_extra")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_slot_days_host_id_hosts"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_days")),
    )
    op.create_index("ix_slot_days_host_day", "slot_days", ["host_id", "day"], unique=False)


def _make_bookings() -> None:
    op.create_table(
        "bookings",
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("host_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=80), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("held_until", UtcTime(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("contact_kind", sa.String(length=8), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("township", sa.String(length=20), nullable=True),
        sa.Column("rule_id", sa.String(length=36), nullable=True),
        sa.Column("needs_confirmation", sa.Boolean(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("cancel_minutes", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('held', 'pending', 'confirmed', 'cancelled', 'declined', 'expired', 'no_show', 'done')",
            name=op.f("ck_bookings_state"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_bookings_times")),
        sa.CheckConstraint("(state = 'held') = (held_until IS NOT NULL)", name=op.f("ck_bookings_held")),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_bookings_host_id_hosts")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_bookings_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["slot_rules.id"], name=op.f("fk_bookings_rule_id_slot_rules"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_bookings")),
    )
    op.create_index("ix_bookings_host_starts", "bookings", ["host_id", "starts_at"], unique=False)
    op.create_index("ix_bookings_person_starts", "bookings", ["person_id", "starts_at"], unique=False)
    op.create_index(op.f("ix_bookings_township"), "bookings", ["township"], unique=False)
    still_open = sa.text("state IN ('held', 'pending')")
    op.create_index(
        "ix_bookings_open",
        "bookings",
        ["state", "held_until"],
        unique=False,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )

    op.create_table(
        "booking_cells",
        sa.Column("host_id", sa.String(length=36), nullable=False),
        sa.Column("cell", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seat", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_booking_cells_host_id_hosts")),
        sa.ForeignKeyConstraint(
            ["number"], ["bookings.number"], name=op.f("fk_booking_cells_number_bookings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("host_id", "cell", "seat", name=op.f("pk_booking_cells")),
        sa.UniqueConstraint("person_id", "cell", name=op.f("uq_booking_cells_person_id_cell")),
    )
    op.create_index(op.f("ix_booking_cells_number"), "booking_cells", ["number"], unique=False)


def _make_waits() -> None:
    op.create_table(
        "booking_waits",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=80), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=True),
        sa.Column("host_id", sa.String(length=36), nullable=True),
        sa.Column("wanted_from", UtcTime(), nullable=False),
        sa.Column("wanted_to", UtcTime(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("contact_kind", sa.String(length=8), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("offered_until", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'taken', 'lapsed', 'left')", name=op.f("ck_booking_waits_state")
        ),
        sa.CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name=op.f("ck_booking_waits_offered")),
        sa.ForeignKeyConstraint(
            ["host_id"], ["hosts.id"], name=op.f("fk_booking_waits_host_id_hosts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_booking_waits_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_waits")),
        sa.UniqueConstraint("number", name=op.f("uq_booking_waits_number")),
    )
    op.create_index(op.f("ix_booking_waits_person_id"), "booking_waits", ["person_id"], unique=False)
    op.create_index("ix_booking_waits_state_asked", "booking_waits", ["state", "asked_at"], unique=False)

    op.create_table(
        "reminders",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=36), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.CheckConstraint("state IN ('due', 'done', 'dropped')", name=op.f("ck_reminders_state")),
        sa.PrimaryKeyConstraint("kind", "subject", "due_at", name=op.f("pk_reminders")),
    )
    due = sa.text("state = 'due'")
    op.create_index("ix_reminders_due", "reminders", ["due_at"], unique=False, sqlite_where=due, postgresql_where=due)
