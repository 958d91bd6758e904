"""Tell what a message wants when it is not a question about a policy: care first, then the rest in the file's order."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources

from knowledge.words import normalise


def intent_of(text: str) -> tuple[str, str] | None:
    """Give (kind, topic) of the first pattern in lexicon/intents.toml that fits, or None for a plain question."""
    plain = normalise(text)
    return next(((kind, topic) for kind, topic, pattern in _intents() if pattern.search(plain)), None)


@functools.cache
def _intents() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    source = resources.files("knowledge").joinpath("lexicon/intents.toml").read_text("utf-8")
    return tuple(
        (intent["kind"], intent["topic"], re.compile("|".join(f"(?:{p})" for p in intent["patterns"])))
        for intent in tomllib.loads(source)["intent"]
    )
