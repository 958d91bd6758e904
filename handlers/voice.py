"""Speaking to somebody in their language: texts of the catalogue as the parts and buttons of a reply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from handlers.buttons import door
from handlers.desk import Office
from handlers.dialogue import Button, Items, Paragraph, Part, Reply

Rows: TypeAlias = Sequence[Sequence[Button]]


class Voice:
    """Words in one language, with the county's own names filled in."""

    def __init__(self, office: Office, language: str) -> None:
        self.office = office
        self.language = language
        self._notes: list[Part] = []

    def note(self, parts: Sequence[Part]) -> None:
        """Lay words aside that shall stand before the next reply."""
        self._notes.extend(parts)

    def text(self, key: str, **params: object) -> str:
        return self.office.texts(key, self.language, **{**self.office.county.words(self.language), **params})

    def parts(self, key: str, **params: object) -> list[Part]:
        """Give a text as paragraphs (blank lines part them) and lists (lines that begin with a dash)."""
        parts: list[Part] = []
        for block in self.text(key, **params).split("\n\n"):
            lines = block.strip("\n").split("\n")
            if all(line.startswith("- ") for line in lines):
                parts.append(Items(items=tuple(line[2:] for line in lines)))
            else:
                parts.append(Paragraph(text="\n".join(lines)))
        return parts

    def reply(self, parts: Sequence[Part], buttons: Rows = (), *, kind: str = "", ask_contact: str = "") -> Reply:
        """Make a reply in the person's language, after whatever has to be noted first."""
        noted, self._notes = [*self._notes, *parts], []
        rows = tuple(tuple(row) for row in buttons if row)
        return Reply(parts=tuple(noted), buttons=rows, kind=kind, language=self.language, ask_contact=ask_contact)

    def say(self, key: str, buttons: Rows = (), **params: object) -> Reply:
        return self.reply(self.parts(key, **params), buttons)

    def doors(self, *names: str) -> Rows:
        """Give a button for each action by its name ("ask", "start:ask-person"), one to a row."""
        return [[Button(label=self.text("door." + name.replace(":", ".")), data=door(name))] for name in names]
