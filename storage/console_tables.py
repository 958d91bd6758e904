"""The tables of the staff console: accounts, sessions, failures; what was asked; editions of documents; the FAQ."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Table


class ConsoleAccount(Table):
    """How a member of staff signs in: a login of their own, the hash of a password, the sealed secret of a code.

    `totp_step` is the newest time step a code was used of: none is taken twice (RFC 6238, 5.2).
    """

    __tablename__ = "console_accounts"

    member_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    login: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(Text)
    totp: Mapped[str] = mapped_column(Text)
    totp_step: Mapped[int]
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]


class ConsoleSession(Table):
    """One signed-in browser, known by the hash of its cookie; `ends_at` comes however busy it is."""

    __tablename__ = "console_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("console_accounts.member_id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class SignInFailure(Table):
    """One failed sign-in, by the blind index of a login or an address; old ones are deleted with the next."""

    __tablename__ = "console_failures"
    __table_args__ = (Index("ix_console_failures_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]


class AskedQuestion(Table):
    """That a question was asked, and what kind of answer it had: no words, nobody's name."""

    __tablename__ = "asked"
    # Counting goes through this index alone.
    __table_args__ = (Index("ix_asked_day", "day", "kind", "topic", "channel", "township"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(32))
    township: Mapped[str | None] = mapped_column(String(20))


class EditionState(StrEnum):
    """Where an uploaded edition of a document stands."""

    READING = "reading"
    REFUSED = "refused"
    READ = "read"  # understood, and answers nothing yet
    ACTIVE = "active"
    REPLACED = "replaced"  # by another edition; can be brought back
    DISCARDED = "discarded"


class EditionRow(Table):
    """One edition of a document as it was read: what answers when it is active, to be brought back at once.

    `document` and `clauses` are the values of the rows in `documents` and `clauses`; `message` says why a file was
    refused.
    """

    __tablename__ = "editions"
    __table_args__ = (
        CheckConstraint("state IN ('reading', 'refused', 'read', 'active', 'replaced', 'discarded')", name="state"),
        Index("ix_editions_document", "document_id", "at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    document_id: Mapped[str] = mapped_column(String(16))
    file: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    message: Mapped[str] = mapped_column(Text)
    document: Mapped[dict[str, Any]]
    clauses: Mapped[list[Any]]
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(index=True)
    changed_at: Mapped[datetime]


class FaqState(StrEnum):
    """Where a question for the FAQ stands."""

    PROPOSED = "proposed"
    PUBLISHED = "published"  # a second person has read it
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class FaqRow(Table):
    """A question of general interest with its answer and the clause it rests on; published once reviewed."""

    __tablename__ = "faqs"
    __table_args__ = (
        CheckConstraint("state IN ('proposed', 'published', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("state <> 'published' OR reviewed_by IS NOT NULL", name="reviewed"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[str | None] = mapped_column(String(12), index=True)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), index=True)
    proposed_by: Mapped[str] = mapped_column(String(80))
    proposed_at: Mapped[datetime]
    reviewed_by: Mapped[str | None] = mapped_column(String(80))
    reviewed_at: Mapped[datetime | None]


class ChannelSwitch(Table):
    """A channel that staff have switched off; one without a row is on."""

    __tablename__ = "channel_switches"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    off_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
