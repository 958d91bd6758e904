"""What other words of a file make of a sum: factors for delay and place, conversions, shares, terms, refunds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from knowledge.amounts import said_number, said_yuan
from knowledge.numbering import article_of, to_int
from knowledge.sums.articles import Article
from knowledge.sums.edges import Edges, edges_in
from knowledge.sums.given import Given
from knowledge.sums.steps import Estimate, Working

_LATE = re.compile(r"延误|延迟|推迟|晚于|逾期|超期|超过[^,。;\d]{0,12}(?:日期|期限)")
_FACTOR = re.compile(
    r"(?:乘以|系数(?:为|是)?|乘)(?P<factor>[01]?\.\d+|1(?:\.0)?)|(?:按|按照)[^,。;\d]{0,10}?(?P<percent>\d+)%|(?P<none>不予|不再|取消)"
)
_NAMED = re.compile(r"(?P<name>[\u4e00-\u9fff]{2,8}?)(?:的)?,?系数(?:为|是|取)?(?P<factor>\d+(?:\.\d+)?)")
_OF_ANOTHER = re.compile(
    r"(?:按|按照)(?:前条|上条|第(?P<number>[一二三四五六七八九十]+)条)(?:规定)?(?:的)?标准的?(?P<percent>\d+)%"
)
_SPOUSE = re.compile(r"夫妻[^。]*?另一方[^。%]*?(?P<percent>\d+)%")
_COUPLE = re.compile(
    r"两口子|夫妻|媳妇|老婆|老公|爱人|先生|太太|妻子|丈夫|对象|我俩|我们俩|夫妇|家里|husband|wife|spouse"
)
_SHARE = re.compile(r"不(?:得)?超过[^。,;\d]{0,12}?(?:价款|总价|房款|价|款|费用|成本)的(?P<percent>\d+)%")
_INSTALMENTS = re.compile(r"分(?P<count>[2-9]|[二两三四五六七八九十])年(?:等额|平均)(?:拨付|发放|兑付|兑现|支付)")
_REFUND = re.compile(r"未(?:满)?服务(?:的)?月数(?:占|÷|/)(?P<total>\d+)")

_ASKS_REFUND = re.compile(r"(?:要|得|该|需|用|会)退(?!伍|休|役)|退(?:多少|还|回去|钱|给|不退)|还回去|吐出来")


def delayed(given: Given, working: Working, base: Article, file: Sequence[Article]) -> Working | None:
    """Multiply by the factor of a delay; None where a delay is told and it is open what it does."""
    if not given.is_late:
        return working
    if given.delay is None:
        return None
    rules = [article for article in file if _LATE.search(article.text) and _bears_on(article, base, file)]
    bands = [band for article in rules for band in _delays(article.text)]
    holding = [(edges.low, factor) for edges, factor in bands if edges.hold(given.delay)]
    if not holding:
        return None
    factor = max(holding)[1]
    months = said_number(given.delay)
    if factor == 0:
        return working.then("too_late", Decimal(0), months=months)
    return working.then(
        "delay", working.result * factor, base=said_yuan(working.result), months=months, factor=said_number(factor)
    )


def converted(given: Given, working: Working, base: Article, file: Sequence[Article]) -> Working:
    """Take a share of another article's standard where the case of the question is that of the sharing one."""
    for article in file:
        found = _OF_ANOTHER.search(article.text)
        if found and _bears_on(article, base, file):
            condition = article.text[: found.start()]
            if "改建" in given.words and re.search(r"改建|改造|闲置|利用", condition):
                percent = Decimal(found["percent"])
                return working.then(
                    "share_of", working.result * percent / 100, base=said_yuan(working.result),
                    percent=said_number(percent), why=condition.strip(" ,的"),
                )  # fmt: skip
    return working


def placed(given: Given, working: Working, base: Article, file: Sequence[Article]) -> Working | None:
    """Multiply by a coefficient that a formula names; None where it is open which one holds."""
    if not re.search(r"×[^×=。,]{0,8}系数", base.text):
        return working
    named = {
        found["name"]: Decimal(found["factor"])
        for article in file
        if not article.is_example
        for found in _NAMED.finditer(article.text)
    }
    here = {name for name in named if name in given.plain} or set(_by_place(given, named, file))
    if len(here) != 1:
        return None
    name = here.pop()
    return working.then(
        "coefficient", working.result * named[name], base=said_yuan(working.result), name=name,
        factor=said_number(named[name]),
    )  # fmt: skip


