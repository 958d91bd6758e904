"""Log lines: one each, with what belongs to the event beside it."""

from __future__ import annotations

import logging

from bot.logs import OneLine


def test_extras_stand_beside_the_event() -> None:
    record = logging.makeLogRecord({"name": "bot.reception", "msg": "message.done", "ms": 3, "why": "two words"})
    assert OneLine().format(record).endswith('bot.reception message.done ms=3 why="two words"')


def test_a_line_break_stays_inside_its_line() -> None:
    record = logging.makeLogRecord({"msg": "x", "reason": "a\nb"})
    assert "\n" not in OneLine().format(record)
