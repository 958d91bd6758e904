"""Rent support by area: so much for each square metre and month, for a year or a term, above a least area."""

from __future__ import annotations

import re
from decimal import Decimal

from knowledge.amounts import said_number, said_yuan
from knowledge.sums.given import Given
from knowledge.sums.grants import caps_in
from knowledge.sums.steps import Estimate, Working, outside

_PRICE = re.compile(
    r"每月每平方米(?P<a>\d+(?:\.\d+)?)元|每平方米每月(?P<b>\d+(?:\.\d+)?)元"
    r"|(?P<c>\d+(?:\.\d+)?)元/(?:平方米|㎡)[·./]?月|(?P<d>\d+(?:\.\d+)?)元/月[·./]?(?:平方米|㎡)"
)
_SUPPORT = re.compile(r"补助|补贴|奖补|奖励")
_LEAST = re.compile(r"(?P<least>\d+(?:\.\d+)?)(?:平方米|㎡)(?:\(含\))?以上")
_LONGEST = re.compile(r"(?:不超过|最长(?:不超过)?|最多)(?P<count>\d+)(?P<unit>个月|年)")


def by_area(text: str, given: Given) -> Estimate | None:
    """Work rent support for an area; None where the text grants none or the person names no area."""
    prices = {Decimal(next(filter(None, found.groups()))) for found in _PRICE.finditer(text)}
    if len(prices) != 1 or given.area is None or not _SUPPORT.search(text):
        return None
    price, area = prices.pop(), given.area
    least = _LEAST.search(text)
    if least and area < Decimal(least["least"]):
        return outside("below_area", given=said_number(area), least=least["least"])
    monthly = price * area
    working = Working().then("monthly", monthly, area=said_number(area), price=said_number(price))
    working = working.then("yearly", monthly * 12, monthly=said_yuan(monthly))
    cap = min(caps_in(text), key=lambda cap: cap.amount, default=None)
    if cap and cap.yearly:
        working = working.capped(cap.amount)
    longest = _months(_LONGEST.search(text))
    term = min(filter(None, (given.months, longest)), default=None)
    if term is not None and term != 12:
        if longest and given.months and given.months > longest:
            working = working.noted("longest", months=said_number(longest))
        yearly = working.result
        working = working.then("term", yearly / 12 * term, yearly=said_yuan(yearly), months=said_number(term))
    return working.capped(cap.amount if cap and not cap.yearly else None).done()


def _months(found: re.Match[str] | None) -> Decimal | None:
    return Decimal(found["count"]) * (12 if found["unit"] == "年" else 1) if found else None
