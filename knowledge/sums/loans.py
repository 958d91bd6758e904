"""Interest support (贴息): a share of the rate, held to percentage points, on the loan for its days or months."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from knowledge.amounts import said_number, said_yuan
from knowledge.sums.articles import Article
from knowledge.sums.given import Given
from knowledge.sums.grants import Cap, caps_in
from knowledge.sums.steps import Estimate, Working

_ABOUT = re.compile(r"贴息|利息")
_SHARE = re.compile(r"(?:利息|利率)(?:总?额|支出|部分)?[^。;%\d]{0,10}?(?:的|×)(?P<share>\d+(?:\.\d+)?)%(?!以上|以下)")
_POINTS = re.compile(
    r"不(?:得)?超过(?P<a>\d+(?:\.\d+)?)个百分点|超过(?P<b>\d+(?:\.\d+)?)个百分点的,?按"
    r"|(?P<c>\d+(?:\.\d+)?)%[\"“”']?(?:之间|两者|二者)?中?的?(?:较低|较小|孰低|低)者|min\([^)]*,(?P<d>\d+(?:\.\d+)?)%\)"
    r"|贴息率[^。;,]{0,8}不(?:得)?超过(?P<e>\d+(?:\.\d+)?)%"
)
_FIXED_RATE = re.compile(r"(?:年利率|贴息率|年贴息|本金)(?:的|按|为|每年|年化)*(?P<rate>\d+(?:\.\d+)?)%(?!以|之间|中)")
_OUTSIDE_RATE = re.compile(r"LPR|基准利率|报价利率")
_PRINCIPAL = re.compile(r"本金|额度|贷款(?!贴息)")
_PRINCIPAL_CAP = re.compile(
    r"(?P<subject>个人|个体工商户|小微企业|企业|单户|合伙)[^,。;、\d]{0,14}?(?:不超过|最高)(?P<n>\d+(?:\.\d+)?)万元"
)
_FIRM = re.compile(r"企业|单户|公司|主体|合作社|每户|项目")
_PERSON = re.compile(r"个人|个体|借款人")
_LONGEST = re.compile(r"(?:不超过|最长(?:不超过)?|最多)(?P<count>\d+)(?P<unit>个月|年)")


def interest_support(given: Given, article: Article, file: Sequence[Article]) -> tuple[Estimate, ...] | None:
    """Work interest support for one loan; None where the rule is of another kind, empty where it stays open."""
    texts = [article.text] if _SHARE.search(article.text) else []
    texts += [
        other.text
        for other in file
        if other is not article and not other.is_example and _ABOUT.search(other.text) and _is_near(article, other)
    ]
    if not _ABOUT.search(article.text) and not (re.search(r"贷|利", given.plain) and article.text and texts):
        return None
    rules = "\n".join(texts)
    shares = {Decimal(found["share"]) for found in _SHARE.finditer(rules)}
    fixed = {Decimal(found["rate"]) for found in _FIXED_RATE.finditer(article.text)} if not shares else set()
    if not shares and not (fixed and "贴息" in article.text):
        return None
    if len(shares | fixed) != 1 or len(given.money) != 1 or _OUTSIDE_RATE.search(rules):
        return ()
    if shares and (given.rate is None or not Decimal(0) < given.rate <= Decimal(24)):
        return ()
    points = {Decimal(next(filter(None, found.groups()))) for found in _POINTS.finditer(rules)}
    loan = _supported(given, given.money[0].value, rules)
    if len(points) > 1 or loan is None:
        return ()
    working = Working()
    if loan < given.money[0].value:
        working = working.noted("principal", loan=said_yuan(given.money[0].value), most=said_yuan(loan))
    if shares and given.rate is not None:
        share = shares.pop()
        rate = given.rate * share / 100
        working = working.noted(
            "share", rate=said_number(given.rate), share=said_number(share), result=said_number(rate)
        )
    else:
        rate = fixed.pop()
    if points and (most := points.pop()) < rate:
        working, rate = working.noted("points", points=said_number(most)), most
    yearly = loan * rate / 100
    working = working.then("support", yearly, loan=said_yuan(loan), rate=said_number(rate))
    return _for_term(given, working, _cap_for(given, yearly, rules), rules)


def _is_near(article: Article, other: Article) -> bool:
    """Tell whether two articles belong to one subject: within eight of each other."""
    if article.number is None or other.number is None:
        return False
    return abs(article.number - other.number) <= 8


def _for_term(given: Given, working: Working, cap: Cap | bool | None, rules: str) -> tuple[Estimate, ...]:
    if isinstance(cap, bool):
        return ()
    days = given.days
    longest = _LONGEST.search(rules)
    term = given.months
    if longest and term:
        most = Decimal(longest["count"]) * (12 if longest["unit"] == "年" else 1)
        if term > most:
            term, working = most, working.noted("longest", months=said_number(most))
    if days is not None and days >= 28 and term in (None, Decimal(12)):
        basis = Decimal(365 if "÷365" in rules else 360)
        if days > basis * 2:
            return ()
        if days != basis:
            result = working.result * days / basis
            working = working.then(
                "days", result, yearly=said_yuan(working.result), days=said_number(days), basis=said_number(basis)
            )
    elif term is not None and term != 12:
        if cap and cap.yearly and term > 12:
            working, cap = working.capped(cap.amount), None
        result = working.result / 12 * term
        working = working.then("term", result, yearly=said_yuan(working.result), months=said_number(term))
    return (working.capped(cap.amount if cap else None).done(),)


def _supported(given: Given, loan: Decimal, rules: str) -> Decimal | None:
    """Give the part of a loan that is supported; None where it is above what the rule lets anyone borrow."""
    found = [
        Cap(Decimal(f["n"]) * 10_000, f["subject"], False)
        for sentence in re.split(r"[。;\n]", rules)
        if _PRINCIPAL.search(sentence) and not re.search(r"贴息(?:额|资金)?[^,。]{0,4}(?:最高|不超过)", sentence)
        for f in _PRINCIPAL_CAP.finditer(sentence)
    ]
    cap = choose_cap(given, found, loan)
    if cap is None or (not isinstance(cap, bool) and loan <= cap.amount):
        return loan
    if isinstance(cap, bool) or not re.search(r"超过(?:的)?部分不(?:予|享受)", rules):
        return None
    return cap.amount


def _cap_for(given: Given, result: Decimal, rules: str) -> Cap | bool | None:
    caps = [
        cap
        for sentence in re.split(r"[。;\n]", rules)
        if _ABOUT.search(sentence) or re.search(r"每年最高|最高", sentence)
        for cap in caps_in(sentence)
        if not _PRINCIPAL.search(cap.subject) and not re.search(r"本金|额度|担保", sentence)
    ]
    return choose_cap(given, caps, result)


def choose_cap(given: Given, caps: Iterable[Cap], result: Decimal) -> Cap | bool | None:
    """Choose the cap for whoever asks; None without any, False where it is open which of several holds."""
    several = list(dict.fromkeys(caps))
    if not several:
        return None
    if len({cap.amount for cap in several}) == 1:
        return several[0]
    for kind in (_FIRM, _PERSON):
        other = _FIRM if kind is _PERSON else _PERSON
        theirs = [cap for cap in several if kind.search(cap.subject)]
        if theirs and kind.search(given.words) and not other.search(given.words):
            return min(theirs, key=lambda cap: cap.amount)
    lowest = min(several, key=lambda cap: cap.amount)
    return None if result <= lowest.amount else False
