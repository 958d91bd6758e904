"""Log lines for operators: one line each, `event key=value …`, on standard error, without personal data."""

from __future__ import annotations

import logging
import sys

# Everything a bare LogRecord has; whatever else stands in it came in as `extra`.
_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_OURS = frozenset({"bot", "handlers", "knowledge", "storage"})


class OneLine(logging.Formatter):
    """Write a record's event and its extras; a traceback follows on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        extras = " ".join(f"{key}={_quoted(value)}" for key, value in vars(record).items() if key not in _KNOWN)
        time = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        line = f"{time} {record.levelname.lower()} {record.name} {record.getMessage()} {extras}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def log_to_stderr(level: int) -> None:
    """Send log lines of a level and above to standard error.

    Libraries only warn: their DEBUG tells what is stored and sent, people's words and telephone numbers.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name.partition(".")[0] in _OURS)
    logging.basicConfig(level=level, handlers=[handler], force=True)


def log_at_info() -> None:
    """Tell at least what happens: for a process that runs for days."""
    if logging.getLogger().level > logging.INFO:
        logging.getLogger().setLevel(logging.INFO)


def _quoted(value: object) -> str:
    text = str(value).replace("\n", "\\n")
    return f'"{text}"' if " " in text or not text else text
