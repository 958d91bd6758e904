"""Reading texts, choices, yes and no; telling a question from an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.choices import Choice
from handlers.questions import Problem, Text, YesNo, looks_like_question, tidy


def test_a_text_is_trimmed_and_measured() -> None:
    question = Text(longest=5, shortest=2)
    assert question.read("  你好 \n") == "你好"
    assert question.read("你") == Problem("problem.text.short", {"shortest": 2})
    assert question.read("123456") == Problem("problem.text.long", {"longest": 5, "length": 6})


def test_invisible_characters_are_no_answer() -> None:
    assert isinstance(Text(longest=5).read("\u200b\u202e\x00"), Problem)


@given(st.text(max_size=200))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(("said", "meant"), [("是的。", True), ("OK", True), ("不要", False), ("No.", False)])
def test_yes_and_no_are_understood(said: str, meant: bool) -> None:
    assert YesNo().read(said) is meant
    assert YesNo().load(YesNo().dump(meant)) is meant


@pytest.mark.parametrize("said", ["", "也许", "是吗", "maybe"])
def test_anything_else_is_neither(said: str) -> None:
    assert isinstance(YesNo().read(said), Problem)


def test_a_choice_takes_only_its_own() -> None:
    assert Choice(("a", "b")).read("a") == "a"
    assert isinstance(Choice(("a", "b")).read("c"), Problem)


@pytest.mark.parametrize(
    "text", ["这个要给单位看吗", "要什么材料", "为啥要这个", "Why?", "do you share it", "多久能到账\uff1f"]
)
def test_questions_are_recognised(text: str) -> None:
    assert looks_like_question(text)


@pytest.mark.parametrize("text", ["林溪", "13800138000", "lin@example.com", "同意", "Emily Li", "王总"])
def test_answers_are_not_taken_for_questions(text: str) -> None:
    assert not looks_like_question(text)
