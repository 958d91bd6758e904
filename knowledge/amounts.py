"""Quantities as people say them and rules write them: 三百来万, 3,000,000元, 1.2亿, 1500平, 两年半, 4.5个点."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from knowledge.numbering import halved, to_int

_ARABIC = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_CHINESE = r"[零一二两三四五六七八九十百千]+(?:点[零一二三四五六七八九]+)?"
_NUMBER = rf"(?P<number>{_ARABIC}|{_CHINESE}|半)"
_VAGUE = r"(?P<vague>几|多|来|余)?"
_SCALE = {"亿": Decimal(100_000_000), "千万": Decimal(10_000_000), "百万": Decimal(1_000_000), "万": Decimal(10_000),
          "w": Decimal(10_000)}  # fmt: skip


class Unit(StrEnum):
    """What a quantity counts, in its base unit."""

    YUAN = "yuan"
    SQUARE_METRE = "m2"
    MU = "mu"
    MONTH = "month"
    PERCENT = "percent"


_UNITS: tuple[tuple[Unit, str, Decimal], ...] = (
    (Unit.SQUARE_METRE, r"平方米|平米|㎡|m2|平方|平|square met(?:er|re)s?|sqm", Decimal(1)),
    (Unit.MU, r"亩", Decimal(1)),
    (Unit.MONTH, r"个月|months?", Decimal(1)),
    (Unit.MONTH, r"年(?!月|\d|底|初|度|前)|years?", Decimal(12)),
    (Unit.PERCENT, r"个百分点|个点|%|厘(?!米)", Decimal(1)),
    (Unit.YUAN, r"元|块钱|块|rmb|yuan", Decimal(1)),
)
_UNIT = "|".join(pattern for _, pattern, _ in _UNITS)
_QUANTITY = re.compile(
    rf"(?<![\d.]){_NUMBER}\s*{_VAGUE}\s*(?:个(?=[亿万千百]))?(?P<scale>亿|千万|百万|万|w(?![a-z]))?\s*"
    rf"{_VAGUE.replace('vague', 'vague2')}"
    rf"(?P<tail>半|[一二三四五六七八九](?![十百千万个年月]))?\s*(?P<unit>{_UNIT})?",
    re.IGNORECASE,
)
_MILLION = re.compile(rf"(?P<number>{_ARABIC})\s*(?P<scale>million|billion|thousand|k\b)", re.IGNORECASE)
_ENGLISH_SCALE = {"million": 1_000_000, "billion": 1_000_000_000, "thousand": 1_000, "k": 1_000}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in its base unit (yuan, square metres, mu, months, percent) and the place where it stands.

    `said` are the words it was read from, in half-width.
    """

    value: Decimal
    unit: Unit
    said: str
    start: int
    end: int


def quantities_in(text: str) -> Iterator[Quantity]:
    """Give every quantity with a unit or a scale (万, 亿) in a text; bare numbers are none.

    A number with a scale and no unit ("三百来万") is money. Calendar years are no terms.
    """
    plain = halved(text)
    for found in _QUANTITY.finditer(plain):
        unit = next((u for u in _UNITS if found["unit"] and re.fullmatch(u[1], found["unit"], re.IGNORECASE)), None)
        if unit is None and not found["scale"]:
            continue
        value = _number(found["number"])
        if value is None or (unit and unit[0] is Unit.MONTH and unit[2] == 12 and value >= 100):
            continue
        if found["scale"]:
            value *= _SCALE[found["scale"].lower()]
            if found["tail"]:
                # 三万五 is 35,000, 三万半 too.
                tenths = 5 if found["tail"] == "半" else to_int(found["tail"])
                value += _SCALE[found["scale"].lower()] * tenths / 10
        factor = unit[2] if unit else Decimal(1)
        said = found.group().strip()
        yield Quantity(value * factor, unit[0] if unit else Unit.YUAN, said, found.start(), found.end())
    for found in _MILLION.finditer(plain):
        value = Decimal(found["number"].replace(",", "")) * _ENGLISH_SCALE[found["scale"].lower()]
        yield Quantity(value, Unit.YUAN, found.group(), found.start(), found.end())


def said_yuan(value: Decimal) -> str:
    """Write a sum as rules do: 12.5万元, 4500元, 1.2亿元; fractions of a fen are rounded."""
    for name, scale in (("亿元", _SCALE["亿"]), ("万元", _SCALE["万"])):
        if value >= scale:
            return f"{said_number(value / scale)}{name}"
    return f"{said_number(value)}元"


def said_number(value: Decimal) -> str:
    """Write a number without trailing zeros, to at most eight places."""
    return f"{value.quantize(Decimal('0.00000001')).normalize():f}"


def _number(said: str) -> Decimal | None:
    if said == "半":
        return Decimal("0.5")
    if re.fullmatch(_ARABIC, said):
        return Decimal(said.replace(",", ""))
    whole, _, fraction = said.partition("点")
    try:
        digits = "".join(str(to_int(digit)) for digit in fraction)
        return Decimal(f"{to_int(whole)}.{digits or 0}")
    except ValueError:
        return None
