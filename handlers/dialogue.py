"""The vocabulary between channels and handlers: Message in, Reply out. Never HTML, never Telegram types."""

from __future__ import annotations

import base64
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, field_validator


class _Record(BaseModel):
    # An error in a log must not show what somebody wrote.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class MessageKind(StrEnum):
    """What a person did."""

    TEXT = "text"
    CHOICE = "choice"  # pressed a button; `choice` holds its data
    CONTACT = "contact"  # shared a contact card; `text` holds its telephone number
    FILE = "file"  # sent a document or picture
    EDITED = "edited"  # changed an earlier message; `text` holds the new wording
    UNSUPPORTED = "unsupported"  # voice, sticker, location …: `media` names it
    LEFT = "left"  # blocked the bot or removed it from the chat


class Attachment(_Record):
    """A file somebody sent: its name, its size in bytes, and how its channel finds it again."""

    name: str
    channel: str
    id: str
    size: int = 0


class Message(_Record):
    """One thing a person did in one chat.

    `channel` + `update` is the idempotency key. `at` is an aware UTC time. `language` is the
    channel's hint (IETF tag) and may be absent; the conversation remembers the person's own choice.
    `below` is where a pressed button stood, as the channel knows its messages; empty where it can't tell.
    """

    channel: str
    update: str
    chat: str
    sender: str
    at: datetime
    kind: MessageKind = MessageKind.TEXT
    text: str = ""
    choice: str = ""
    below: str = ""
    media: str = ""
    file: Attachment | None = None
    language: str | None = None
    private: bool = True  # False in a group chat

    @field_validator("text", "choice", "media")
    @classmethod
    def _can_be_stored(cls, words: str) -> str:
        # Half a surrogate pair, from a broken pipe or client, has no UTF-8; it may not cost the message.
        return words.encode("utf-8", "replace").decode()


class Source(_Record):
    """Where a quotation stands: what a reader needs to find and date it."""

    document: str
    file: str
    clause: str
    doc_no: str | None = None
    effective: date | None = None
    expires: date | None = None
    note: str = ""  # e.g. "已按更正通知更正", in the reader's language


class Paragraph(_Record):
    type: Literal["paragraph"] = "paragraph"
    text: str


class Heading(_Record):
    type: Literal["heading"] = "heading"
    text: str


class Items(_Record):
    type: Literal["items"] = "items"
    items: tuple[str, ...]
    ordered: bool = False


class Table(_Record):
    """A small table: header cells, then rows of as many cells."""

    type: Literal["table"] = "table"
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Quote(_Record):
    """Words of a document, verbatim, with their source; `table` in place of `text` for table rows."""

    type: Literal["quote"] = "quote"
    text: str
    source: Source
    table: Table | None = None


class File(_Record):
    """A small file to take along, made for this person: its name, its IANA media type, its content as base64."""

    type: Literal["file"] = "file"
    name: str
    media_type: str
    content: Base64Bytes

    @classmethod
    def of(cls, name: str, media_type: str, content: bytes) -> File:
        """Make a file of plain bytes."""
        return cls(name=name, media_type=media_type, content=base64.b64encode(content))


BOXES = ("☐ ", "☑ ")  # before the label of a box, empty and ticked


class Invitation(_Record):
    """Words to pass on to somebody else as they are, with the way into this assistant below them.

    The channel writes the way: `page`, an address that opens the county's own page, and its own address with `start`;
    where there is neither, what to write to the assistant.
    """

    type: Literal["invitation"] = "invitation"
    text: str
    start: str
    page: str = ""

    @property
    def command(self) -> str:
        """Give what has the same effect when it is written in a chat."""
        return f"/start {self.start}"


Part = Annotated[Paragraph | Heading | Items | Table | Quote | File | Invitation, Field(discriminator="type")]


class Button(_Record):
    """A choice under a reply.

    `data` comes back as `Message.choice`: ASCII, at most 64 bytes (Telegram callback_data). One that is `ticked`,
    or not, is a box: it can be pressed again and again.
    """

    label: str
    data: str
    ticked: bool | None = None

    @property
    def drawn(self) -> str:
        """Give the label with its box."""
        return self.label if self.ticked is None else BOXES[self.ticked] + self.label


class Reply(_Record):
    """What to show. `kind` is an answer's kind (see knowledge.answer.Kind) or empty.

    `buttons` are rows of buttons. `ask_contact` invites the channel to offer its own
    "share my contact" control where it has one, labelled with this text. `replaces` is what a message
    had in `below`: a channel that can change what it said shows this reply there, any other says it anew.
    With `free_text` any words may be the answer: a number is one too, and no press of a button.
    """

    parts: tuple[Part, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    kind: str = ""
    language: str = "zh-Hans"
    ask_contact: str = ""
    replaces: str = ""
    free_text: bool = False

    @property
    def text(self) -> str:
        """Give the plain text of all parts, for logs of tests and the simplest channels."""
        return "\n\n".join(_plain(part) for part in self.parts)


def _plain(part: Part) -> str:
    match part:
        case Items():
            return "\n".join(f"- {item}" for item in part.items)
        case Table():
            return "\n".join(" | ".join(row) for row in (part.header, *part.rows))
        case Quote():
            return "\n".join([part.text] if part.table is None else [part.text, _plain(part.table)])
        case File():
            return part.name
        case Invitation():
            return f"{part.text}\n{part.page or part.command}"
        case Paragraph() | Heading():
            return part.text
