"""When the thing happened, or will, that a question is about: "我21年签的协议", "去年申报的", "明年还有吗"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.days import days_in
from knowledge.words import normalise

# Years, seen from the year of asking.
_YEARS = {"大前年": -3, "前年": -2, "去年": -1, "上年": -1, "上一年度": -1, "上年度": -1, "明年": 1, "来年": 1,
          "下一年": 1, "下年度": 1, "后年": 2, "last year": -1, "next year": 1}  # fmt: skip
_NAMED_YEAR = re.compile("|".join(_YEARS))
_THIS_YEAR = re.compile(
    r"(?:今年|(?<![\d年至到、和]))(?P<month>\d{1,2})月(?:份)?(?!\d|[至到、和])"
    r".{0,6}?(?:签|订|批|办的|买的|投的|申报的|报的|领的|来的|去的|回来的|回去的|交的|到的|认定的)"
)
_MONTHS = re.compile(r"(上上|上|下)个?月|(?:last|next) month")
_YEAR = re.compile(r"(?<![\d.])(?P<year>(?:19|20)\d{2})\s*(?:年|(?=\s*(?:\?|$|[,.])))(?:\s*(?P<month>\d{1,2})\s*月)?")
_IN_ENGLISH = re.compile(r"\b(?:in|since|from|signed|of)\s+(?P<year>(?:19|20)\d{2})\b")
# "21年签的" is a year; "20年的租期" and "满10年" are terms.
_SHORT_YEAR = re.compile(
    r"(?<![\d.第满近约续过期交租限])(?P<year>\d{2})年(?:(?P<month>\d{1,2})月|(?=[底初春夏秋冬末中]|上半年|下半年|的?时候|那会|那年|那个|的(?:文件|政策|办法|规定|合同|协议|标准)"
    r"|.{0,4}?(?:签|订|批|办|买|建|投|申|报|拿|领|来|回|登|认定|评|毕业|开|注册|成立|落户|出台|发的|入职|去的|租的|租了|租下)))"
)
# "从北京过去做指导" goes somewhere, "过去补多少" looks back.
_HISTORY = re.compile(
    r"(?:以前|原来|原先|之前|(?<!从..)(?<!从...)(?<!飞)过去(?![做帮讲调看干接])|从前|当时|早先|改之前|[更改]正前|调整前|修改前|[老旧](?:政策|办法|规定|标准))"
    r".{0,14}(?:多少|怎么|啥|什么|几|标准|规定|吗|呢|算)"
    r"|(?:改|变)(?:了|过)(?:什么|啥|哪|没|吗|多少)|有(?:什么|啥|没有)(?:变化|改动|变动|调整)"
    r"|used to be|previously|before the (?:change|correction)|what (?:has )?changed"
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """The span of days a question speaks of, both ends included (county days)."""

    first: date
    last: date

    def day(self, today: date) -> date:
        """Give the day that counts: the last of a past span, the first of a coming one, else today."""
        return self.last if self.last < today else max(self.first, today)


def occasion_in(question: str, today: date) -> Occasion | None:
    """Read the time a question speaks of, seen from the day of asking; None if it names none.

    Terms ("连续3年", "满20年") and the names of files are no occasions; a caller strips the latter.
    """
    asked = normalise(question)
    named = next(days_in(asked), None)
    if named is not None:
        return Occasion(named[0], named[0])
    year = _YEAR.search(asked) or _IN_ENGLISH.search(asked)
    if year:
        return _span(int(year["year"]), year.groupdict().get("month"))
    if relative := _NAMED_YEAR.search(asked):
        month = re.match(r"\s*(\d{1,2})月", asked[relative.end() :])
        return _span(today.year + _YEARS[relative.group()], month[1] if month else None)
    if short := _SHORT_YEAR.search(asked):
        century = today.year // 100 * 100
        full = century + int(short["year"])
        # Nobody asks about the future but a few years of it.
        return _span(full if full <= today.year + 5 else full - 100, short["month"])
    if this_year := _THIS_YEAR.search(asked):
        gone = int(this_year["month"]) <= today.month
        return _span(today.year if gone else today.year - 1, this_year["month"])
    if month := _MONTHS.search(asked):
        steps = {"上上": -2, "上": -1, "下": 1}.get(month[1] or "", 1 if "next" in month[0] else -1)
        count = today.year * 12 + today.month - 1 + steps
        return _span(count // 12, str(count % 12 + 1))
    return None


def asks_for_history(question: str) -> bool:
    """Tell a question about what a rule used to say, or how it changed."""
    return bool(_HISTORY.search(normalise(question)))


def _span(year: int, month: str | None) -> Occasion | None:
    if month is None:
        return Occasion(date(year, 1, 1), date(year, 12, 31))
    if not 1 <= int(month) <= 12:
        return None
    following = date(year + int(month) // 12, int(month) % 12 + 1, 1)
    return Occasion(date(year, int(month), 1), following - timedelta(days=1))
