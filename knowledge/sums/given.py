"""The figures a person gives in a question: sums of money, counts, terms, rates, classes; and their telling words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from knowledge.amounts import Quantity, Unit, quantities_in
from knowledge.numbering import halved, to_int

# Words that count the same things: a rule pays per 人, a person says 3个.
_ALIKE: tuple[tuple[str, ...], ...] = (
    ("人", "名", "位", "员工", "岗位", "个人", "个岗位", "名员工", "个员工"),
    ("床", "张", "张床位", "床位", "个床位", "张床"),
    ("单", "件", "票"),
    ("立方米", "立方", "方", "m3"),
    ("天", "日", "个工作日", "工作日"),
    ("公里", "里路", "千米"),
    ("孔", "孔窑", "眼"),
    ("台", "台套", "套"),
    ("辆", "台车"),
    ("间", "间房", "个房间", "间客房"),
    ("学时", "课时"),
    ("平方米", "平米", "㎡", "平方", "平", "m2"),
)
_HIRES = re.compile(r"(?:雇|招|聘|收|吸纳|带动|解决|安排|录用|用了?)[^,。\d]{0,8}$")
_PEOPLE = re.compile(r"^[^,。\d]{0,8}(?:人|员工|工人|弟兄|兄弟|师傅|职工|伙计|岗位)")
_NOT_PEOPLE = re.compile(r"^(?:月|点|百分|小时|工作日|[亿万千]|厂|项目|公司|证|床|房)")
_CHINESE = re.compile(
    r"(?<![第点一二两三四五六七八九十百千万])([一二两三四五六七八九十][一二两三四五六七八九十百千零]*)"
    r"(?!点[零一二三四五六七八九])(?=(万|亿)?(?:多|来|余)?个?整?[^\W\d])"
)
_NUMBER = r"(?<![\d.第])(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?:多|来|余)?(?P<scale>万|亿)?(?:多|来|余)?"
_SCALES = {None: 1, "万": 10_000, "亿": 100_000_000}
# A sum that stands right after these is what somebody promises, not what somebody spends.
_CLAIM = re.compile(
    r"(?:最高|封顶|顶格|奖励?|补助?|补贴|给足|给满|给到|给够|能给|能拿|能领|白送|送|返)(?:了|到|我|你|个)?$"
)
_BOUND = re.compile(r"\s*(?:元)?(?:以上|以下|以内|之内|起步|起补)")
_BOUND_BEFORE = re.compile(r"(?:不到|不足|不满|低于|至少|起码|不低于|不超过)$")
_SPENT = re.compile(
    r"(?:费|款|钱|租金|总价|投入|投资|花了|付了|交了|买了|贷了|借了)(?:是|为|一共|共|总共)?"
    r"(?P<number>\d{3,9}(?:\.\d+)?)(?![\d.%个年月日号单件人名间亩平张床吨孔台套万亿元块])"
)
_RATE = re.compile(
    r"(?:年息|年利率|利率|利息|年化)(?:是|为|到|大概|约|按)?(?P<rate>\d{1,2}(?:\.\d+)?)(?![\d.%万亿千元块年个])"
)
_TWO = re.compile(r"差|分别|各|还是|跟|和|与|或|哪个|哪样|比|两种|vs", re.IGNORECASE)
_DELAY = re.compile(
    r"(?:晚|拖|延误|延迟|推迟|耽误|耽搁|逾期|超期|迟)[^,。\d]{0,5}(?P<number>\d+)(?P<unit>个多?月|年)"
    r"|(?:晚|拖|延误|延迟|推迟|耽误|耽搁|逾期|超期)了?(?:(?P<half>半年)|(?P<one>一年(?!多|半)))"
)
_LATE = re.compile(r"晚了|拖了|延误|延迟|推迟|耽误|耽搁|逾期|超期")
_SERVED = re.compile(r"(?:干|做|服务|工作|待|呆)(?:了|满|够)*(?P<number>\d+)(?P<unit>个月|年)")
_CLASSES = re.compile(r"(?<![A-Za-z])([A-Ha-h])(?=类|[、,和跟与/]?[A-Ha-h]类)")
# Words of the street beside the words of files; what a person says is read as both.
_SAID: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(said), filed)
    for said, filed in (
        (r"(?<!副)教授|正高|研究员(?!助理)", "正高级职称"),
        (r"副教授|副高|副研究员|高工", "副高级职称"),
        (r"中级|讲师", "中级职称"),
        (r"买(?:的|了)?(?:一?套)?(?:新)?房|房款|购房", "购房补助补贴"),
        (r"租(?:的|了)?房(?!子?厂)|房租", "租房补贴"),
        (r"新(?:弄|建|修|开|挖|起|盖|改|搞|做)", "新改造新建"),
        (r"去了|到了?县|实地|现场|过去", "现场"),
        (r"远程|视频|网上|线上|在线", "线上"),
        (r"改(?=[\u4e00-\u9fff]{2,4}(?:院|宿|店|馆|所))|改造|改成|改建|改为|废弃|闲置", "改建"),
        (r"招了|雇了?|用工|收了", "吸纳就业招用劳动力员工"),
        (r"公司|厂|企业|[\u4e00-\u9fff]企|合作社", "企业"),
        (r"个体|个人|我自己|本人", "个人"),
    )
)


@dataclass(frozen=True, slots=True)
class Given:
    """A question's figures. `plain` is its half-width text with counts in digits; `words` adds how files put it."""

    plain: str
    words: str
    money: tuple[Quantity, ...]
    area: Decimal | None
    months: Decimal | None
    rate: Decimal | None
    delay: Decimal | None
    is_late: bool
    served: Decimal | None
    classes: tuple[str, ...]
    compares: bool

    @classmethod
    def of(cls, question: str) -> Given:
        plain = _digits(re.sub(r"\s+", " ", halved(question)))
        given = [q for q in quantities_in(plain) if not _is_bare_one(q) and not _is_bound(plain, q.start, q.end)]
        money = [q for q in given if q.unit is Unit.YUAN and not _CLAIM.search(plain[: q.start])]
        if not money and (spent := _SPENT.search(plain)):
            value = Decimal(spent["number"])
            money = [Quantity(value, Unit.YUAN, spent["number"], spent.start("number"), spent.end("number"))]
        bare_rate = _RATE.search(plain)
        rate = next((q.value for q in given if q.unit is Unit.PERCENT), None)
        delay, served = _DELAY.search(plain), _SERVED.search(plain)
        others = [q for q in given if q.unit is Unit.MONTH and not _within(q, (delay, served))]
        return cls(
            plain=plain,
            words=plain + " " + " ".join(filed for said, filed in _SAID if said.search(plain)),
            money=tuple(money),
            area=next((q.value for q in given if q.unit is Unit.SQUARE_METRE), None),
            months=_whole_year(plain) or next((q.value for q in others), None),
            rate=rate if rate is not None else Decimal(bare_rate["rate"]) if bare_rate else None,
            delay=Decimal(6 if delay["half"] else 12) if delay and not delay["number"] else _months(delay),
            is_late=bool(delay or _LATE.search(plain)),
            served=_months(served),
            classes=tuple(dict.fromkeys(letter.upper() for letter in _CLASSES.findall(plain))),
            compares=bool(_TWO.search(plain)),
        )

    @property
    def days(self) -> Decimal | None:
        return next(iter(self.counts("天")), None)

    def counts(self, unit: str) -> list[Decimal]:
        """Give how many of a unit the person speaks of; 个 counts people where they are hired or named."""
        names = next((alike for alike in _ALIKE if unit in alike), (unit,))
        named = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        found = [
            _value(m)
            for m in re.finditer(rf"{_NUMBER}个?整?(?:{named})(?!均)", self.plain)
            if not _is_bound(self.plain, m.start(), m.end())
        ]
        if not found and "人" in names:
            found = [
                _value(m)
                for m in re.finditer(rf"{_NUMBER}个", self.plain)
                if not _NOT_PEOPLE.search(self.plain[m.end() :])
                and (_HIRES.search(self.plain[: m.start()]) or _PEOPLE.search(self.plain[m.end() :]))
            ]
        if not found and unit == "半天" and "半天" in self.plain:
            found = [Decimal(1)]
        if not found and "天" in names and re.search(r"半天", self.plain):
            found = [Decimal("0.5")]
        return list(dict.fromkeys(found))

    def concerns(self, rule: str) -> bool:
        """Tell whether a rule speaks of the same things: a pair of letters, or two letters, that tell something.

        A question of a figure alone ("50间呢") goes with the rule that was found for it.
        """
        asked = set(_COMMON.sub("", self.words))
        return len(asked) < 3 or bool(telling(self.words) & telling(rule)) or len(asked & set(rule)) >= 2

    def names_cost(self, rule: str) -> bool:
        """Tell whether the cost a person names, if they name one ("学费7500"), is one the rule speaks of."""
        costs = {f for q in self.money for f in _COST.findall(self.plain[: q.start])}
        return all(cost in rule for cost in costs)

    def says(self, condition: str) -> bool:
        """Tell whether a person speaks of what a condition names: at least half of its telling pairs of letters."""
        pairs = telling(condition)
        return bool(pairs) and len(pairs & telling(self.words)) * 2 >= min(len(pairs), 6)


