"""What the rows of a table grant: the unit stands in the header or the cell, the row says for whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from knowledge.sums.articles import Article
from knowledge.sums.edges import SCALES, Edges, edges_in
from knowledge.sums.grants import Cap, Grant, Sort, caps_in

_MONEY = re.compile(r"(?P<scale>亿|万)?元(?:/(?P<unit>[^)(/·.]+?))?(?:[/·.](?P<period>月|年|天|日))?(?=$|[)\]])")
_CAPS = re.compile(r"上限|最高|封顶|限额")
_LEAST = re.compile(r"下限|起补|最低|门槛|规模|面积|数量|额|量")
_UNITS = re.compile(r"计量单位|单位$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CELL = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)(?:(?P<percent>%)|(?P<scale>亿|万)?元(?:/(?P<unit>[^·/]+?))?(?:[/·](?P<period>月|年|天|日))?)?"
)
_LETTERS = re.compile(r"[A-Z](?:[、,/和][A-Z])*")
_SUPPORT = re.compile(r"补助|补贴|奖励|奖补|津贴|资助|给予|发放")
_TO_PAY = re.compile(r"租金|物业|押金|收费|价格|工资|单价")
_PERIODS = ("月", "年", "季度", "季")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column's name and, where its header tells, what its numbers are."""

    name: str
    header: str
    money: re.Match[str] | None

    @property
    def is_cap(self) -> bool:
        return bool(_CAPS.search(self.header))

    @property
    def scale(self) -> str:
        found = re.search(r"[(\[](亿|万)", self.header)
        return found[1] if found else ""

    @property
    def unit(self) -> str:
        found = re.search(r"[(\[](?:亿|万)?([^)\]]+)[)\]]", self.header)
        return found[1] if found else ""


def grants_in_tables(article: Article) -> list[Grant]:
    """Read the rows of all tables of an article, with the caps and the other words that stand beside them."""
    shared = tuple(dict.fromkeys(caps_in(article.text)))
    return [
        grant if grant.caps else replace(grant, caps=shared)
        for table in article.tables
        for grant in _of_table(table, article.text)
    ]


def _of_table(table: Sequence[Sequence[str]], beside: str) -> Iterator[Grant]:
    columns, rows = _columns(table)
    for row in rows:
        cells = list(zip(columns, row, strict=False))
        counted = next((cell for column, cell in cells if _UNITS.search(column.name)), "")
        common = _conditions(cells)
        for number, (column, cell) in enumerate(cells):
            found = _CELL.fullmatch(cell)
            if column.is_cap or not found or _UNITS.search(column.name) or _TO_PAY.search(column.name):
                continue
            if not _SUPPORT.search(column.name + beside):
                continue
            grant = replace(common, said="|".join(row), context=beside, column=column.name)
            if found["percent"] or "%" in column.header:
                yield replace(grant, sort=Sort.RATE, figure=Decimal(found["number"]))
                continue
            money = found if "元" in cell else column.money
            if money is None:
                continue
            unit, period = money["unit"] or counted, money["period"] or ""
            if unit in _PERIODS:
                unit, period = "", unit
            yield replace(
                grant,
                sort=Sort.PRICE if unit else Sort.FIXED,
                figure=Decimal(found["number"]) * SCALES[money["scale"]],
                unit=re.sub(r"^每|/.*$", "", unit),
                period=period,
                longest=_longest(cells[number + 1 : number + 2]) if period == "月" else None,
            )


def _longest(following: Sequence[tuple[_Column, str]]) -> Decimal | None:
    """Read how many months a monthly sum is paid where the next column says so."""
    for column, cell in following:
        if re.search(r"最长|期限", column.header) and "月" in column.header and _NUMBER.fullmatch(cell):
            return Decimal(cell)
    return None


def _columns(table: Sequence[Sequence[str]]) -> tuple[list[_Column], Sequence[Sequence[str]]]:
    """Read the header, which may take several rows: those that repeat its first cell."""
    depth = 1
    while depth < len(table) - 1 and table[depth][0] == table[0][0]:
        depth += 1
    columns = []
    for cells in zip(*table[:depth], strict=False):
        header = "".join(dict.fromkeys(cells))
        money = next((found for cell in reversed(cells) if (found := _MONEY.search(cell))), None)
        columns.append(_Column(re.sub(r"[(\[][^)\]]*[)\]]", "", header), header, money))
    return columns, table[depth:]


def _conditions(cells: Sequence[tuple[_Column, str]]) -> Grant:
    """Read from a row what it asks for, its caps in yuan and in number, and the words it goes by."""
    edges: Edges | None = None
    caps: list[Cap] = []
    most: Decimal | None = None
    label: list[str] = []
    for column, cell in cells:
        is_number = bool(_NUMBER.fullmatch(cell))
        if column.is_cap:
            if is_number and column.money:
                caps.append(Cap(Decimal(cell) * SCALES[column.money["scale"]], column.name, "年" in column.header))
            elif is_number and re.search(r"日|天|人|次", column.header):
                most = Decimal(cell)
        elif found := edges_in(cell, column.unit, column.scale):
            edges = found
        elif is_number and _LEAST.search(column.name) and not column.money and "%" not in column.header:
            edges = Edges(Decimal(cell) * SCALES[column.scale], False, None, False, column.unit)
        elif not _CELL.fullmatch(cell) and not _UNITS.search(column.name):
            label.append(f"{cell}类" if "类" in column.name and _LETTERS.fullmatch(cell) else cell)
    return Grant(Sort.FIXED, Decimal(0), "、".join(label), "", edges=edges, caps=tuple(caps), most=most)
