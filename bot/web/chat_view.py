"""What a chat looks like: each stored line as what the templates draw, and where a quotation can be read in full."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from markupsafe import Markup, escape

from handlers.dialogue import Button, File, Message, MessageKind, Reply, Source
from handlers.reading_room import Shelves, place_of
from storage.web_chats import Line

# Buttons that still mean something below an older reply: the rest of an answer, a calendar file.
LASTING = ("go:more", "go:calendar")
ADDRESS = re.compile(r"https?://[^\s<>\"'，。；、）》」]+")
# Numbers people can tap: landlines with area code, mobiles, and the short ones of help lines.
NUMBER = re.compile(r"(?<![\d-])(?:0\d{2,3}-\d{7,8}|1[3-9]\d{9}|12356|12345|96110|110|120)(?![\d-])")

DAY = re.compile(r"(?<![\d-])\d{4}-\d{2}-\d{2}(?![\d-])")  # not to be broken at the end of a line


@dataclass(frozen=True, slots=True)
class Turn:
    """One line for a template: a person's words, or a reply with the buttons that may still be pressed."""

    number: int
    mine: bool
    at: datetime
    text: str = ""
    file: str = ""
    pressed: bool = False
    reply: Reply | None = None
    buttons: tuple[tuple[Button, ...], ...] = ()

    @property
    def plain(self) -> str:
        """Give a reply's words with the sources of its quotations, for copying and passing on."""
        if self.reply is None:
            return self.text
        told: list[str] = []
        for part in self.reply.parts:
            if part.type == "quote":
                words = part.text if part.table is None else Reply(parts=(part,)).text
                told.append(f"“{words}”\n—— {named(part.source)}")
            elif not isinstance(part, File):
                told.append(Reply(parts=(part,)).text)
        return "\n\n".join(told)


def turns(lines: Sequence[Line]) -> list[Turn]:
    """Give the lines of a chat for drawing; only what came after the person's last words can still be answered."""
    last_mine = max((line.id for line in lines if line.mine), default=0)
    return [turn(line, current=line.id > last_mine) for line in lines if not is_hidden(line)]


def is_hidden(line: Line) -> bool:
    """Tell whether a line is a wish of the page's own, not a person's words: that the language be another."""
    return line.mine and Message.model_validate_json(line.body).text.startswith("/language ")


def turn(line: Line, *, current: bool = True) -> Turn:
    """Give one line for drawing."""
    if line.mine:
        said = Message.model_validate_json(line.body)
        pressed = said.kind is MessageKind.CHOICE
        # "/start h-…" from a link is no word of the person's own.
        text = "" if said.text.startswith("/start") and not pressed else said.text
        return Turn(line.id, True, line.at, text, said.file.name if said.file else "", pressed)
    reply = Reply.model_validate_json(line.body)
    rows = (
        reply.buttons
        if current
        else tuple(
            kept
            for row in reply.buttons
            if (kept := tuple(button for button in row if button.data.startswith(LASTING)))
        )
    )
    return Turn(line.id, False, line.at, reply=reply, buttons=rows)


def button_of(lines: Sequence[Line], data: str) -> Button | None:
    """Give the newest button with this data; None if no reply has one."""
    for line in reversed(lines):
        if not line.mine:
            for row in Reply.model_validate_json(line.body).buttons:
                for button in row:
                    if button.data == data:
                        return button
    return None


def named(source: Source) -> str:
    """Write where a quotation stands in one line."""
    title = source.document if source.document.startswith("《") else f"《{source.document}》"
    number = f"（{source.doc_no}）" if source.doc_no else ""
    return f"{title}{number}{source.clause}"


class Links:
    """Addresses of our pages that templates need."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves

    def clause(self, source: Source) -> str:
        """Give the address of a quotation in its document, with the clause marked; empty for one not published."""
        place = place_of(self._shelves, source)
        return f"/documents/{place[0]}#c{place[1]}" if place else ""

    def answer(self, question: str, on: str) -> str:
        """Give the address that answers a question anew for a day."""
        return f"/answer?{urlencode({'q': question, 'on': on})}"


def live(text: str) -> Markup:
    """Write a text with its addresses and telephone numbers to tap; everything else is escaped."""
    found = sorted(
        [(m.start(), m.end(), m.group(), m.group()) for m in ADDRESS.finditer(text)]
        + [(m.start(), m.end(), m.group(), f"tel:{m.group()}") for m in NUMBER.finditer(text)]
        + [(m.start(), m.end(), m.group(), "") for m in DAY.finditer(text)]
    )
    written, end = Markup(), 0
    for start, stop, words, target in found:
        if start < end:
            continue
        written += escape(text[end:start])
        if target:
            # A way to somewhere else tells that place nothing about who came from here.
            written += Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(target, words)
        else:
            written += Markup('<span class="nobr">{}</span>').format(words)
        end = stop
    return written + escape(text[end:])
