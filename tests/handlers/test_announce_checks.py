"""What two people are asked to look at before an announcement goes out, and what they are not bothered with."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.announce_checks import doubts_about

TODAY = date(2026, 11, 24)
PLAIN = {"zh-Hans": "恳谈会改到2027年2月18日9:00，在县文化馆。", "en": "The forum moves to 18 February 2027, 9:00."}


def found(chinese: str, english: str | None = None) -> set[str]:
    texts = {"zh-Hans": chinese} | ({"en": english} if english else {})
    return {doubt.key for doubt in doubts_about(texts, TODAY)}


def test_plain_words_raise_no_doubt() -> None:
    assert list(doubts_about(PLAIN, TODAY)) == []


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ("保证每人都有补贴", "promise"),
        ("百分之百能落户", "promise"),
        ("请把保证金转账到这个账户", "money"),
        ("联系人王主任，手机13800138000", "personal"),
        ("详见 https://example.cn/a", "link"),
        ("请在2026年10月1日前报名", "past"),
        ("请在2月30日前报名", "no_day"),
    ],
)
def test_doubtful_words_are_found(words: str, doubt: str) -> None:
    assert doubt in found(words, "Please sign up.")


@pytest.mark.parametrize("words", ["医疗保障工作会议纪要已发布", "请在12月1日前报名", "县文化馆一楼"])
def test_ordinary_words_are_not(words: str) -> None:
    assert found(words, "Until 1 December, ground floor 1.") == set()


def test_english_that_is_missing_or_lacks_a_figure_is_pointed_out() -> None:
    assert found("明天开会") == {"no_english"}
    assert found("补贴每月3,000元，共36个月", "3000 yuan a month") == {"figures"}
    assert found("补贴每月3,000元，共36个月", "3000 yuan a month for 36 months") == set()
