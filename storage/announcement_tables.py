"""The tables of announcements (通知): what is to be told, to whom and how far that is; and the pace of a bot."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Table

# SQLite counts up only what it calls INTEGER, and that has eight bytes there.
Number = BigInteger().with_variant(Integer(), "sqlite")


class State(StrEnum):
    """Where an announcement stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"  # waits for a second person
    APPROVED = "approved"  # frozen; may be undone for a moment, or waits for its time
    SENDING = "sending"
    PAUSED = "paused"
    LATE = "late"  # too late to send without asking
    STOPPED = "stopped"
    FINISHED = "finished"
    DISCARDED = "discarded"


class Promise(StrEnum):
    """What happens to a message of which nobody can tell whether it arrived."""

    AT_LEAST_ONCE = "at_least_once"  # it is sent once more
    NEVER_TWICE = "never_twice"  # it is listed


class RecipientState(StrEnum):
    """What became of one recipient."""

    PENDING = "pending"
    SENDING = "sending"  # committed before the call
    SENT = "sent"
    FAILED = "failed"  # the platform refuses it for good
    BLOCKED = "blocked"  # they do not want to hear from us
    UNKNOWN = "unknown"  # it may have arrived
    SKIPPED = "skipped"  # not to be sent after all; the reason says why


class Recall(StrEnum):
    """How an announcement is taken back; what can't be deleted any more is edited if there are words for it."""

    DELETE = "delete"
    EDIT = "edit"


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(one.value) for one in values)})"


class AnnouncementRow(Table):
    """One announcement. From its approval on `digest` holds what was approved, and nothing of that changes."""

    __tablename__ = "announcements"
    __table_args__ = (
        CheckConstraint(_one_of("state", State), name="state"),
        CheckConstraint(_one_of("promise", Promise), name="promise"),
        CheckConstraint("approver IS NULL OR approver <> writer", name="approver"),
    )

    number: Mapped[str] = mapped_column(String(8), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(String(16))
    promise: Mapped[str] = mapped_column(String(16))
    content: Mapped[dict[str, Any]]
    audience: Mapped[dict[str, Any]]
    digest: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), index=True)
    reason: Mapped[str | None] = mapped_column(Text)
    writer: Mapped[str] = mapped_column(String(80))
    writer_channel: Mapped[str | None] = mapped_column(String(32))
    writer_chat: Mapped[str | None] = mapped_column(String(80))
    approver: Mapped[str | None] = mapped_column(String(80))
    approver_channel: Mapped[str | None] = mapped_column(String(32))
    approver_chat: Mapped[str | None] = mapped_column(String(80))
    undo_until: Mapped[datetime | None]
    send_at: Mapped[datetime | None]
    in_daytime: Mapped[bool]
    stale_after_s: Mapped[int]
    not_after: Mapped[datetime | None]
    went_on_at: Mapped[datetime | None]  # somebody wants it sent although it is late
    planner: Mapped[str | None] = mapped_column(String(36))  # the process that is writing the recipients
    planned_at: Mapped[datetime | None]
    people: Mapped[int]
    started_at: Mapped[datetime | None]
    worked_at: Mapped[datetime | None]  # when last nothing of it waited for an answer
    finished_at: Mapped[datetime | None]
    trusted: Mapped[bool]  # its first messages arrived, or somebody let it go on although they did not
    recall: Mapped[str | None] = mapped_column(String(8))
    recall_content: Mapped[dict[str, Any] | None]
    recalled_at: Mapped[datetime | None]  # every message that was to be taken back has been tried
    corrects: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class RecipientRow(Table):
    """One person an announcement is for. `attempts` counts the calls of which nobody knows how they ended."""

    __tablename__ = "recipients"
    __table_args__ = (
        CheckConstraint(_one_of("state", RecipientState), name="state"),
        UniqueConstraint("announcement", "channel", "chat"),
        Index("ix_recipients_due", "announcement", "state", "channel", "due_at", "id"),
        Index("ix_recipients_person", "person_id", "sent_at"),
    )

    id: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=True)
    announcement: Mapped[str] = mapped_column(ForeignKey("announcements.number", ondelete="CASCADE"))
    person_id: Mapped[str | None] = mapped_column(String(36))
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str | None] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(16))
    zone: Mapped[str] = mapped_column(String(64))
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(80))
    attempts: Mapped[int]
    sender: Mapped[str | None] = mapped_column(String(36))
    sent_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    message_ids: Mapped[list[Any] | None]
    answered: Mapped[str | None] = mapped_column(String(64))
    answered_at: Mapped[datetime | None]
    recalled: Mapped[str | None] = mapped_column(String(8))


class SenderRow(Table):
    """A process that sends announcements; one that has not been seen for a while is gone."""

    __tablename__ = "senders"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seen_at: Mapped[datetime]


class ServedChannel(Table):
    """A channel that announcements go out on, or went: when a process had it last, when its platform answered."""

    __tablename__ = "served_channels"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    seen_at: Mapped[datetime | None]
    served: Mapped[bool]
    answered_at: Mapped[datetime | None]


class PaceRow(Table):
    """The messages of one bot in the last moments, by the machine's clock in seconds, over all processes."""

    __tablename__ = "pace"

    bot: Mapped[str] = mapped_column(String(32), primary_key=True)
    recent: Mapped[list[Any]]
    held_until: Mapped[float] = mapped_column(Float)


class PaceChatRow(Table):
    """Until when a chat has had enough for now; rows are gone a minute later."""

    __tablename__ = "pace_chats"

    bot: Mapped[str] = mapped_column(String(32), primary_key=True)
    chat: Mapped[str] = mapped_column(String(80), primary_key=True)
    free_at: Mapped[float] = mapped_column(Float, index=True)
    held_until: Mapped[float] = mapped_column(Float)  # the platform asked for patience
