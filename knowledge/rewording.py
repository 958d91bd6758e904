"""Where the words of a change go in the file it changes, and how a clause reads with them.

A change that names its article goes there. One that does not goes where exactly one place fits; where none or
several do, no words are changed, and at most it is told which clause the change is about.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.changes import FIGURE, MOMENT, UNIT, Change
from knowledge.documents import Clause
from knowledge.numbering import article_of, halved

# Shares too few pairs of characters to be on the same matter.
ENOUGH = 2
# A shorter end of a lead ("每次") says too little of what the figure is.
LEAST_LEAD = 3
# A row is about a clause that has this share of its matter's pairs of characters.
MOST_OF_MATTER = 0.6
_LINES = re.compile(r"[^。;\n；]+")
_WHERE = re.compile(
    r"[^,。;:\s()、]{2,30}(?:厅|中心|馆|酒店|礼堂|会场|广场|大楼|会议室|宾馆|学校|园区|基地)[^,。;:\s()、]{0,10}"
)
_DEADLINE = re.compile(r"截止|截至|报名|登记|期限")
# Words of a change's lead that tell of a day or place, not of what.
_KIND_OF_LEAD = re.compile(r"截止|时间|日期|期限|地点|地址|现场|统一|安排|标准|上限|最高|最多|额度?")
# What says no more than that it is the event's own.
_OF_THE_EVENT = re.compile(r"(?:会议|活动|举办|举行|召开|现场|具体|本次|[\u4e00-\u9fff]{0,8}[会节赛展])*")
# Sentences of another case than the one a change is about.
_SET_APART = re.compile(r"线上|网络|直播|不能|取消|退")
_LABELLED = re.compile(r"(?:[^\n。;:]{0,6}[、)])?\s*(?P<label>[\u4e00-\u9fff]{2,10}):\s*(?P<value>[^。;\n]+)")


@dataclass(frozen=True, slots=True)
class Swap:
    """One place of a clause where `new` takes the place of `old`; within one sentence or cell, if it names it.

    Without `old` no words are changed: the change is about this clause, that is all that can be told.
    """

    change: Change
    old: str = ""
    new: str = ""
    within: str = ""


def place(changes: Iterable[Change], clauses: Sequence[Clause]) -> dict[str, list[Swap]]:
    """Find for each change the clauses it goes to, by clause id."""
    found: dict[str, list[Swap]] = {}
    for change in changes:
        for clause, swap in _places(change, clauses):
            found.setdefault(clause.id, []).append(swap)
    return found


def reworded(clause: Clause, swaps: Sequence[Swap]) -> Clause:
    """Give a clause as it reads with all the changes of one file, made at once."""
    for swap in swaps:
        if swap.change.is_whole and not swap.old:
            return replace(clause, text=swap.change.new, rows=())
    # Where another file has changed a sentence before, the words are looked for in the whole clause.
    cells = {cell for row in clause.rows for cell in row}
    swaps = [s if s.within in clause.text or s.within in cells else replace(s, within="") for s in swaps]
    rows = tuple(tuple(_swapped(cell, swaps) for cell in row) for row in clause.rows)
    return replace(clause, text=_swapped(clause.text, swaps), rows=rows)


def is_about(change: Change, clause: Clause, title: str) -> bool:
    """Tell whether a clause gives a row's matter the old limit; its words are in the clause, its headings and title."""
    if not change.row or len(matter := _pairs(change.about)) < ENOUGH:
        return False
    where = " ".join((title, *clause.path, clause.label))
    pattern = _pattern(change.old, of_days=True)
    return any(
        pattern.search(halved(line)) and len(matter & _pairs(f"{where} {line}")) >= MOST_OF_MATTER * len(matter)
        for line in _lines(clause)
    )


def _places(change: Change, clauses: Sequence[Clause]) -> Iterator[tuple[Clause, Swap]]:
    named = [clause for clause in clauses if _is_of(clause, change.article)]
    if change.is_whole:
        yield from ((c, Swap(change)) for c in named if re.fullmatch(r"第[^第条]+条", c.label))
        return
    if change.for_some:
        yield from ((clause, Swap(change)) for clause, _, _ in _best(change, _holding(change, named)))
    elif change.old and change.article is not None:
        holding = list(_holding(change, named))
        # Rows tell two figures of one article apart by what they are about.
        for clause, line, old in _best(change, holding) if change.row and len(holding) > 1 else holding:
            yield clause, Swap(change, old, change.new, line)
    elif change.old and (holding := list(_holding(change, named))):
        for clause, line, old in _best(change, holding):
            yield clause, Swap(change, old, change.new, line)
    elif change.old:
        # The old words stand otherwise there: an event's day, place or number is still found by its label.
        for found in (_by_label(change, named), _by_moment(change, named)):
            if len(found) == 1:
                yield found[0]
                return
    else:
        yield from _without_old(change, named)


