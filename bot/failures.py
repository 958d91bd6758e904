"""Failures an operator can mend: told in one sentence, without a traceback."""

from __future__ import annotations


class Failure(Exception):
    """A command could not do its work; the message says why and what to do."""


def explained(error: Exception) -> str | None:
    """Give the message of an error that already says what to do; None for a fault of ours."""
    from bot.channels import ChannelError
    from bot.settings import BadSettings
    from handlers.county import BadProfile
    from handlers.registry_desk import NotDone
    from handlers.spreadsheets import BadSheet
    from handlers.staff import NotAnswerable
    from knowledge.errors import KnowledgeError
    from storage.errors import StorageError

    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    told = (BadSettings, BadProfile, NotAnswerable, NotDone, BadSheet, KnowledgeError, StorageError, ChannelError)
    return str(error) if isinstance(error, told) else None
