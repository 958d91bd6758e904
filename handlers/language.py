"""Which language a person gets: their own choice first, then what they write, then the channel's hint."""

from __future__ import annotations

import re
from collections.abc import Sequence

HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
# Mail and web addresses are Latin in every language.
ADDRESS = re.compile(r"\S*@\S*|\S+[./]\S+")


def written(text: str) -> str | None:
    """Tell the language of a question from its script; None when a word or a number says too little."""
    if HAN.search(text):
        return "zh-Hans"
    return "en" if len(LATIN_WORD.findall(ADDRESS.sub(" ", text))) >= 2 else None


def hinted(tag: str | None) -> str | None:
    """Read a channel's IETF tag: every Chinese reads Simplified, everybody else English."""
    if not tag:
        return None
    return "zh-Hans" if tag.casefold().startswith("zh") else "en"


def named(words: str, languages: Sequence[str]) -> str | None:
    """Read a language somebody asks for by name ("en", "English", "中文", "zh-Hant")."""
    name = words.strip().casefold()
    if name in {"中文", "简体", "简体中文", "汉语", "chinese", "繁體", "繁體中文", "繁体"} or name.startswith("zh"):
        return "zh-Hans"
    if name in {"english", "英文", "英语"} or name.startswith("en"):
        return "en"
    return name if name in languages else None
