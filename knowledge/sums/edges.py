"""Edges of a band as rules write them: 以上 and 以下 include, 不足 and 超过 exclude, any unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

SCALES = {None: Decimal(1), "": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_UNIT_WORDS = (
    r"元|平方米|㎡|立方米|标箱|公里|个百分点|个月|个(?!百分点|月)"
    r"|(?!不足|至|到)[\u4e00-\u9fff](?=以|及|\(|不足|至|到|-|~|的|每|、|,|$)"
)
# A scale or unit that is there is taken whole: "超过6个月以上" is no 6个 with 月以上 left over. Said by looking ahead,
# for Python 3.11.2 (Debian 12) gets possessive groups wrong (gh-101955).
_N = (
    r"(?P<{0}>\d+(?:\.\d+)?)(?:(?P<{0}_scale>亿|万)|(?![亿万]))"
    rf"(?:(?P<{{0}}_unit>{_UNIT_WORDS})|(?!{_UNIT_WORDS}))"
)
_INCLUDED = r"(?:\((?P<{0}_said>不?含[^)]*)\))?"
_LOW = re.compile(
    rf"{_N.format('from')}(?:\(含[^)]*\))?(?:及)?以上|(?<!不)(?:超过|高于|大于|多于){_N.format('over')}(?!以)"
    rf"|(?:不低于|不少于){_N.format('least')}|{_N.format('between')}(?:\(含[^)]*\))?(?:至|到|-|~|—)+(?=\d)"
)
_HIGH = re.compile(
    rf"(?:不足|不满|低于|小于|少于|未达到?)(?<!不低于)(?<!不少于){_N.format('below')}"
    rf"|{_N.format('to')}{_INCLUDED.format('to')}(?:以下|以内)"
    rf"|(?<=[至到\-~—]){_N.format('upto')}{_INCLUDED.format('upto')}"
)
_TIMES = re.compile(r"年|月|日|天|周|岁|小时|级|期|次")


@dataclass(frozen=True, slots=True)
class Edges:
    """From `low` (included unless `over`) to `high` (excluded unless `closed`), counted in `unit`; 元 for money."""

    low: Decimal
    over: bool
    high: Decimal | None
    closed: bool
    unit: str

    def hold(self, value: Decimal) -> bool:
        above = value > self.low if self.over else value >= self.low
        return above and (self.high is None or value < self.high or (self.closed and value == self.high))


def edges_in(text: str, unit: str = "", scale: str = "", *, times: bool = False) -> Edges | None:
    """Read the edges a text names; None without any. `unit` and `scale` are those of a table's header.

    Terms and days are conditions of another kind and only read with `times`.
    """
    lows = [found for found in _LOW.finditer(text) if _counts(found, times)]
    highs = [found for found in _HIGH.finditer(text) if _counts(found, times)]
    low, high = (lows[-1] if lows else None), (highs[-1] if highs else None)
    if not low and not high:
        return None
    low_unit, high_unit = _unit(low), _unit(high)
    low_scale, high_scale = _scale(low), _scale(high)
    # "500至2000万元": what the first number lacks, the second has.
    named = low_unit or high_unit or unit
    if low and not low_unit:
        low_scale = low_scale or (high_scale if high_unit else scale)
    if high and not high_unit:
        high_scale = high_scale or scale
    included = next((s for s in (high["to_said"], high["upto_said"]) if s), "") if high else ""
    return Edges(
        low=_value(low) * SCALES[low_scale] if low else Decimal(0),
        over=bool(low and low["over"]),
        high=_value(high) * SCALES[high_scale] if high else None,
        # "5-9间" counts whole things, nine among them.
        closed=bool(high and high["upto"] and named not in ("元", "") and "不含" not in included)
        or bool(high and high["to"] and "不含" not in included)
        or (bool(included) and "不含" not in included),
        unit=named,
    )


def _counts(found: re.Match[str], times: bool) -> bool:
    return times or not _TIMES.search(_unit(found))


def _named(found: re.Match[str]) -> str:
    return next(name for name in found.re.groupindex if not name.endswith(("_unit", "_scale", "_said")) and found[name])


def _unit(found: re.Match[str] | None) -> str:
    return (found[f"{_named(found)}_unit"] or "") if found else ""


def _scale(found: re.Match[str] | None) -> str:
    return (found[f"{_named(found)}_scale"] or "") if found else ""


def _value(found: re.Match[str]) -> Decimal:
    return Decimal(found[_named(found)])
