"""What two people should look at before an announcement goes out: it is shown to both, and stops nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from knowledge.personal_data import mask

# Words of a promise; a county may not make one in a message (S17: what is promised is in the files).
PROMISING = re.compile(
    r"保证|一定(?:能|会|给|可以)|包(?:过|拿|赚|就业|落户)|百分之?百|100%|绝对|必(?:得|拿|过)|承诺给|稳赚|零风险|"
    r"\bguarantee[ds]?\b|\bwill (?:definitely|certainly)\b|\brisk[- ]free\b|\b100 ?%",
    re.I,
)
MONEY = re.compile(
    r"转账|汇款|打款|保证金|定金|收款码|银行卡号|\btransfer (?:the )?money\b|\bdeposit\b|\bbank account\b", re.I
)
FIGURE = re.compile(r"\d+(?:[.,:：]\d+)*")
DAY = re.compile(r"(?:(\d{4})\s*年)?\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
LONG_GONE = timedelta(days=180)
LINK = re.compile(r"https?://\S+", re.I)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to look at: a key under `announce.doubt`, and what it is about."""

    key: str
    params: Mapping[str, str] = field(default_factory=dict)


def doubts_about(texts: Mapping[str, str], today: date) -> Iterator[Doubt]:
    """Give what is doubtful about the words of an announcement, by language."""
    for words in texts.values():
        if found := PROMISING.search(words):
            yield Doubt("promise", {"words": found[0]})
        if found := MONEY.search(words):
            yield Doubt("money", {"words": found[0]})
        if mask(words) != words:
            yield Doubt("personal")
        for found in LINK.finditer(words):
            yield Doubt("link", {"link": found[0]})
        yield from _past_days(words, today)
    if "zh-Hans" not in texts:
        yield Doubt("no_chinese")
    if "en" not in texts:
        yield Doubt("no_english")
    elif "zh-Hans" in texts and (missing := _figures_missing(texts["zh-Hans"], texts["en"])):
        yield Doubt("figures", {"figures": ", ".join(missing)})


def _past_days(words: str, today: date) -> Iterator[Doubt]:
    for found in DAY.finditer(words):
        try:
            day = date(int(found[1] or today.year), int(found[2]), int(found[3]))
        except ValueError:
            yield Doubt("no_day", {"day": found[0]})
            continue
        # Without its year a day long gone is next year's.
        if day < today and (found[1] or today - day <= LONG_GONE):
            yield Doubt("past", {"day": found[0]})


def _figures_missing(chinese: str, english: str) -> list[str]:
    """Give the figures of the Chinese words that stand nowhere in the English ones; months are words there."""
    without_days = DAY.sub(lambda day: f" {day[1] or ''} {day[3]} ", chinese)
    told = {_plain(figure) for figure in FIGURE.findall(english)}
    figures = dict.fromkeys(FIGURE.findall(without_days))
    return [figure for figure in figures if _plain(figure) not in told]


def _plain(figure: str) -> str:
    return figure.replace(",", "").replace("：", ":")
