"""What Telegram shows about the bot before anybody writes: commands, description, menu button."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Call = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Profile:
    """What those read whose language this is. Commands map names to descriptions, in the order shown."""

    language: str
    commands: Mapping[str, str] = field(default_factory=dict)
    group_commands: Mapping[str, str] = field(default_factory=dict)
    description: str = ""  # in a chat that is still empty, at most 512 characters
    about: str = ""  # on the profile page, at most 120 characters


def introductions(profiles: Sequence[Profile]) -> Iterator[Call]:
    """Give the calls that make a profile known. The first one is for every language that has none."""
    for number, profile in enumerate(profiles):
        code = {"language_code": profile.language.split("-")[0]}
        for whom in ({}, code) if number == 0 else (code,):
            yield from _introduction(profile, whom)
    if profiles:
        yield "setChatMenuButton", {"menu_button": {"type": "commands"}}


def _introduction(profile: Profile, whom: Mapping[str, str]) -> Iterator[Call]:
    for scope, commands in (
        ("all_private_chats", profile.commands),
        ("all_group_chats", profile.group_commands),
    ):
        listed = [{"command": name, "description": words} for name, words in commands.items()]
        yield "setMyCommands", {"commands": listed, "scope": {"type": scope}, **whom}
    if profile.description:
        yield "setMyDescription", {"description": profile.description, **whom}
    if profile.about:
        yield "setMyShortDescription", {"short_description": profile.about, **whom}
