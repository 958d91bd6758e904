"""What the JSON chat takes and gives; the OpenAPI is made of these."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from handlers.dialogue import Reply
from knowledge.validity import Status

Update = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,40}$")]
# What a database takes for text; NUL is no character of anybody's language.
Words = Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")]
Language = Annotated[str, StringConstraints(pattern=r"^(zh-Hans|en)$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Opened(_Model):
    """A new chat. Keep the token as a password is kept: whoever has it is this person."""

    token: str


class Said(_Model):
    """What a person typed. `update` is an idempotency key of the client's: with the same one nothing happens twice."""

    update: Update
    text: Words
    language: Language | None = None


class Pressed(_Model):
    """A button that was pressed: its `data`, and the id of the message it stood below. `update` as in `Said`."""

    update: Update
    choice: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]
    below: Annotated[int, Field(ge=0, le=2**53)] = 0
    language: Language | None = None


class Accepted(_Model):
    """It is stored; the answer comes among the messages."""

    accepted: bool = True


class ChatMessage(_Model):
    """One line of a chat: what the person said (`text`), or a `reply`. One whose id is known takes its place."""

    id: int
    mine: bool
    at: datetime
    text: str = ""
    file: str = ""
    reply: Reply | None = None


class ChatMessages(_Model):
    """Lines in their order; ask again with `after` the last id."""

    messages: list[ChatMessage]


class Answered(_Model):
    """An answer to one question as of a day."""

    on: date
    reply: Reply


class ListedDocument(_Model):
    """A public document and how it stands on the day asked for."""

    id: str
    title: str
    doc_no: str | None
    issuer: str | None
    published: date | None
    effective: date | None
    last_day: date | None
    status: Status


class ListedDocuments(_Model):
    on: date
    documents: list[ListedDocument]


class ReadClause(_Model):
    """A clause as it reads on the day; `rows` of a table begin with its header."""

    position: int
    label: str
    text: str
    rows: list[list[str]]
    changed_by: list[str]
    status: Status


class ReadDocument(_Model):
    on: date
    document: ListedDocument
    clauses: list[ReadClause]


class Problem(_Model):
    """Why a request was not served; `message` is for people, in the language they asked in."""

    status: int
    message: str


class Failed(_Model):
    error: Problem
