"""Log lines: one each, with what belongs to the event beside it."""

from __future__ import annotations

import logging

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.logs import OneLine, log_to_stderr
from handlers.dialogue import Message
from storage.database import Database


def test_extras_stand_beside_the_event() -> None:
    record = logging.makeLogRecord({"name": "bot.reception", "msg": "message.done", "ms": 3, "why": "two words"})
    assert OneLine().format(record).endswith('bot.reception message.done ms=3 why="two words"')


def test_a_line_break_stays_inside_its_line() -> None:
    record = logging.makeLogRecord({"msg": "x", "reason": "a\nb"})
    assert "\n" not in OneLine().format(record)


async def test_a_failure_does_not_tell_what_somebody_wrote(database: Database) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO nowhere VALUES (:contact)"), {"contact": "13800138000"})
    assert "13800138000" not in str(failed.value)

    with pytest.raises(ValidationError) as unread:
        Message.model_validate({"text": "13800138000"})
    assert "13800138000" not in str(unread.value)


def test_libraries_never_tell_all_they_do(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log_to_stderr(logging.DEBUG)
    try:
        logging.getLogger("aiosqlite").debug("executing INSERT with 13800138000")
        logging.getLogger("bot.reception").debug("reception.step")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    told = capsys.readouterr().err
    assert "13800138000" not in told
    assert "reception.step" in told
