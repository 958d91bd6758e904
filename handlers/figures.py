"""Questions for figures: a sum of money with its unit confirmed, a plain number, a firm's credit code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from handlers.questions import Problem, Question, Unsure
from knowledge.amounts import Unit, quantities_in
from knowledge.numbering import to_int
from knowledge.words import normalise

YUAN_IN_WAN = 10_000
FOREIGN = re.compile(r"美[元金刀]|欧元|日元|港[币元]|台币|英镑|澳元|加元|usd|eur|jpy|hkd|dollar|euro|[$€£¥](?<!¥)")
BARE = re.compile(
    r"(?:约|大约|大概|差不多|about)?\s*([\d,]+(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+)\s*(?:来|多|几|左右|上下)?"
)
CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NP-RT-UW-Ya-z]{18}(?![0-9A-Za-z])")


@dataclass(frozen=True)
class Amount(Question[int]):
    """A sum in yuan, up to `most_wan` × 10,000 (万元); a figure without a unit is asked back as 万元."""

    most_wan: int = 10_000_000
    free_text: ClassVar[bool] = True

    def read(self, text: str) -> int | Unsure[int] | Problem:
        words = normalise(text).strip()
        if FOREIGN.search(words):
            return Problem("problem.amount.currency")
        sums = [found for found in quantities_in(words) if found.unit is Unit.YUAN]
        if len(sums) > 1:
            return Problem("problem.amount.several")
        if sums:
            return self._within(int(sums[0].value))
        found = BARE.fullmatch(re.sub(r"\s*(?:吧|呢|的样子|投)\s*$", "", words).strip(" ,。."))
        number = _whole(found[1]) if found else None
        if number is None or number <= 0:
            return Problem("problem.amount.unclear")
        yuan = self._within(number * YUAN_IN_WAN)
        # "三百" is 3,000,000 yuan to somebody who invests and 300 to somebody who gives: only they know.
        return yuan if isinstance(yuan, Problem) else Unsure(yuan)

    def find(self, text: str) -> int | None:
        words = normalise(text)
        sums = [found for found in quantities_in(words) if found.unit is Unit.YUAN]
        if len(sums) != 1 or FOREIGN.search(words):
            return None
        yuan = self._within(int(sums[0].value))
        return yuan if isinstance(yuan, int) else None

    def show(self, value: int) -> str:
        return show_yuan(value)

    def _within(self, yuan: int) -> int | Problem:
        if not 0 < yuan <= self.most_wan * YUAN_IN_WAN:
            return Problem("problem.amount.range", {"most": self.most_wan})
        return yuan


def show_yuan(yuan: int) -> str:
    """Write a sum as officials do: "300 万元", "1.5 万元", "800 元"."""
    if yuan < YUAN_IN_WAN:
        return f"{yuan} 元"
    wan = yuan / YUAN_IN_WAN
    return f"{wan:,.0f} 万元" if wan == int(wan) else f"{wan:,.4f}".rstrip("0").rstrip(".") + " 万元"


@dataclass(frozen=True)
class Number(Question[int]):
    """A whole number from `least` to `most`, in digits or Chinese numerals, with or without what it counts."""

    least: int
    most: int
    unit: str = ""  # a regular expression of what may stand behind it
    free_text: ClassVar[bool] = True

    @property
    def params(self) -> Mapping[str, object]:
        return {"least": self.least, "most": self.most}

    def read(self, text: str) -> int | Problem:
        words = normalise(text)
        found = re.findall(r"\d+|[零〇一二两三四五六七八九十百千]+", words)
        numbers = {number for written in found if (number := _whole(written)) is not None}
        if len(numbers) != 1:
            return Problem("problem.number.unclear", self.params)
        number = numbers.pop()
        if not self.least <= number <= self.most or re.search(r"\d\.\d|-\d", words):
            return Problem("problem.number.range", self.params)
        return number

    def find(self, text: str) -> int | None:
        if not self.unit:
            return None
        found = re.findall(rf"(\d+|[零〇一二两三四五六七八九十百千]+)\s*(?:{self.unit})", normalise(text))
        number = _whole(found[0]) if len(found) == 1 else None
        return number if number is not None and self.least <= number <= self.most else None


@dataclass(frozen=True)
class CreditCode(Question[str]):
    """A firm's unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters with a check digit."""

    free_text: ClassVar[bool] = True

    def read(self, text: str) -> str | Problem:
        from stdnum.cn import uscc
        from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

        written = re.sub(r"[\s\-:]|统一社会信用代码|信用代码|代码|是|为", "", normalise(text)).upper()
        try:
            code: str = uscc.validate(written)
        except InvalidLength:
            return Problem("problem.credit.length", {"count": len(written)})
        except InvalidChecksum:
            return Problem("problem.credit.check")
        except ValidationError:
            return Problem("problem.credit.form")
        return code

    def find(self, text: str) -> str | None:
        from stdnum.cn import uscc

        codes = [found[0].upper() for found in CODE.finditer(normalise(text).upper())]
        return codes[0] if len(codes) == 1 and uscc.is_valid(codes[0]) else None

    def dump(self, value: str) -> Any:
        return value


def _whole(written: str) -> int | None:
    digits = written.replace(",", "")
    if re.fullmatch(r"\d+(?:\.0+)?", digits):
        return int(float(digits)) if len(digits) < 16 else None
    return None if re.search(r"[\d.]", digits) else to_int(digits)
