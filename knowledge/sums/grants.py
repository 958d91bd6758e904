"""What an article grants: rates, prices and sums with the edges, caps and words that belong to each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from knowledge.numbering import to_int
from knowledge.sums.articles import Article
from knowledge.sums.edges import SCALES, Edges, edges_in
from knowledge.sums.given import same_unit

_SUM = r"(?P<{0}>\d+(?:\.\d+)?)(?P<{0}_scale>亿|万)?元"
_NOT_COUNTED = r"(?!年|月|季|周|届|期|户|家|个企业|个项目|个主体|个用人|单户|主体|项目)"
_UNIT = r"立方米|平方米|标箱|公里|学时|课时|半天|个?工作日|个?岗位|床位|名员工|[\u4e00-\u9fff]"
_PRICE = re.compile(
    rf"每(?:新增|增加|建成|吸纳|招用|[\u4e00-\u9fff]{{0,4}}?(?=[一1](?!次性)))?(?:[一1](?!次性))?{_NOT_COUNTED}(?P<unit>{_UNIT})(?:床位|客房|房)?"
    rf"(?:每(?P<period>月|年|天|日))?"
    rf"(?:[^,。;、\d每]{{0,16}}?|[^。;、每]{{0,24}}?的,(?:按|给予|一次性|补贴|补助|奖励|奖补)*){_SUM.format('price')}(?!以上|以下)"
    rf"|{_SUM.format('per')}/(?P<unit2>{_UNIT})(?:[·./](?P<period2>月|年|天|日))?"
)
_MONTHLY = re.compile(
    rf"每人?每?月(?:给予|发放|补助|补贴|奖励|按)*{_SUM.format('monthly')}|{_SUM.format('a_month')}/(?:人[·.])?月"
)
_RATE = re.compile(
    r"(?:按|给予|奖励|补助|补贴|贴息|奖补|支持|的)[^。;%]{0,24}?(?<![\d.])(?P<rate>\d+(?:\.\d+)?)%(?!以上|以下|以内|的部分)"
    r"|(?<![\d.])(?P<rate2>\d+(?:\.\d+)?)%(?:的标准|的比例)?(?:给予|予以|奖励|补助|补贴|贴息)"
)
_FIXED = re.compile(
    rf"(?:奖励|补助|补贴|给予|一次性|奖补|发放|增加|为)[^,。;、%\d]{{0,12}}?{_SUM.format('fixed')}(?!/|以上|以下|的(?:部分|额度))"
)
_CAP = re.compile(
    rf"(?:最高|上限|不超过|封顶|最多)(?:限额)?(?:为|不超过|可达|给予|奖励|补助|补贴|补)?{_SUM.format('cap')}"
)
_COUNT_CAP = re.compile(rf"(?:最多|不超过)(?:计|补助|补贴|奖励|不超过|为)?(?P<most>\d+)(?P<unit>{_UNIT})(?!月|年)")
# Rates of rates, and sums that are no support: shares of what is due, time limits, ownership, prices to pay.
_NO_RATE = re.compile(
    r"应得|应发|压缩|缩短|持股|股权|比例不(?:超过|低于)|核减|扣减|前条|计算结果|标准的$|其标准|不超过$|折算|预留"
)
_NO_PRICE = re.compile(r"不低于|不少于|最高|不超过|上限|封顶|罚|收取|保额|注册资本")
_SUPPORT = re.compile(r"补助|补贴|奖励|奖补|给予|发放|支付|资助|津贴|讲课费|课酬|报酬|支持|增加")
_EXTRA = re.compile(r"(?:另|再|额外)(?:行)?(?:增加|给予|奖励|补助|补贴|加)")
_FROM = re.compile(r"(?:从|自)第(?P<first>[一二三四五六七八九十\d]+)(?:名|个|人|位|间|台|张|单)[^,。;]{0,8}?起")
_REST = re.compile(r"超过部分|超出部分|超出的部分|超过的部分")
_PART = re.compile(r"\n|(?=\([一二三四五六七八九十]+\))")
_YEARLY = re.compile(r"每年|年度|当年|一年|/年")


class Sort(StrEnum):
    """What a figure is: percent of an amount, a sum for each unit, or a sum as it stands."""

    RATE = "rate"
    PRICE = "price"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Cap:
    """A cap in yuan, whose it is ("个人", "小微企业") and whether it counts for each year."""

    amount: Decimal
    subject: str
    yearly: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """One figure of support. `figure` is in percent or yuan; `label` are the words that tell whom it is for,
    `said` its sentence or row, `context` all that its item says.

    `unit` is what a price is paid for, `period` the span it covers (月, 年, or none); `most` caps the count.
    `longest` caps the months.
    `first` is the one from which a price counts (从第二名起 → 2); `rest` pays only above the lower edge.
    """

    sort: Sort
    figure: Decimal
    label: str
    said: str
    context: str = ""
    unit: str = ""
    period: str = ""
    edges: Edges | None = None
    caps: tuple[Cap, ...] = ()
    most: Decimal | None = None
    first: int = 1
    rest: bool = False
    extra: bool = False
    column: str = ""
    longest: Decimal | None = None


def grants_of(article: Article) -> list[Grant]:
    """Read all that an article's words grant; tables are read by knowledge.sums.tables."""
    found: list[Grant] = []
    shared: list[Cap] = []
    for part in _PART.split(article.text):
        own: list[Grant] = []
        loose: list[Cap] = []
        for sentence in re.split(r"[;。]", part):
            granted = list(_of_sentence(sentence, part))
            own += granted
            if not granted:
                loose += caps_in(sentence)
        if own:
            found += [grant if grant.caps else replace(grant, caps=tuple(loose)) for grant in own]
        else:
            shared += loose
    return [grant if grant.caps else replace(grant, caps=tuple(shared)) for grant in found]


