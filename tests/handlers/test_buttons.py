"""What buttons carry, and how they may be typed."""

from __future__ import annotations

import pytest

from handlers.buttons import Action, Press, parse, typed
from handlers.dialogue import Button

SHOWN = [
    Button(label="Submit", data="a"),
    Button(label="Edit", data="b"),
    Button(label="返回上一步", data="c"),
]


@pytest.mark.parametrize(
    "button", [Press("ask-person", "0a1b2c", "name", "edit.name"), Action("more", "ab12cd.3"), Action("help")]
)
def test_what_is_written_is_read_back(button: Press | Action) -> None:
    assert parse(button.data) == button


@pytest.mark.parametrize("data", ["", "x", "f:a:b", "f:a:b:c:d:e", "老按钮"])
def test_what_we_did_not_write_is_nothing(data: str) -> None:
    assert parse(data) is None


def test_data_beyond_telegrams_limit_is_refused_when_written() -> None:
    with pytest.raises(ValueError, match="64"):
        _ = Press("f" * 40, "0", "k" * 20, "c").data


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("submit", "a"),
        ("2", "b"),
        ("2.", "b"),
        ("\uff12", "b"),
        ("e", "b"),
        ("“返回上一步”", "c"),
        ("3、", "c"),
    ],
)
def test_a_button_is_typed_by_label_number_or_letter(text: str, data: str) -> None:
    found = typed(text, SHOWN)
    assert found is not None
    assert found.data == data


@pytest.mark.parametrize("text", ["4", "0", "sub", "", "x"])
def test_other_words_press_nothing(text: str) -> None:
    assert typed(text, SHOWN) is None


def test_where_any_words_may_be_the_answer_only_labels_press() -> None:
    assert typed("1", SHOWN, label_only=True) is None
    assert typed("Edit", SHOWN, label_only=True) is not None
