"""What Telegram accepts: texts, keyboards, commands, languages. Everything raises Refusal 400."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from tests.simulated_telegram.entities import parse_html, units
from tests.simulated_telegram.refusal import Refusal

LONGEST_TEXT = 4096
MOST_BUTTONS, MOST_IN_A_ROW, LONGEST_DATA = 100, 8, 64
MOST_COMMANDS = 100
COMMAND = re.compile("[a-z0-9_]{1,32}")
ACTIONS = frozenset({"typing", "upload_photo", "upload_document", "find_location", "record_voice"})
SCOPES = frozenset({"default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat"})


def check_text(params: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """Give a message's plain text, trimmed, and its entities."""
    text, mode = params["text"], params.get("parse_mode", "")
    if mode and mode.upper() != "HTML":
        raise Refusal(400, f"Bad Request: unsupported parse_mode {mode}")
    plain, entities = parse_html(text) if mode else (text, params.get("entities", []))
    trimmed = plain.strip()
    if not trimmed:
        raise Refusal(400, "Bad Request: message text is empty")
    if units(trimmed) > LONGEST_TEXT:
        raise Refusal(400, "Bad Request: message is too long")
    return trimmed, entities


def check_markup(markup: Mapping[str, Any] | None) -> None:
    """Check an inline keyboard or one in place of the letters."""
    if not markup:
        return
    if set(markup) == {"inline_keyboard"}:
        _check_rows(markup["inline_keyboard"], _check_inline_button)
    elif "keyboard" in markup:
        allowed = {"keyboard", "is_persistent", "resize_keyboard", "one_time_keyboard", "selective"}
        if unknown := set(markup) - allowed - {"input_field_placeholder"}:
            raise Refusal(400, f"Bad Request: unknown field {sorted(unknown)[0]} of ReplyKeyboardMarkup")
        _check_rows(markup["keyboard"], _check_button)
    elif markup.get("remove_keyboard") is not True:
        raise Refusal(400, "Bad Request: object expected as reply markup")


def check_commands(commands: Any) -> list[dict[str, str]]:
    if not isinstance(commands, list) or len(commands) > MOST_COMMANDS:
        raise Refusal(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if set(command) != {"command", "description"}:
            raise Refusal(400, "Bad Request: can't parse BotCommand")
        if not COMMAND.fullmatch(command["command"]):
            raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= units(command["description"]) <= 256:
            raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


def check_language(code: str) -> str:
    if code and not re.fullmatch("[a-z]{2}", code):
        raise Refusal(400, "Bad Request: LANG_CODE_INVALID")
    return code


def check_scope(scope: Mapping[str, Any] | None) -> str:
    kind = str((scope or {"type": "default"}).get("type"))
    if kind not in SCOPES:
        raise Refusal(400, "Bad Request: can't parse BotCommandScope")
    return kind


def check_length(what: str, words: str, most: int) -> str:
    if units(words) > most:
        raise Refusal(400, f"Bad Request: {what} is too long")
    return words


def _check_rows(rows: Any, check: Any) -> None:
    if not isinstance(rows, Sequence) or not all(isinstance(row, list) for row in rows):
        raise Refusal(400, "Bad Request: can't parse keyboard: array of arrays expected")
    if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > MOST_IN_A_ROW for row in rows):
        raise Refusal(400, "Bad Request: REPLY_MARKUP_TOO_LONG")
    for row in rows:
        for button in row:
            check(button)


def _check_inline_button(button: Any) -> None:
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise Refusal(400, "Bad Request: can't parse inline keyboard button: text must be non-empty")
    if len(set(button) - {"text"}) != 1 or not set(button) <= {"text", "callback_data", "url"}:
        raise Refusal(400, "Bad Request: exactly one action of an inline keyboard button must be used")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= LONGEST_DATA:
        raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")


def _check_button(button: Any) -> None:
    label = button.get("text", "") if isinstance(button, dict) else button
    if not isinstance(label, str) or not label.strip():
        raise Refusal(400, "Bad Request: can't parse keyboard button: text must be non-empty")
    if isinstance(button, dict) and not set(button) <= {"text", "request_contact", "request_location"}:
        raise Refusal(400, "Bad Request: can't parse keyboard button")