def caps_in(text: str) -> Iterator[Cap]:
    """Read the caps in yuan a text names, each with the words before it in its own phrase."""
    for found in _CAP.finditer(text):
        before = re.split(r"[,。;、\n]", text[: found.start()])[-1]
        yield Cap(amount(found, "cap"), before, bool(_YEARLY.search(before)))


def amount(found: re.Match[str], *names: str) -> Decimal:
    """Give the sum in yuan that one of the named groups holds."""
    name = next(name for name in names if found[name])
    return Decimal(found[name]) * SCALES[found[f"{name}_scale"]]


def _of_sentence(sentence: str, whole: str) -> Iterator[Grant]:
    matches = sorted(_figures(sentence, whole), key=lambda pair: pair[0].start())
    kept: list[tuple[re.Match[str], Sort]] = []
    for found, sort in matches:
        if not kept or found.start() >= kept[-1][0].end():
            kept.append((found, sort))
    end = 0
    for number, (found, sort) in enumerate(kept):
        until = kept[number + 1][0].start() if number + 1 < len(kept) else len(sentence)
        lead, after = sentence[end : found.end()], sentence[found.end() : until]
        # The match may begin at a verb before the edges ("给予奖励:500万元以上的,按2%").
        before = sentence[end : found.start() if sort is Sort.PRICE else _span(found)[0]]
        edges = edges_in(before) or (edges_in(sentence[: found.start()]) if number and sort is not Sort.FIXED else None)
        first = _FROM.search(before)
        unit = (found["unit"] or found["unit2"]) if sort is Sort.PRICE else ""
        most = next((cap for cap in _COUNT_CAP.finditer(after) if same_unit(cap["unit"], unit)), None)
        yield Grant(
            sort=sort,
            figure=_figure(found, sort),
            label=lead.strip(" ,"),
            said=sentence.strip(" ,"),
            context=whole,
            unit=unit,
            period=_period(found, sort),
            edges=edges,
            caps=tuple(caps_in(after)),
            most=Decimal(most["most"]) if most else None,
            first=to_int(first["first"]) if first else 1,
            rest=bool(_REST.search(lead)),
            extra=bool(_EXTRA.search(lead)),
        )
        end = found.end()


def _period(found: re.Match[str], sort: Sort) -> str:
    if sort is Sort.PRICE:
        return found["period"] or found["period2"] or ""
    return "月" if sort is Sort.FIXED and "monthly" in found.re.groupindex else ""


def _span(found: re.Match[str]) -> tuple[int, int]:
    names = found.re.groupindex
    figures = ("price", "per", "rate", "rate2", "fixed", "monthly", "a_month")
    return found.span(next(name for name in figures if name in names and found[name]))


def _figures(sentence: str, whole: str) -> Iterator[tuple[re.Match[str], Sort]]:
    """Find the figures of support in a sentence: prices before rates before sums, where they overlap."""
    taken: list[tuple[int, int]] = []
    for pattern, sort in ((_PRICE, Sort.PRICE), (_RATE, Sort.RATE), (_MONTHLY, Sort.FIXED), (_FIXED, Sort.FIXED)):
        for found in pattern.finditer(sentence):
            span = _span(found)
            before = sentence[max(0, span[0] - 24) : span[0]]
            refused = _NO_RATE.search(before) if sort is Sort.RATE else _NO_PRICE.search(before.rsplit(",", 1)[-1])
            # "给予补贴8000元;转岗职工为12000元": the exception leans on the verb of the rule.
            if sort is not Sort.RATE and not _SUPPORT.search(whole):
                continue
            if refused or any(start <= span[0] < end for start, end in taken):
                continue
            taken.append(span)
            yield found, sort


def _figure(found: re.Match[str], sort: Sort) -> Decimal:
    if sort is Sort.RATE:
        return Decimal(found["rate"] or found["rate2"])
    names = [name for name in ("price", "per", "fixed", "monthly", "a_month") if name in found.re.groupindex]
    return amount(found, *names)
