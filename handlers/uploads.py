"""A question that is answered with a file: a paper the staff will look at (an employer's consent, a certificate)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handlers.dialogue import Attachment, Message
from handlers.questions import Problem, Question

LARGEST_BYTES = 20_000_000  # what a bot may fetch (Bot API, getFile)


@dataclass(frozen=True)
class Upload(Question[Attachment]):
    """A document or picture. It stays with its channel; the record holds its name and where it is."""

    def read(self, text: str) -> Attachment | Problem:
        return Problem("problem.file.wanted")

    def take(self, message: Message) -> Attachment | Problem:
        """Take the file of a message."""
        if message.file is None:
            return Problem("problem.file.wanted")
        if message.file.size > LARGEST_BYTES:
            return Problem("problem.file.large", {"most": LARGEST_BYTES // 1_000_000})
        return message.file

    def dump(self, value: Attachment) -> Any:
        return value.model_dump()

    def load(self, stored: Any) -> Attachment:
        return Attachment.model_validate(stored)

    def show(self, value: Attachment) -> str:
        return value.name
