"""The catalogues: the same words in every language, in the tone of the house."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from handlers.forms import conversations
from handlers.texts import Texts

TEXTS = Texts.load()
SOURCES = [*Path("handlers").rglob("*.py"), *Path("bot").rglob("*.py")]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_are_there_and_chinese_comes_first() -> None:
    assert TEXTS.languages == ("zh-Hans", "en")


def test_every_key_stands_in_every_language_with_the_same_placeholders() -> None:
    chinese, english = TEXTS.keys("zh-Hans"), TEXTS.keys("en")
    assert set(chinese) == set(english)
    assert {k for k in chinese if placeholders(chinese[k]) != placeholders(english[k])} == set()


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_no_text_exclaims_or_is_empty(language: str) -> None:
    loud = {key for key, text in TEXTS.keys(language).items() if re.search("[!\uff01]", text) or not text}
    assert loud == set()


def test_chinese_texts_use_chinese_punctuation() -> None:
    half = re.compile(r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]")
    assert {key for key, text in TEXTS.keys("zh-Hans").items() if half.search(text)} == set()


def test_every_conversation_has_its_title() -> None:
    assert {name for name in conversations() if not TEXTS.has(f"{name}.title")} == set()


def test_every_key_named_in_the_code_exists() -> None:
    named = re.compile(r"(?:\.say|\.text|\.parts|Problem|texts)\(\s*\"([a-z][\w.-]*)\"")
    missing = {
        key
        for source in SOURCES
        for key in named.findall(source.read_text("utf-8"))
        if not key.endswith(".") and not TEXTS.has(key)
    }
    assert missing == set()