def _without_old(change: Change, clauses: Sequence[Clause]) -> Iterator[tuple[Clause, Swap]]:
    """Place what says only what will be: by its figure, its label, its day, else tell the clause it is about."""
    for found in (_by_figure(change, clauses), _by_label(change, clauses), _by_moment(change, clauses)):
        if len(found) == 1:
            yield found[0]
            return
    if not change.tail:
        about = _best(change, [(c, line, "") for c in clauses for line in _lines(c)])
        yield from ((clause, Swap(change)) for clause, _, _ in about)


def _by_figure(change: Change, clauses: Sequence[Clause]) -> list[tuple[Clause, Swap]]:
    new = re.match(rf"[^\d,;]{{0,6}}?({FIGURE})", change.new)
    unit = re.search(rf"{UNIT}$", new[1]) if new else None
    if new is None or re.match(r"\d+\s*[年月日]\d", change.new) or (unit is None and "分之" not in new[1]):
        return []
    figure = FIGURE if unit is None else rf"\d+(?:\.\d+)?\s*{re.escape(unit.group())}"
    tail = re.escape(change.tail)
    for length in range(len(change.lead), min(len(change.lead), LEAST_LEAD) - 1, -1):
        lead = re.escape(change.lead[-length:])
        found = [
            (clause, Swap(change, old[1], new[1], line))
            for clause in clauses
            for line in _lines(clause)
            for old in re.finditer(rf"{lead}:?[^\d,。;:]{{0,6}}?(?<!\d)({figure}){tail}", halved(line))
            if not change.tail or change.about in line
        ]
        if found or change.tail:
            return [place for place in found if place[1].old != place[1].new]
    return []


def _by_label(change: Change, clauses: Sequence[Clause]) -> list[tuple[Clause, Swap]]:
    """Find "时间:……" for 会议时间, "规模:现场200人" for 现场规模; a figure takes the place of a figure only."""
    found: list[tuple[Clause, Swap]] = []
    for clause in clauses:
        for line in _lines(clause):
            labelled = _LABELLED.match(halved(line))
            if labelled is None or not _is_label_of(labelled["label"], change.lead):
                continue
            value = labelled["value"].strip()
            figure = re.match(rf"({FIGURE})$", change.new)
            unit = re.search(rf"{UNIT}$", change.new) if figure else None
            if unit is not None:
                olds = re.findall(rf"\d+(?:\.\d+)?{re.escape(unit.group())}", value)
                value = olds[0] if len(olds) == 1 else ""
            if value:
                found.append((clause, Swap(change, value, change.new, line)))
    return found


def _is_label_of(label: str, lead: str) -> bool:
    """Tell whether 时间 stands for 会议时间; it does not for 报名截止时间 or 接站时间."""
    short, long = sorted((label, lead), key=len)
    return long.endswith(short) and _OF_THE_EVENT.fullmatch(long.removesuffix(short)) is not None