def same_unit(one: str, other: str) -> bool:
    """Tell whether two words count the same things."""
    return one == other or any(one in alike and other in alike for alike in _ALIKE)


def has_figures(question: str) -> bool:
    """Tell whether a question gives anything of a person's own to work with: an amount, a count, two classes."""
    given = Given.of(question)
    return bool(given.money or given.area or given.classes or re.search(r"\d", given.plain) or given.days)


def fitting(labels: Sequence[str], words: str) -> int | None:
    """Choose the one label that words single out; None where no label or more than one fits best."""
    told = [telling(label) for label in labels]
    asked = telling(words)
    scores = [
        sum((Decimal(1) / sum(pair in other for other in told) for pair in pairs & asked), Decimal(0)) for pairs in told
    ]
    common = frozenset.intersection(*told) if told else frozenset[str]()
    scores = [score if (pairs - common) & asked else Decimal(0) for score, pairs in zip(scores, told, strict=True)]
    best = max(scores, default=Decimal(0))
    return scores.index(best) if best and scores.count(best) == 1 else None


_COST = re.compile(
    r"(学费|培训费|租金|房租|运费|检测费|设计费|保费|担保费|工资|社保费|电费|水费|装修费|税|工资|年薪|注册资本|产值|营业额|销售额)(?:了|一共|共|是|花了|交了)?$"
)
_COMMON = re.compile(
    r"[^\u4e00-\u9fff]|[我你他的了是在有和就都到多少补助贴奖励给予能拿个年月一二三十百千万亿元以上下不按每标准最高县里钱要得吗么哪几算]"
)
_IDLE = re.compile(
    r"多少|补助|补贴|奖励|奖补|给予|一次性|标准|按照?|每|最高|不超过|以上|以下|不足|的|了|元|万|亿|\d+(?:\.\d+)?|[^\w]"
)


