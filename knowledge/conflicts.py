"""Two files that disagree: the same matter, the same measure, another figure. Shown to staff, who decide.

Made to be seldom wrong rather than to find all: statements are compared only where their words are nearly the same
but for the figures, where neither names a class, band or place that the other lacks, and where a figure with the same
unit and the same words before it differs.
"""

from __future__ import annotations

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from knowledge.documents import Clause, Document
from knowledge.numbering import halved, mark_of
from knowledge.words import lexicon_words, sentences, words_of

# Share of the rarer statement's words that both must have, and of all words of both.
WITHIN = 0.75
ALIKE = 0.55
# Fewer words say too little about what a sentence is on.
LEAST_WORDS = 3
# A word of more statements than this leads to no candidates: everything would be compared with everything.
COMMON = 60
# Between articles that a file itself says may disagree, less must agree.
LOOSELY = 0.2
LEAST_LOOSELY = 2

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_FIGURE = re.compile(
    rf"(?P<lead>[\u4e00-\u9fff]{{0,8}})(?P<number>{_NUMBER})\s*(?P<unit>(?:万|亿)?元(?:[/每][\u4e00-\u9fff]{{1,6}})*|%|‰|个?百分点|个?工作日|"
    r"个月|周岁|岁|平方米|公里|亩|年|次|天|日|人|名|项|倍|小时)(?P<edge>以上|以下|以内|内|及以上|以外|之间)?"
)
_CONDITION = re.compile(r"(?:不足|超过|满|达到|达|低于|高于|不低于|大于|小于|自|从|第)$")
_LIMIT = re.compile(
    r"最高|最多|上限|不超过|不得超过|封顶|最长|最低|至少|不少于|每次|每年|每月|每人|每户|每平方米|不低于每|一次性|补贴|奖励|补助|资助|标准|按"
)
# A cap is no rate, a rate no floor; the words before one of them vary ("每孔补助3000元", "按每孔2000元补助").
_CAP, _FLOOR = re.compile(r"最高|最多|上限|不超过|不得超过|封顶|最长|内"), re.compile(r"最低|至少|不少于|不低于")
# Kinds of text that set figures; what corrects or explains them repeats them.
SETTING = ("measures", "notice", "list", "other")
# Words that make two statements speak of two cases: classes, degrees, levels, stages, ordinals, years.
_CLASS = re.compile(
    r"[a-z]\s*类|[一二三四五六七八九十甲乙丙丁]类|[一二三四五六七八九十]等|国家级|省级|市级|县级|博士|硕士|本科|大专|中专|正高|副高|高级|中级|初级|技师|"
    r"小学|初中|高中|幼儿园|春季|秋季|上半年|下半年|首次|再次|第[一二三四五六七八九十\d]+(?![一二三四五六七八九十\d条款项章])(?:年|次|批|档|名)?|新建|改建|扩建|购买|购置|租用|租赁|个人|企业|"
    r"线上|线下|全职|兼职|柔性|\d{4}年|[\u4e00-\u9fff]{1,4}[乡镇村]"
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two clauses that give two figures for one thing."""

    first: Clause
    second: Clause
    figures: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Statement:
    clause: Clause
    document: Document
    words: frozenset[str]
    classes: frozenset[str]
    conditions: frozenset[str]
    figures: dict[tuple[str, str], str] = field(hash=False, compare=False)


def disagreeing(
    first: Iterable[tuple[Document, Clause]],
    second: Iterable[tuple[Document, Clause]] | None = None,
    *,
    named: bool = False,
) -> list[Conflict]:
    """Find where clauses of one group disagree with those of another, or with each other, file against file.

    `named` tells that a file names the second group's articles itself as what may disagree with it.
    """
    left = [statement for document, clause in first for statement in _statements(document, clause, named)]
    right = left if second is None else [s for document, clause in second for s in _statements(document, clause, named)]
    holding: dict[str, list[int]] = defaultdict(list)
    for number, statement in enumerate(right):
        for word in statement.words:
            holding[word].append(number)
    differ = _differ_loosely if named else _differ
    found: dict[tuple[str, str, tuple[str, str]], Conflict] = {}
    for one in left:
        shared = Counter(n for word in one.words if len(numbers := holding.get(word, ())) <= COMMON for n in numbers)
        for number, _ in shared.most_common(30):
            other = right[number]
            if other.document.id == one.document.id or (second is None and other.document.id < one.document.id):
                continue
            if (figures := differ(one, other)) is not None:
                found.setdefault((one.clause.id, other.clause.id, figures), Conflict(one.clause, other.clause, figures))
    return list(found.values())


def _differ(one: _Statement, other: _Statement) -> tuple[str, str] | None:
    if one.classes != other.classes:
        return None
    # A band's edges make two cases; a band in one of them only may be a condition the other leaves to its title.
    if one.conditions and other.conditions and one.conditions != other.conditions:
        return None
    both = one.words & other.words
    if len(both) < LEAST_WORDS or len(both) < WITHIN * min(len(one.words), len(other.words)):
        return None
    if len(both) < ALIKE * len(one.words | other.words):
        return None
    return _figures_of(one, other)


def _differ_loosely(one: _Statement, other: _Statement) -> tuple[str, str] | None:
    both = one.words & other.words
    if len(both) < LEAST_LOOSELY or len(both) < LOOSELY * len(one.words | other.words):
        return None
    return _figures_of(one, other)


def _figures_of(one: _Statement, other: _Statement) -> tuple[str, str] | None:
    """Give the figures of one measure that differ."""
    differing = [m for m, figure in one.figures.items() if other.figures.get(m, figure) != figure]
    if not differing:
        return None
    return "、".join(one.figures[m] for m in differing), "、".join(other.figures[m] for m in differing)


def _statements(document: Document, clause: Clause, finely: bool) -> Iterator[_Statement]:
    heading = " ".join(step for step in clause.path[-1:] if len(step) <= 20 and not step.startswith("附"))
    if clause.rows:
        yield from _rows(document, clause, heading)
        return
    told = sentences(halved(clause.text))
    if finely:
        told = list(dict.fromkeys([*told, *(part for one in told for part in one.split(","))]))
    for sentence in told:
        mark = mark_of(sentence)
        statement = _statement(document, clause, mark[2] if mark else sentence)
        if statement is not None:
            yield statement


def _rows(document: Document, clause: Clause, heading: str) -> Iterator[_Statement]:
    header = [halved(cell) for cell in clause.rows[0]]
    for row in clause.rows[1:]:
        labels = [cell for cell in row if not re.fullmatch(rf"{_NUMBER}%?|[-–—无/]*", halved(cell).strip())]
        figures = {
            (name, "cell"): halved(cell).strip()
            for name, cell in zip(header, row, strict=False)
            if re.fullmatch(rf"{_NUMBER}%?", halved(cell).strip()) and not re.search(r"序号|编号", name)
        }
        # Rows of one name stand in tables on many matters: caption or heading must say the same, else the titles.
        matter = _words(f"{clause.text} {heading}") or _words(document.title)
        words = _words(" ".join(labels)) | matter
        if figures and labels:
            yield _Statement(clause, document, words, frozenset(labels) | matter, frozenset(), figures)


def _statement(document: Document, clause: Clause, sentence: str) -> _Statement | None:
    figures: dict[tuple[str, str], str] = {}
    conditions: set[str] = set()
    doubled: set[tuple[str, str]] = set()
    for found in _FIGURE.finditer(sentence):
        number, unit, lead = found["number"].replace(",", ""), found["unit"], found["lead"]
        if found["edge"] in ("以上", "及以上", "以下", "以外", "之间") or (
            _CONDITION.search(lead) and not _LIMIT.search(lead)
        ):
            conditions.add(f"{number}{unit}{found['edge'] or ''}")
            continue
        within = [found["edge"]] if found["edge"] in ("内", "以内") else []
        limits = within or _LIMIT.findall(sentence[max(0, found.start("number") - 8) : found.start("number")])
        if not limits:
            continue
        kind = "cap" if _CAP.search(limits[-1]) else "floor" if _FLOOR.search(limits[-1]) else "rate"
        measure = (unit, kind)
        # Two figures of one measure in a sentence are two cases that can't be told apart.
        if measure in figures and figures[measure] != f"{number}{unit}":
            doubled.add(measure)
        figures[measure] = f"{number}{unit}"
    figures = {measure: figure for measure, figure in figures.items() if measure not in doubled}
    if not figures:
        return None
    words = _words(_FIGURE.sub(lambda m: f"{m['lead']} ", sentence))
    if len(words) < LEAST_WORDS:
        return None
    if all(unit.endswith(("日", "天")) for unit, _ in figures):
        # How long an office takes is said in the same words of every matter: the title tells which.
        words |= _words(document.title)
    return _Statement(clause, document, words, _classes(sentence), frozenset(conditions), figures)


@functools.lru_cache(maxsize=20_000)
def _words(said: str) -> frozenset[str]:
    return frozenset(
        word
        for word in words_of(said)
        if word not in lexicon_words("rule_fillers.txt") and not re.match(r"[\d.]+$", word)
    )


def _classes(said: str) -> frozenset[str]:
    return frozenset(re.sub(r"\s", "", found) for found in _CLASS.findall(said.lower()))
