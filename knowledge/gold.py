"""Questions whose right answer is known: how a questions file is read, for measuring by it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from knowledge.errors import KnowledgeError


class BadQuestions(KnowledgeError):
    """A questions file that can't be used; the message names the line and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer stands: a file, the clause's label, and words that stand there; either may be missing."""

    file: str
    clause: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Gold:
    """A question with what a right answer holds: any of `places` cited, every `must`, no `must_not`.

    `kind` is an answer's kind; `type` tells what makes the question hard (table, date, voice …).
    `result_yuan` is what the rule comes to with the question's figures; `needs` names an extra
    (ocr) without which the file can't be read.
    """

    id: str
    text: str
    kind: str
    type: str = ""
    asked_on: date | None = None
    history: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    result_yuan: Decimal | None = None
    needs: str = ""


def read_questions(path: Path) -> list[Gold]:
    """Read a questions file: one JSON object a line with id and text and, where known, the rest of `Gold`.

    Places stand under "gold": [{"file", "clause"?, "quote"?}]. Raises BadQuestions.
    """
    found = []
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(_gold(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
            raise BadQuestions(f"{path.name}, line {number}: {error!r}; each line needs id and text") from error
    return found


def turns_of(history: Iterable[str | Mapping[str, str]]) -> tuple[str, ...]:
    """Give what the person said in earlier turns, oldest first.

    A turn is a text, or {"role", "content"} as chat programs write it ("text" does as well); what others
    than the "user" said is left out. Raises TypeError for anything else.
    """
    found = []
    for turn in history:
        if isinstance(turn, str):
            found.append(turn)
        elif isinstance(words := turn.get("content", turn.get("text")), str):
            found += [words] if turn.get("role", "user") == "user" else []
        else:
            raise TypeError(f"a turn of history has no content: {turn!r}")
    return tuple(found)


def _gold(entry: dict[str, Any]) -> Gold:
    return Gold(
        id=str(entry["id"]),
        text=str(entry["text"]),
        kind=str(entry.get("kind") or "answered"),
        type=str(entry.get("type") or ""),
        asked_on=date.fromisoformat(entry["asked_on"]) if entry.get("asked_on") else None,
        history=turns_of(entry.get("history") or ()),
        places=tuple(
            Place(place["file"], place.get("clause") or "", place.get("quote") or "")
            for place in entry.get("gold") or ()
        ),
        must=tuple(entry.get("must") or ()),
        must_not=tuple(entry.get("must_not") or ()),
        result_yuan=Decimal(str(entry["result_yuan"])) if entry.get("result_yuan") is not None else None,
        needs=str(entry.get("needs") or ""),
    )
