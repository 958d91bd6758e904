"""The words of an announcement as they are stored: a reply in each language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.dialogue import Reply


def wordings(content: Mapping[str, Any]) -> dict[str, Reply]:
    """Read stored words: a Reply per language as JSON."""
    return {language: Reply.model_validate(told) for language, told in content.items()}


def in_language(words: Mapping[str, Reply], language: str) -> Reply:
    """Give the words in a language, or in one that is near, or in the first there is."""
    near = (one for one in words if one.partition("-")[0] == language.partition("-")[0])
    return words[language if language in words else next(near, next(iter(words)))]
