"""Work a rule's formula with the figures a person gives: each step shown, an estimate and never a promise.

Only a clause that has one rate, one price or one scale of bands is worked; where a text leaves open which
of its figures applies, it is quoted and nothing is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from knowledge.amounts import Quantity, Unit, quantities_in, said_number, said_yuan
from knowledge.numbering import halved, to_int

_SUM = r"(?P<{0}>\d+(?:\.\d+)?)(?P<{0}_scale>亿|万)?元"
_RATE = re.compile(
    r"(?:按|给予|奖励|补助|补贴|贴息|奖补|支持|的)[^。;%]{0,24}?(?<![\d.])(?P<rate>\d+(?:\.\d+)?)%(?!以上|以下|以内|的部分)"
    r"|(?<![\d.])(?P<rate2>\d+(?:\.\d+)?)%(?:的标准|的比例)?(?:给予|予以|奖励|补助|补贴|贴息)"
)
# Rates of rates: a share of what is due, time limits, shares of ownership.
_NO_RATE = re.compile(r"应得|应发|压缩|缩短|持股|股权|比例不(?:超过|低于)|核减|扣减")
_POINTS = re.compile(r"不超过(?P<points>\d+(?:\.\d+)?)个百分点")
_LOW = re.compile(
    rf"{_SUM.format('low')}(?:\(含[^)]*\))?以上|(?P<over>超过|高于|大于){_SUM.format('over_low')}|{_SUM.format('from_low')}(?:\(含\))?(?:至|到|-|~)"
)
_HIGH = re.compile(
    rf"(?:不足|不满|低于|小于|未达到?){_SUM.format('below')}|{_SUM.format('to')}(?:\((?P<said>不?含[^)]*)\))?以下"
    rf"|(?:至|到|-|~){_SUM.format('upto')}"
)
_CAP = re.compile(rf"(?:最高|上限|不超过|封顶|最多)(?:为|不超过|可达|给予|奖励|补助|补贴)?{_SUM.format('cap')}")
_PRICE_AREA = re.compile(
    r"每月每平方米(?P<a>\d+(?:\.\d+)?)元|每平方米每月(?P<b>\d+(?:\.\d+)?)元"
    r"|(?P<c>\d+(?:\.\d+)?)元/(?:平方米|㎡)[·./]?月|(?P<d>\d+(?:\.\d+)?)元/月[·./]?(?:平方米|㎡)"
)
_LEAST_AREA = re.compile(r"(?P<least>\d+(?:\.\d+)?)(?:平方米|㎡)(?:\(含\))?以上")
_LONGEST = re.compile(r"(?:不超过|最长(?:不超过)?|最多)(?P<count>\d+)(?P<unit>个月|年)")
_COUNTED = "间|张|人|亩|头|台|件|单|户|名|套|辆|只|羽|棵|株|场|次|天|半天|个工作日"
_PRICE_EACH = re.compile(
    rf"每(?:新增|建成|增加)?(?:1|一)?(?P<unit>{_COUNTED})(?:床位|客房|房)?[^,。;\d]{{0,14}}{_SUM.format('price')}"
    rf"|{_SUM.format('per')}/(?P<unit2>{_COUNTED})"
)
_COUNT = re.compile(rf"(?P<count>\d+)\s*(?P<unit>{_COUNTED})")
_INTEREST = re.compile(r"利息(?:总?额|支出|部分)?的?(?:\()?$|利息[^,。;%]{0,12}?的$|利息.{0,10}$")
_SCALES = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a sum: a code of the text catalogue and the values it names, ready to be shown."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A worked sum for one set of figures. `result` is in yuan, None where the figures fall outside the rule."""

    steps: tuple[Step, ...]
    result: Decimal | None


@dataclass(frozen=True, slots=True)
class _Band:
    """From `low` (included unless `over`) to `high` (excluded unless `closed`): a rate in percent, or a sum."""

    low: Decimal
    over: bool
    high: Decimal | None
    closed: bool
    rate: Decimal | None
    amount: Decimal | None
    cap: Decimal | None
    said: str

    def holds(self, value: Decimal) -> bool:
        above = value > self.low if self.over else value >= self.low
        return above and (self.high is None or value < self.high or (self.closed and value == self.high))