def telling(text: str) -> frozenset[str]:
    """Give the pairs of letters that tell one text from another; what every rule says is left out."""
    return frozenset(
        piece[i : i + 2] for piece in _IDLE.sub(" ", text).split() for i in range(len(piece) - 1) if len(piece) > 1
    )


def _digits(text: str) -> str:
    """Write numbers in digits ("二十间" → "20间"); a lone 一 stays: "一间补多少" asks for the price of one."""

    def number(found: re.Match[str]) -> str:
        if found[1] == "一" and not found[2]:
            return found[0]
        try:
            return str(to_int(found[1]))
        except ValueError:
            return found[0]

    return _CHINESE.sub(number, text)


def _is_bare_one(quantity: Quantity) -> bool:
    """Tell the one of a question for a price: "一平补多少", "一个月多少", "加一块"."""
    return quantity.said.startswith("一") and quantity.value == 1


def _is_bound(plain: str, start: int, end: int) -> bool:
    """Tell a figure of a rule that a person asks about ("1000吨以下的给不给") from a figure of their own."""
    return bool(_BOUND.match(plain[end:]) or _BOUND_BEFORE.search(plain[:start]))


def _within(quantity: Quantity, others: Iterable[re.Match[str] | None]) -> bool:
    return any(other and other.start() <= quantity.start < other.end() for other in others)


def _whole_year(plain: str) -> Decimal | None:
    return Decimal(12) if re.search(r"一整年|整年|满一年|一年整", plain) else None


def _months(found: re.Match[str] | None) -> Decimal | None:
    return Decimal(found["number"]) * (12 if found["unit"] == "年" else 1) if found else None


def _value(found: re.Match[str]) -> Decimal:
    return Decimal(found["number"].replace(",", "")) * _SCALES[found["scale"]]