def with_spouse(given: Given, amounts: Sequence[Decimal], subject: str, file: Sequence[Article]) -> Working | None:
    """Add up what two spouses get: the higher in full, a share of the other; None without such a rule."""
    rule = next((found for article in file if (found := _SPOUSE.search(article.text)) and _names(found, subject)), None)
    if rule is None or len(amounts) != 2 or not _COUPLE.search(given.plain):
        return None
    high, low, percent = max(amounts), min(amounts), Decimal(rule["percent"])
    return Working().then(
        "spouses", high + low * percent / 100, high=said_yuan(high), low=said_yuan(low), percent=said_number(percent)
    )


def within_share(given: Given, working: Working, subject: str, file: Sequence[Article]) -> Working:
    """Hold a sum to a share of the price that a person names."""
    for article in file:
        for sentence in re.split(r"[。;\n]", article.text):
            found = _SHARE.search(sentence)
            if found and subject in sentence and given.money:
                percent, price = Decimal(found["percent"]), given.money[0].value
                most = price * percent / 100
                working = working.noted(
                    "price_share", price=said_yuan(price), percent=said_number(percent), most=said_yuan(most)
                )
                return working.capped(most)
    return working


def has_share(subject: str, file: Sequence[Article]) -> bool:
    """Tell whether a file holds a kind of support to a share of a price."""
    sentences = (s for article in file for s in re.split(r"[。;\n]", article.text))
    return any(_SHARE.search(sentence) and subject in sentence for sentence in sentences)


def instalments(working: Working, subject: str, file: Sequence[Article]) -> Working:
    """Say what is paid each year where a kind of support is paid out evenly over some years."""
    for sentence in (s for article in file for s in re.split(r"[。;\n]", article.text)):
        found = _INSTALMENTS.search(sentence)
        if found and subject in sentence:
            count = Decimal(to_int(found["count"]))
            return working.noted("instalments", count=said_number(count), yearly=said_yuan(working.result / count))
    return working


def asks_refund(given: Given) -> bool:
    return bool(_ASKS_REFUND.search(given.plain))


def refund(given: Given, file: Sequence[Article]) -> Estimate | None:
    """Work what is to be paid back of a sum received, by the months not served."""
    totals = {Decimal(found["total"]) for article in file for found in _REFUND.finditer(article.text)}
    served = given.served
    if len(totals) != 1 or len(given.money) != 1 or served is None:
        return None
    total, received = totals.pop(), given.money[0].value
    left = max(total - served, Decimal(0))
    return (
        Working()
        .noted("unserved", total=said_number(total), served=said_number(served), left=said_number(left))
        .then("refund", received * left / total, received=said_yuan(received), left=said_number(left),
              total=said_number(total))
        .done()
    )  # fmt: skip


def _delays(text: str) -> Iterator[tuple[Edges, Decimal]]:
    for piece in re.split(r"[;。\n]", text.replace("晚于", "超过").replace("个月的", "个月的,")):
        edges, found = edges_in(piece, times=True), _FACTOR.search(piece)
        if edges and "月" in edges.unit and found:
            factor = Decimal(0) if found["none"] else Decimal(found["factor"] or Decimal(found["percent"] or 0) / 100)
            yield edges, factor


def _bears_on(article: Article, base: Article, file: Sequence[Article]) -> bool:
    """Tell whether an article speaks of another: its own, the one before (前条), or named by number."""
    if article is base:
        return True
    if re.search(r"前条|上条|前款", article.text) and article.before(file) is base:
        return True
    named = re.findall(r"第[一二三四五六七八九十百\d]+条", article.text)
    return base.number is not None and any(article_of(name) == base.number for name in named)


def _names(rule: re.Match[str], subject: str) -> bool:
    return subject[:2] in rule.group()


def _by_place(given: Given, named: dict[str, Decimal], file: Sequence[Article]) -> Iterator[str]:
    for article in file:
        for table in article.tables:
            for row in table[1:]:
                places = [re.sub(r"\(.*", "", cell) for cell in row]
                if any(len(place) >= 2 and place in given.plain for place in places):
                    yield from (cell for cell in row if cell in named)