def _by_moment(change: Change, clauses: Sequence[Clause]) -> list[tuple[Clause, Swap]]:
    """Find the one day, or the one place, of the sentence or headed part that the lead speaks of."""
    moment = re.match(rf"{MOMENT}(?:[、和及]{MOMENT})*", change.new)
    is_where = bool(re.search(r"地点|地址|会场", change.lead))
    if moment is None and not is_where:
        return []
    pattern = MOMENT if moment else _WHERE.pattern
    topic = _pairs(_KIND_OF_LEAD.sub("", change.lead))
    deadline = bool(_DEADLINE.search(change.lead))
    kind = "地点|地址|会场" if is_where else "报名|登记|截止|回执" if deadline else "时间|日期"
    ranked: list[tuple[int, int, Clause, Swap]] = []
    for clause in clauses:
        heading = " ".join((*clause.path[-1:], clause.label, re.split(r"[\n:]", halved(clause.text))[0][:20]))
        for line in _lines(clause):
            olds = list(re.finditer(pattern, halved(line)))
            if len(olds) != 1 or _SET_APART.findall(line) != _SET_APART.findall(change.lead):
                continue
            headed = bool(topic & _pairs(heading)) if topic else bool(re.search(kind, heading))
            said = bool(topic & _pairs(line)) if topic else bool(re.search(kind, line))
            if (headed or said) and (not deadline or re.search(kind, heading + line)):
                swap = Swap(change, olds[0].group(), moment.group() if moment else change.new, line)
                ranked.append((int(headed), len(_pairs(change.lead) & _pairs(line)), clause, swap))
    if not ranked:
        return []
    best = [found for found in ranked if found[0] == max(rank for rank, *_ in ranked)]
    if len({clause.id for _, _, clause, _ in best}) > 1:
        best = [found for found in best if found[1] == max(shared for _, shared, *_ in best)]
    # Of one headed part the first day is what it is about.
    return [(clause, swap) for _, _, clause, swap in best][: 1 if len({f[2].id for f in best}) == 1 else None]


def _best(change: Change, places: Iterable[tuple[Clause, str, str]]) -> list[tuple[Clause, str, str]]:
    """Give the place that the words of a change fit best, if one does; a single place needs no more."""
    found = list(places)
    if len(found) == 1 and found[0][2]:
        return found
    said = _pairs(f"{change.lead} {change.about}")
    scores = Counter({i: len(said & _pairs(f"{clause.label} {line}")) for i, (clause, line, _) in enumerate(found)})
    ranked = scores.most_common(2)
    if not ranked or ranked[0][1] < ENOUGH or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return []
    return [found[ranked[0][0]]]


def _holding(change: Change, clauses: Sequence[Clause]) -> Iterator[tuple[Clause, str, str]]:
    """Give each sentence or cell in which the old words stand, and how they stand there."""
    pattern = _pattern(change.old, of_days=bool(change.row))
    for clause in clauses:
        for line in _lines(clause, change.old):
            if found := pattern.search(halved(line)):
                yield clause, line, found.group()


def _lines(clause: Clause, whole: str = "") -> Iterator[str]:
    """Give a clause's sentences and cells; its paragraphs where the words looked for reach over sentences."""
    yield from clause.text.split("\n") if re.search(r"[。;]", whole) else _LINES.findall(clause.text)
    for row in clause.rows:
        yield from dict.fromkeys(filter(None, row))


def _pattern(old: str, of_days: bool = False) -> re.Pattern[str]:
    """Match words as a change names them, whatever width or spaces they have; "2次" is not in "12次"."""
    before, after = (r"(?<![\d.])" if old[:1].isdigit() else ""), (r"(?![\d.])" if old[-1:].isdigit() else "")
    words = r"\s*".join(re.escape(character) for character in re.sub(r"\s", "", halved(old)))
    if of_days and re.fullmatch(r"[\d.]+", old):
        # A bare figure of a list of time limits is one of days, and no part of a date.
        before, after = r"(?<![\d.年月第])", r"(?=\s*(?:个?工作日|个?自然日|天|日(?!至|起)))"
    return re.compile(f"{before}{words}{after}")


def _swapped(text: str, swaps: Sequence[Swap]) -> str:
    edits: list[tuple[int, int, str]] = []
    for swap in swaps:
        start = text.find(swap.within) if swap.within else 0
        if start < 0 or not swap.old:
            continue
        end = start + len(swap.within) if swap.within else len(text)
        for found in _pattern(swap.old, bool(swap.change.row)).finditer(halved(text[start:end])):
            edits.append((start + found.start(), start + found.end(), swap.new))
    pieces, at = [], 0
    for start, end, new in sorted(edits):
        if start >= at:
            pieces += [text[at:start], _as_in(text, new)]
            at = end
    return "".join([*pieces, text[at:]])


def _as_in(text: str, new: str) -> str:
    """Give new words the width of punctuation that the text has."""
    return new.translate({44: "，", 59: "；", 40: "（", 41: "）"}) if "，" in text or "（" in text else new


def _is_of(clause: Clause, article: int | None) -> bool:
    return article is None or (article_of(clause.label) == article and not clause.label.startswith("附"))


def _pairs(words: str) -> set[str]:
    plain = re.sub(r"[^\u4e00-\u9fff]", "", words)
    return {plain[i : i + 2] for i in range(len(plain) - 1)}
