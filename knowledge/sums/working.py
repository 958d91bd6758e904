"""From a question's figures and an article to a sum: which grant holds, what it comes to, what changes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from knowledge.amounts import said_number, said_yuan
from knowledge.sums.articles import Article
from knowledge.sums.changes import (
    asks_refund,
    converted,
    delayed,
    has_share,
    instalments,
    placed,
    refund,
    with_spouse,
    within_share,
)  # fmt: skip
from knowledge.sums.choosing import (
    chosen_among,
    concerns,
    has_class,
    holds,
    of_column,
    out_of_scope,
    said_with_unit,
    values_for,
)
from knowledge.sums.given import Given
from knowledge.sums.grants import Grant, Sort, grants_of
from knowledge.sums.loans import choose_cap, interest_support
from knowledge.sums.rents import by_area
from knowledge.sums.steps import Estimate, Step, Working, outside
from knowledge.sums.tables import grants_in_tables

_DAY_CAP = re.compile(r"(?:每年|年度|全年)[^。;]{0,14}?(?:服务|补助|计酬|补贴)[^。;]{0,10}?不超过(?P<days>\d+)天")
_LONGEST = re.compile(r"最长(?:不超过)?(?P<count>\d+)个月")
_FOLLOWS = re.compile(r"前条|第(?P<number>[一二三四五六七八九十]+)条(?:奖励|补助|补贴|标准|规定)")
SPANS = {"月": "个月", "年": "年"}
_TOTAL = re.compile(r"一共|总共|合计|合起来|加一块|加起来|加在一起|总额|拢共|全部|共")
_NAMES = re.compile(r"给予(?:企业|用人单位)?(?P<name>[\u4e00-\u9fff]{2,10}?(?:补贴|补助|奖励))")


def estimates(question: str, article: Article, file: Sequence[Article] = ()) -> tuple[Estimate, ...]:
    """Work an article for every set of figures a question gives; empty where none fits or it stays open which does.

    `file` are all articles of its file: delays, coefficients and shares often stand in another.
    """
    given, whole = Given.of(question), file or (article,)
    if asks_refund(given):
        worked = refund(given, whole)
        return (worked,) if worked else ()
    if (interest := interest_support(given, article, whole)) is not None:
        return interest
    for base in _bases(article, whole):
        if found := _of_base(given, base, whole):
            return _compared(given, found)
    return ()


def _compared(given: Given, found: tuple[Estimate, ...]) -> tuple[Estimate, ...]:
    """Add the difference of two sums where a question asks for it."""
    results = [estimate.result for estimate in found if estimate.result is not None]
    if len(found) != 2 or len(results) != 2 or "差" not in given.plain:
        return found
    step = Step("difference", (("result", said_yuan(abs(results[0] - results[1]))),))
    return (found[0], Estimate((*found[1].steps, step), found[1].result))


def elsewhere(question: str, file: Sequence[Article]) -> tuple[Article, tuple[Estimate, ...]] | None:
    """Find the one article of a file that pays for what a question counts (间, 孔, 吨 …), where none was found for it.

    Amounts of money fit too many articles to be looked for like this.
    """
    given = Given.of(question)
    if given.money or asks_refund(given):
        return None
    found = [
        (article, worked)
        for article in file
        if not article.is_example and (grants := [*grants_in_tables(article), *grants_of(article)])
        if any(grant.sort is Sort.PRICE and values_for(given, grant) for grant in grants)
        if (worked := estimates(question, article, file))
    ]
    return found[0] if len(found) == 1 else None


def _bases(article: Article, file: Sequence[Article]) -> Iterator[Article]:
    """Give the article, and the one whose standard it takes a share of, multiplies or explains."""
    if not article.is_example:
        yield article
    before = article.before(file)
    if before and (article.is_example or re.search(r"前条", article.text)):
        yield before


def _of_base(given: Given, base: Article, file: Sequence[Article]) -> tuple[Estimate, ...]:
    rent = by_area(base.text, given)
    if rent is not None:
        return (rent,)
    both = _totalled(given, base, file)
    if both is not None:
        return (both.done(),)
    grants = [*grants_in_tables(base), *grants_of(base)]
    if by_class := _by_class(given, base, grants, file):
        return (by_class,)
    if monthly := _by_months(given, base, grants):
        return (monthly,)
    return tuple(_by_figures(given, base, grants, file))


def _by_months(given: Given, base: Article, grants: Sequence[Grant]) -> Estimate | None:
    """Work a monthly sum for the months a person names; None where it is open which one is theirs."""
    # A table with several columns needs the one that is meant named, the others being no months' sums or not.
    named = of_column(given, [grant for grant in grants if grant.column]) + [g for g in grants if not g.column]
    monthly = [grant for grant in named if grant.sort is Sort.FIXED and grant.period == "月" and not grant.edges]
    if not monthly or given.money or not (given.months or given.served):
        return None
    grant = chosen_among(given, monthly)
    if grant is None or not concerns(given, grant) or (len(monthly) > 1 and not given.concerns(grant.label)):
        return None
    return _for_months(given, Working(), grant, base)


def _by_class(given: Given, base: Article, grants: Sequence[Grant], file: Sequence[Article]) -> Estimate | None:
    """Work a sum that a class of people gets: for two spouses, held to a share of a price, or for some months."""
    if not given.classes:
        return None
    fixed = [grant for grant in grants if grant.sort is Sort.FIXED and grant.column and not grant.unit]
    fixed = of_column(given, fixed)
    rows = [[grant for grant in fixed if has_class(grant, letter)] for letter in given.classes]
    if not fixed or any(len(row) != 1 for row in rows):
        return None
    chosen = [row[0] for row in rows]
    if len(chosen) == 2:
        spouses = with_spouse(given, [grant.figure for grant in chosen], chosen[0].column, file)
        return instalments(spouses, chosen[0].column, file).done() if spouses and not chosen[0].period else None
    grant = chosen[0]
    working = Working().then("class", grant.figure, row=given.classes[0], column=grant.column)
    if grant.period == "月" and (given.months or given.served):
        return _for_months(given, working, grant, base)
    if not grant.period and given.money and has_share(grant.column, file):
        return instalments(within_share(given, working, grant.column, file), grant.column, file).done()
    return None


def _for_months(given: Given, working: Working, grant: Grant, base: Article) -> Estimate | None:
    months, found = given.months or given.served or Decimal(0), _LONGEST.findall(base.text)
    longest = grant.longest or (Decimal(found[0]) if len(set(found)) == 1 else None)
    if longest and months > longest:
        months, working = longest, working.noted("longest", months=said_number(longest))
    result = grant.figure * months
    return working.then("months", result, monthly=said_yuan(grant.figure), months=said_number(months)).done()


def _by_figures(given: Given, base: Article, grants: Sequence[Grant], file: Sequence[Article]) -> Iterator[Estimate]:
    usable = [
        (grant, values)
        for grant in grants
        if not grant.extra and (values := values_for(given, grant)) and concerns(given, grant)
    ]
    longest = max((len(values) for _, values in usable), default=0)
    if longest > 1 and not given.compares:
        return
    for turn in range(min(longest, 3)):
        now = [(grant, values[turn]) for grant, values in usable if len(values) > turn]
        holding = [(grant, value) for grant, value in now if holds(given, grant, value)]
        if not holding:
            bounded = [(grant, value) for grant, value in now if grant.edges]
            if bounded and (len(bounded) > 1 or bounded[0][0].sort is not Sort.RATE):
                grant, value = bounded[0]
                yield outside("no_band", given=said_with_unit(value, grant))
            continue
        chosen = chosen_among(given, [grant for grant, _ in holding])
        if chosen is None:
            return
        value = next(value for grant, value in holding if grant is chosen)
        if scope := out_of_scope(chosen, value, file):
            yield outside("out_of_scope", given=said_with_unit(value, chosen), scope=scope)
            continue
        working = _worked(given, chosen, value, base, grants, file)
        if working is None:
            return
        yield working.done()


def _worked(
    given: Given, grant: Grant, value: Decimal, base: Article, grants: Sequence[Grant], file: Sequence[Article]
) -> Working | None:
    """Work one grant for one value and everything that bears on it; None where something stays open."""
    working: Working | None = Working()
    if grant.edges or grant.column:
        working = Working().noted("band", given=said_with_unit(value, grant), band=grant.said)
    working = _first(working or Working(), given, grant, value, base, file)
    if working is None:
        return None
    for extra in (other for other in grants if other.extra and other.sort is Sort.FIXED):
        if given.says(extra.label):
            result = working.result + extra.figure
            working = working.then("extra", result, base=said_yuan(working.result), more=said_yuan(extra.figure))
    working = placed(given, working, base, file)
    if working is None:
        return None
    working = converted(given, working, base, file)
    cap = choose_cap(given, grant.caps, working.result)
    if isinstance(cap, bool):
        return None
    return delayed(given, working.capped(cap.amount if cap else None), base, file)


def _first(
    working: Working, given: Given, grant: Grant, value: Decimal, base: Article, file: Sequence[Article]
) -> Working | None:
    """Work the figure itself: percent of an amount, a price for each, or a sum as it stands."""
    if grant.sort is Sort.FIXED:
        return working.then("fixed", grant.figure)
    if grant.rest and grant.edges:
        rest = value - grant.edges.low
        working = working.noted(
            "rest",
            given=said_with_unit(value, grant),
            low=said_with_unit(grant.edges.low, grant),
            rest=said_with_unit(rest, grant),
        )
        value = rest
    if grant.sort is Sort.RATE:
        result = value * grant.figure / 100
        return working.then("rate", result, base=said_yuan(value), rate=said_number(grant.figure))
    most = grant.most
    if grant.unit in ("天", "日") and most is None:
        limits = {Decimal(f["days"]) for article in file for f in _DAY_CAP.finditer(article.text)}
        most = min(limits) if limits else None
    if most is not None and value > most:
        working, value = working.noted("most", most=said_number(most), unit=grant.unit), most
    if grant.first > 1:
        return _from_some(working, given, grant, value, base, file)
    if grant.period in ("天", "日"):
        # So much for each person and day: both are needed.
        return None
    working = working.then(
        "each", value * grant.figure, count=said_number(value), unit=grant.unit, price=said_yuan(grant.figure)
    )
    if grant.period in ("月", "年") and given.months:
        spans = given.months / (12 if grant.period == "年" else 1)
        return working.then(
            "spans",
            working.result * spans,
            base=said_yuan(working.result),
            spans=said_number(spans),
            span=SPANS[grant.period],
        )
    return working


def _from_some(
    working: Working, given: Given, grant: Grant, value: Decimal, base: Article, file: Sequence[Article]
) -> Working | None:
    """Add what each further one brings to the sum that stands in the same article or the one before."""
    before = base.before(file)
    for article in filter(None, (base, before)):
        sums = [other for other in grants_of(article) if other.sort is Sort.FIXED and not other.extra]
        if sums:
            basic = _told_from_rule(given, sums).figure
            more = max(value - grant.first + 1, Decimal(0))
            working = working.then("basic", basic)
            result = basic + more * grant.figure
            return working.then(
                "further", result, base=said_yuan(basic), first=str(grant.first), count=said_number(more),
                unit=grant.unit, price=said_yuan(grant.figure),
            )  # fmt: skip
    return None


def _totalled(given: Given, base: Article, file: Sequence[Article]) -> Working | None:
    """Add two grants of a file that a question names and wants together."""
    if not _TOTAL.search(given.plain):
        return None
    parts: list[Working] = []
    for article in file:
        found = _NAMES.search(article.text)
        if not found or re.sub(r"(?:补贴|补助|奖励)$", "", found["name"]) not in given.plain:
            continue
        grants = grants_of(article)
        priced = [
            (grant, values[0])
            for grant in grants
            if grant.sort is Sort.PRICE and len(values := values_for(given, grant)) == 1
        ]
        fixed = [grant for grant in grants if grant.sort is Sort.FIXED]
        if len(priced) == 1:
            worked = _worked(given, *priced[0], article, (), file)
        elif fixed and len(fixed) == len(grants):
            chosen = _told_from_rule(given, fixed)
            worked = Working().then("named", chosen.figure, name=found["name"])
        else:
            worked = None
        if worked is None:
            return None
        parts.append(worked)
    if len(parts) != 2:
        return None
    result = parts[0].result + parts[1].result
    steps = (*parts[0].steps, *parts[1].steps)
    return Working(result, steps).then(
        "total", result, one=said_yuan(parts[0].result), other=said_yuan(parts[1].result)
    )


def _told_from_rule(given: Given, fixed: Sequence[Grant]) -> Grant:
    """Choose the exception whose words a question says; else the rule, which stands first."""
    said = [grant for grant in fixed[1:] if any(pair in given.plain for pair in _pairs(grant.label))]
    return said[0] if len(said) == 1 else fixed[0]


def _pairs(label: str) -> Iterator[str]:
    words = re.sub(r"[^\u4e00-\u9fff]|为|元|万", "", label)
    return (words[i : i + 2] for i in range(len(words) - 1))