def estimates(question: str, clause: str) -> tuple[Estimate, ...]:
    """Work a clause's rule for every set of figures a question gives; empty where it gives none that fit."""
    text = halved(clause)
    given = list(quantities_in(question))
    money = [quantity for quantity in given if quantity.unit is Unit.YUAN]
    area = next((quantity for quantity in given if quantity.unit is Unit.SQUARE_METRE), None)
    months = next((quantity for quantity in given if quantity.unit is Unit.MONTH), None)
    percent = next((quantity for quantity in given if quantity.unit is Unit.PERCENT), None)
    price = _PRICE_AREA.search(text)
    if price:
        return (_by_area(text, Decimal(next(filter(None, price.groups()))), area, months),) if area else ()
    if counted := _by_count(question, text):
        return (counted,)
    bands = list(_bands(text))
    if len(bands) == 1 and money and not bands[0].holds(money[0].value):
        return ()
    if bands:
        return tuple(_by_band(bands, quantity) for quantity in money[:3])
    found = list(_rates(text))
    if len(found) != 1 or not money:
        return ()
    rate, before = found[0]
    if _INTEREST.search(before):
        return (_by_interest(text, rate, money[0], percent),) if percent else ()
    return tuple(_by_rate(text, rate, quantity) for quantity in money[:3])


def _by_area(text: str, price: Decimal, area: Quantity, months: Quantity | None) -> Estimate:
    least = _LEAST_AREA.search(text)
    if least and area.value < Decimal(least["least"]):
        return Estimate((Step("below_area", (("given", said_number(area.value)), ("least", least["least"]))),), None)
    monthly = price * area.value
    steps = [
        Step("monthly", _values(area=said_number(area.value), price=said_number(price), result=said_yuan(monthly)))
    ]
    yearly, (cap, is_yearly) = monthly * 12, _cap(text)
    steps.append(Step("yearly", _values(monthly=said_yuan(monthly), result=said_yuan(yearly))))
    if cap is not None and is_yearly:
        yearly = _capped(steps, yearly, cap)
    longest = _months(_LONGEST.search(text))
    term = min(filter(None, (months.value if months else None, longest)), default=None)
    result = yearly
    if term is not None and term != 12:
        if longest and months and months.value > longest:
            steps.append(Step("longest", _values(months=said_number(longest))))
        result = yearly / 12 * term
        steps.append(
            Step("term", _values(yearly=said_yuan(yearly), months=said_number(term), result=said_yuan(result)))
        )
    if cap is not None and not is_yearly:
        result = _capped(steps, result, cap)
    return Estimate(tuple(steps), result)


def _by_count(question: str, text: str) -> Estimate | None:
    prices = list(_PRICE_EACH.finditer(text))
    if len({_sum(found, "price", "per") for found in prices}) != 1:
        return None
    unit = prices[0]["unit"] or prices[0]["unit2"]
    count = next((found for found in _COUNT.finditer(_digits(question)) if found["unit"] == unit), None)
    price = _sum(prices[0], "price", "per")
    if count is None or price is None:
        return None
    result = price * int(count["count"])
    steps = [Step("each", _values(count=count["count"], unit=unit, price=said_yuan(price), result=said_yuan(result)))]
    cap, _ = _cap(text)
    return Estimate(tuple(steps), result) if cap is None else _closed(steps, result, cap)


def _by_band(bands: Sequence[_Band], given: Quantity) -> Estimate:
    band = next((band for band in bands if band.holds(given.value)), None)
    if band is None:
        return Estimate((Step("no_band", _values(given=said_yuan(given.value))),), None)
    steps = [Step("band", _values(given=said_yuan(given.value), band=band.said))]
    if band.rate is None:
        return Estimate((*steps, Step("fixed", _values(result=said_yuan(band.amount or Decimal(0))))), band.amount)
    result = given.value * band.rate / 100
    steps.append(_rate_step(given.value, band.rate, result))
    return Estimate(tuple(steps), result) if band.cap is None else _closed(steps, result, band.cap)


def _by_rate(text: str, rate: Decimal, given: Quantity) -> Estimate:
    result = given.value * rate / 100
    steps, (cap, _) = [_rate_step(given.value, rate, result)], _cap(text)
    return Estimate(tuple(steps), result) if cap is None else _closed(steps, result, cap)


