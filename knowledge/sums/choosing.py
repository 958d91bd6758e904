"""Which of an article's grants a question means, and whether its figures are within the grant's edges."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from knowledge.amounts import said_number, said_yuan
from knowledge.sums.articles import Article
from knowledge.sums.edges import Edges, edges_in
from knowledge.sums.given import Given, fitting
from knowledge.sums.grants import Grant, Sort

_AREA_UNITS = ("平方米", "㎡", "平米")


def values_for(given: Given, grant: Grant) -> list[Decimal]:
    """Give the person's figures that a grant is worked with."""
    if grant.sort is Sort.RATE:
        return [quantity.value for quantity in given.money]
    if grant.sort is Sort.PRICE:
        return _amounts(given, grant.unit)
    return _amounts(given, grant.edges.unit) if grant.edges else []


def _amounts(given: Given, unit: str) -> list[Decimal]:
    if unit in ("元", ""):
        return [quantity.value for quantity in given.money]
    if unit in _AREA_UNITS:
        return [given.area] if given.area is not None else []
    return given.counts(unit)


def concerns(given: Given, grant: Grant) -> bool:
    """Tell whether a grant is about what the question is about; a band of amounts needs no further word."""
    rule = grant.said + grant.column + grant.context
    if grant.sort is not Sort.PRICE and grant.edges and grant.edges.unit in ("元", ""):
        return given.names_cost(rule)
    return given.concerns(rule) and (grant.sort is not Sort.RATE or given.names_cost(rule))


def holds(given: Given, grant: Grant, value: Decimal) -> bool:
    edges = grant.edges
    if edges is None:
        return True
    if _is_axis(grant, edges):
        return edges.hold(value)
    others = _amounts(given, edges.unit) if edges.unit not in ("元", "") else []
    return not others or edges.hold(others[0])


def _is_axis(grant: Grant, edges: Edges) -> bool:
    """Tell whether edges count the same as the grant is worked with."""
    if grant.sort is Sort.RATE:
        return edges.unit in ("元", "")
    return grant.sort is Sort.FIXED or edges.unit in (grant.unit, "")


def chosen_among(given: Given, grants: Sequence[Grant]) -> Grant | None:
    """Choose the one grant that a question means: by column, by class, by its telling words."""
    if len({grant.column for grant in grants}) > 1:
        grants = of_column(given, grants)
    if given.classes and len(grants) > 1:
        grants = [grant for grant in grants if has_class(grant, given.classes[0])] or grants
    if len(grants) == 1:
        return grants[0]
    if not grants:
        return None
    place = fitting([grant.label for grant in grants], given.words)
    return grants[place] if place is not None else None


def of_column(given: Given, grants: Sequence[Grant]) -> list[Grant]:
    columns = list(dict.fromkeys(grant.column for grant in grants))
    if len(columns) < 2:
        return list(grants)
    place = fitting(columns, given.words)
    return [grant for grant in grants if place is not None and grant.column == columns[place]]


def has_class(grant: Grant, letter: str) -> bool:
    return bool(re.search(rf"(?<![A-Za-z]){letter}(?![A-Za-z])", grant.label))


def said_with_unit(value: Decimal, grant: Grant) -> str:
    unit = grant.unit or (grant.edges.unit if grant.edges else "")
    return said_yuan(value) if grant.sort is Sort.RATE or unit in ("元", "") else f"{said_number(value)}{unit}"


def out_of_scope(grant: Grant, value: Decimal, file: Sequence[Article]) -> str:
    """Give the words of a file's definition that shut a count out ("所称民宿,是指客房5间以上…"); empty without."""
    for article in file:
        for sentence in re.split(r"[。;]", article.text) if "所称" in article.text else ():
            for phrase in sentence.split(","):
                edges = edges_in(phrase)
                if edges and edges.unit == grant.unit != "" and not edges.hold(value):
                    return phrase
    return ""
