"""The tables of what people want to hear of: topics agreed to or stopped, files asked about, chats that are closed."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Table


class Topic(StrEnum):
    """What an announcement is about; each is agreed to, and stopped, on its own."""

    NEWS = "news"  # events and news of the action
    POLICY = "policy"  # a policy changes, opens for applications, ends
    NEEDS = "needs"  # a firm looks for somebody, somebody offers something
    SERVICE = "service"  # about what somebody has with us already: an event they come to, their entry


# Stopped, it stands for every topic there is.
EVERYTHING = "all"


class Subscription(Table):
    """What somebody said about a topic, last; `state` "off" for the topic "all" stops everything.

    No row says nothing: then the consent to the registry decides (`storage.audiences`).
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint("state IN ('on', 'off')", name="state"),
        CheckConstraint("topic IN ('news', 'policy', 'needs', 'service', 'all')", name="topic"),
    )

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(12), primary_key=True)
    state: Mapped[str] = mapped_column(String(3))
    version: Mapped[str] = mapped_column(String(20))  # of the words agreed to
    changed_at: Mapped[datetime]
    language: Mapped[str | None] = mapped_column(String(20))  # in which it was said


class Interest(Table):
    """A file somebody wants to hear of when it changes."""

    __tablename__ = "interests"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    # No foreign key: a file that is read anew is a new row for a moment.
    document_id: Mapped[str] = mapped_column(String(16), primary_key=True, index=True)
    asked_at: Mapped[datetime]


class ClosedChat(Table):
    """A chat whose person blocked the bot; whoever writes there later opens it again."""

    __tablename__ = "closed_chats"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    chat: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]


class PolicyNewsRow(Table):
    """Something that happened to a file somebody asked about, offered to staff once as a draft."""

    __tablename__ = "policy_news"
    __table_args__ = (
        CheckConstraint("what IN ('repealed', 'lapsed', 'corrected', 'supplemented', 'opened')", name="what"),
        CheckConstraint("state IN ('offered', 'taken', 'dismissed')", name="state"),
        Index("ix_policy_news_state", "state", "found_at"),
    )

    document_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    what: Mapped[str] = mapped_column(String(12), primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    by_title: Mapped[str] = mapped_column(Text)
    until: Mapped[date | None]
    found_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