def _by_interest(text: str, share: Decimal, loan: Quantity, percent: Quantity) -> Estimate:
    """A share of a year's interest, never more than so many percentage points of the loan."""
    interest = loan.value * percent.value / 100
    result = interest * share / 100
    steps = [
        Step(
            "interest", _values(loan=said_yuan(loan.value), rate=said_number(percent.value), result=said_yuan(interest))
        ),
        _rate_step(interest, share, result),
    ]
    points = _POINTS.search(text)
    if points and (most := loan.value * Decimal(points["points"]) / 100) < result:
        steps.append(Step("points", _values(points=points["points"], result=said_yuan(most))))
        result = most
    cap, _ = _cap(text)
    return Estimate(tuple(steps), result) if cap is None else _closed(steps, result, cap)


def _bands(text: str) -> Iterator[_Band]:
    """Read a scale: pieces between semicolons, line breaks or commas that each name their edges and what they give."""
    for piece in re.split(r"[;。\n]", text):
        low, high = _LOW.search(piece), _HIGH.search(piece)
        if not low and not high:
            continue
        edges = max(found.end() for found in (low, high) if found)
        rates = [rate for rate, _ in _rates(piece[edges:])]
        gift = re.search(rf"(?:奖励|补助|补贴|给予|一次性)[^%。;]{{0,8}}?{_SUM.format('gift')}", piece[edges:])
        if len(rates) != 1 and not (gift and not rates):
            continue
        cap = _CAP.search(piece[edges:])
        yield _Band(
            low=(_sum(low, "low", "over_low", "from_low") if low else None) or Decimal(0),
            over=bool(low and low["over"]),
            high=_sum(high, "below", "to", "upto") if high else None,
            closed=bool(high and high["to"] and "不含" not in (high["said"] or "")),
            rate=rates[0] if rates else None,
            amount=_sum(gift, "gift") if gift and not rates else None,
            cap=_sum(cap, "cap") if cap else None,
            said=piece.strip(" ,"),
        )


def _rates(text: str) -> Iterator[tuple[Decimal, str]]:
    """Give every rate of support with the words right before it."""
    for found in _RATE.finditer(text):
        group = "rate" if found["rate"] else "rate2"
        before = text[max(0, found.start(group) - 24) : found.start(group)].rsplit("。", 1)[-1]
        if not _NO_RATE.search(before):
            yield Decimal(found[group]), before


def _cap(text: str) -> tuple[Decimal | None, bool]:
    """Give the lowest cap in yuan a rule names, and whether it counts for each year."""
    found = list(_CAP.finditer(text))
    if not found:
        return None, False
    lowest = min(found, key=lambda cap: _sum(cap, "cap") or Decimal(0))
    before = text[max(0, lowest.start() - 14) : lowest.start()]
    return _sum(lowest, "cap"), bool(re.search(r"每年|年度|当年|一年", before))


def _closed(steps: list[Step], result: Decimal, cap: Decimal) -> Estimate:
    result = _capped(steps, result, cap)
    return Estimate(tuple(steps), result)


def _capped(steps: list[Step], result: Decimal, cap: Decimal) -> Decimal:
    over = result > cap
    steps.append(Step("capped" if over else "within", _values(cap=said_yuan(cap))))
    return min(result, cap)


def _rate_step(base: Decimal, rate: Decimal, result: Decimal) -> Step:
    return Step("rate", _values(base=said_yuan(base), rate=said_number(rate), result=said_yuan(result)))


def _sum(found: re.Match[str], *names: str) -> Decimal | None:
    for name in names:
        if found[name]:
            return Decimal(found[name]) * _SCALES[found[f"{name}_scale"] or ""]
    return None


def _months(found: re.Match[str] | None) -> Decimal | None:
    return Decimal(found["count"]) * (12 if found["unit"] == "年" else 1) if found else None


def _digits(question: str) -> str:
    """Write counts in digits ("二十间" → "20间")."""

    def number(found: re.Match[str]) -> str:
        try:
            return f"{to_int(found[1])}{found[2]}"
        except ValueError:
            return found[0]

    return re.sub(rf"([一二两三四五六七八九十百千]+)({_COUNTED})", number, halved(question))


def _values(**values: str) -> tuple[tuple[str, str], ...]:
    return tuple(values.items())
