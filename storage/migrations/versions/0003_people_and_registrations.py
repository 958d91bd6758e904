"""People and registrations: the registry, staff, drafts, hand-overs; and what is personal gets sealed.

Sealing what is there comes first: from this revision on the code reads sealed texts only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from storage.tables import UtcTime
from storage.vault import Vault

revision = "0003"
down_revision = "0002"

# Table, its key, and the columns that are sealed under "table.column".
SEALED = (
    ("conversations", ("channel", "chat"), ("memory",)),
    ("answers", ("channel", "chat", "key"), ("value",)),
    ("inbox", ("seq",), ("body",)),
    ("outbox", ("id",), ("body",)),
    ("questions", ("number",), ("text", "name", "contact", "answer")),
)


def upgrade() -> None:
    with op.batch_alter_table("questions") as questions:
        questions.alter_column("name", existing_type=sa.String(length=80), type_=sa.Text(), existing_nullable=False)
        questions.alter_column("contact", existing_type=sa.String(length=254), type_=sa.Text(), existing_nullable=False)
    _seal_what_is_there(context.config.attributes["vault"])
    _make_tables()


def _seal_what_is_there(vault: Vault) -> None:
    connection = op.get_bind()
    for name, key, columns in SEALED:
        table = sa.table(name, *(sa.column(column) for column in (*key, *columns)))
        for row in connection.execute(sa.select(table)).mappings().all():
            sealed = {
                column: vault.seal(row[column], f"{name}.{column}") for column in columns if row[column] is not None
            }
            if sealed:
                which = [table.c[column] == row[column] for column in key]
                connection.execute(sa.update(table).where(*which).values(**sealed))


def _make_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=36), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)

    op.create_table(
        "drafts",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=80), nullable=False),
        sa.Column("flow", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("saved_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat", "flow", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_saved_at"), "drafts", ["saved_at"], unique=False)

    op.create_table(
        "exports",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_exports")),
    )
    op.create_table(
        "handovers",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=80), nullable=False),
        sa.Column("sender", sa.String(length=80), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_handovers")),
    )
    op.create_index("ix_handovers_chat", "handovers", ["channel", "chat"], unique=False)
    op.create_index(op.f("ix_handovers_expires_at"), "handovers", ["expires_at"], unique=False)

    op.create_table(
        "receipts",
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_receipts")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("township", sa.String(length=20), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=True),
        sa.Column("account", sa.String(length=80), nullable=True),
        sa.Column("invited_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("bound_at", UtcTime(), nullable=True),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.CheckConstraint("(role = 'township') = (township IS NOT NULL)", name=op.f("ck_staff_township")),
        sa.CheckConstraint("role IN ('county-admin', 'bureau', 'township', 'reader')", name=op.f("ck_staff_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_staff_code_hash")),
    )
    op.create_index(
        "ix_staff_account",
        "staff",
        ["channel", "account"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )

    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("lookup", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_contacts_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("person_id", "lookup", name=op.f("uq_contacts_person_id_lookup")),
    )
    op.create_index(op.f("ix_contacts_lookup"), "contacts", ["lookup"], unique=False)

    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_history_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index(op.f("ix_history_person_id"), "history", ["person_id"], unique=False)

    op.create_table(
        "profile_fields",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_profile_fields_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "field", name=op.f("pk_profile_fields")),
    )
    op.create_index(op.f("ix_profile_fields_field"), "profile_fields", ["field"], unique=False)

    op.create_table(
        "profiles",
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_township", sa.String(length=32), nullable=True),
        sa.Column("township", sa.String(length=20), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("place_code", sa.String(length=40), nullable=True),
        sa.Column("tier", sa.String(length=1), nullable=True),
        sa.Column("preference", sa.String(length=10), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("asked_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "preference IS NULL OR preference IN ('text', 'phone', 'stop')", name=op.f("ck_profiles_preference")
        ),
        sa.CheckConstraint("state IN ('active', 'unconfirmed', 'wrong')", name=op.f("ck_profiles_state")),
        sa.CheckConstraint("tier IS NULL OR tier IN ('A', 'B', 'C')", name=op.f("ck_profiles_tier")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_profiles_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_profiles")),
    )
    op.create_index(op.f("ix_profiles_confirmed_at"), "profiles", ["confirmed_at"], unique=False)
    op.create_index("ix_profiles_created", "profiles", ["created_at", "person_id"], unique=False)
    op.create_index(op.f("ix_profiles_name_township"), "profiles", ["name_township"], unique=False)
    op.create_index(op.f("ix_profiles_place_code"), "profiles", ["place_code"], unique=False)
    op.create_index(op.f("ix_profiles_tier"), "profiles", ["tier"], unique=False)
    op.create_index(op.f("ix_profiles_township"), "profiles", ["township"], unique=False)

    op.create_table(
        "registrations",
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("slot", sa.String(length=20), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("consent_version", sa.String(length=20), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.CheckConstraint("state IN ('submitted', 'withdrawn')", name=op.f("ck_registrations_state")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_registrations_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_registrations")),
        sa.UniqueConstraint("person_id", "slot", name=op.f("uq_registrations_person_id_slot")),
    )
    op.create_index("ix_registrations_person_kind", "registrations", ["person_id", "kind"], unique=False)
    op.create_table(
        "claims",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_claims_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_claims")),
    )
    op.create_index(op.f("ix_claims_person_id"), "claims", ["person_id"], unique=False)
