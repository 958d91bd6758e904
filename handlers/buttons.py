"""What a button says when it comes back: an action, or an answer to one step of one run of a conversation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.dialogue import Button

LIMIT_BYTES = 64  # Telegram, Bot API: InlineKeyboardButton.callback_data
BACK, CANCEL = "back", "cancel"


@dataclass(frozen=True, slots=True)
class Press:
    """A choice made at one step. `run` tells this filling of the form from an earlier one."""

    flow: str
    run: str
    key: str
    choice: str

    @property
    def data(self) -> str:
        return _checked(f"f:{self.flow}:{self.run}:{self.key}:{self.choice}")


@dataclass(frozen=True, slots=True)
class Action:
    """A choice that belongs to no step: open something, show more, switch the language."""

    name: str
    argument: str = ""

    @property
    def data(self) -> str:
        return _checked(f"go:{self.name}:{self.argument}" if self.argument else f"go:{self.name}")


def door(name: str) -> str:
    """Give the data of an action written as "name" or "name:argument"."""
    action, _, argument = name.partition(":")
    return Action(action, argument).data


def parse(data: str) -> Press | Action | None:
    """Read the data of a pressed button; None for anything this release did not write."""
    match data.split(":"):
        case ["f", flow, run, key, choice]:
            return Press(flow, run, key, choice)
        case ["go", name]:
            return Action(name)
        case ["go", name, *argument]:
            return Action(name, ":".join(argument))
    return None


def typed(text: str, shown: Sequence[Button], *, label_only: bool = False) -> Button | None:
    """Find the shown button somebody typed: its label, its number from 1, or its Latin first letter.

    `label_only` is for steps where a number or a letter may be the answer itself.
    """
    wanted = _plain(text)
    if not wanted:
        return None
    for button in shown:
        if _plain(button.label) == wanted:
            return button
    if label_only:
        return None
    number = re.fullmatch(r"(\d{1,2})[、)]?", wanted)
    if number and 1 <= int(number[1]) <= len(shown):
        return shown[int(number[1]) - 1]
    if len(wanted) == 1 and wanted.isascii() and wanted.isalpha():
        initials = [button for button in shown if _plain(button.label).startswith(wanted)]
        return initials[0] if len(initials) == 1 else None
    return None


def _plain(label: str) -> str:
    return re.sub(r"[\s。.,?“”\"'「」]+", " ", unicodedata.normalize("NFKC", label)).strip().casefold()


def _checked(data: str) -> str:
    if not data.isascii() or len(data) > LIMIT_BYTES:
        raise ValueError(f"button data must be ASCII of at most {LIMIT_BYTES} bytes: {data!r}")
    return data
