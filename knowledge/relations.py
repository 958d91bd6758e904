"""What a file does to other files, read from its own sentences: it repeals, corrects, supplements, explains …"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from knowledge.changes import ADJUSTS, changes_in_rows
from knowledge.documents import Relation, RelationKind
from knowledge.endings import HEARSAY, REPEALED, endings_in
from knowledge.naming import (
    ARTICLES,
    NAMED,
    canonical,
    is_number,
    named_in,
    number_in,
    short_names_in,
    since_in,
    with_full_titles,
)
from knowledge.numbering import mark_of

# What a notice is on that moves an event without naming the earlier notice.
_OF_EVENT = re.compile(
    r"关于(?:调整|变更|推迟|延期|更改)(?:举办|召开|举行)?(?P<event>.{4,40}?)的?(?:有关|相关|具体)?"
    r"(?:举办|召开|举行)?(?:时间|地点|安排|日程|日期|事项|地址|、|和|及)+的?(?:通知|公告|通告)"
)


def relations_in(
    title: str, kind: str, lines: Sequence[str], rows: Sequence[Sequence[str]] = ()
) -> tuple[Relation, ...]:
    """Read a file's relations from its lines and table rows; a person confirms them."""
    found: dict[Relation, None] = {}
    short_names = short_names_in("\n".join(lines))
    sentences = [
        with_full_titles(part, short_names)
        for line in map(canonical, lines)
        if not is_number(line)  # a file does nothing to itself
        for part in re.split(r"[。;]", line)
        if part
    ]
    for relation in endings_in(title, kind, sentences):
        found[relation] = None
    about = {
        "correction": RelationKind.CORRECTS,
        "supplement": RelationKind.SUPPLEMENTS,
        "interpretation": RelationKind.INTERPRETS,
        "faq": RelationKind.INTERPRETS,
    }.get(kind)
    if about is not None:
        for relation in _about(about, title, sentences):
            found[relation] = None
    elif kind not in HEARSAY:
        for relation in _adjusts(title, sentences, rows):
            found[relation] = None
    if about is None and re.search(r"细则|规程|流程|指南|指引|办法", title):
        for sentence in sentences[:12]:
            if re.search(r"(?:根据|依据|按照|为落实|为贯彻).*制定", sentence):
                for target, number in named_in(sentence):
                    found[Relation(RelationKind.IMPLEMENTS, target, number)] = None
    return tuple(found)


def references_in(text: str) -> list[Relation]:
    """Read which other files a clause sends its reader to, and to which article ("按照《甲办法》第三条执行").

    Given as relations of the kind `implements`, since what refers to a rule carries it out.
    """
    words = canonical(text)
    found: dict[Relation, None] = {}
    for named in NAMED.finditer(words):
        before, after = words[max(0, named.start() - 12) : named.start()], words[named.end() : named.end() + 40]
        if re.search(r"(?:按照?|依照|依据|根据|适用|参照|符合|见|由)[^。;]*$", before) and not REPEALED.search(
            after[:16]
        ):
            clause = ARTICLES.match(after.lstrip(" 的"))
            relation = Relation(RelationKind.IMPLEMENTS, named["title"], number_in(named))
            found[replace(relation, clause=clause[0]) if clause else relation] = None
    return list(found)


def _about(kind: RelationKind, title: str, sentences: Sequence[str]) -> Iterator[Relation]:
    """A correction, supplement or explanation: what its title or its opening names is what it is about."""
    named = list(named_in(canonical(title))) or next(
        (list(named_in(s)) for s in sentences[:8] if list(named_in(s))), []
    )
    if not named:
        event = _OF_EVENT.search(canonical(title))
        if event and kind is RelationKind.SUPPLEMENTS:
            yield Relation(kind, event["event"])
        return
    # The title rarely carries the number; the text beside it does.
    target, number = named[0]
    number = number or next(
        (n for s in sentences[:12] for t, n in named_in(s) if n and (t is None or t == target)), None
    )
    since = next((day for s in sentences if re.search(r"起(?:施行|执行|生效|计算)", s) and (day := since_in(s))), None)
    clauses: list[str | None] = []
    if kind is not RelationKind.INTERPRETS:
        told = [s for s in sentences if kind is RelationKind.SUPPLEMENTS or ADJUSTS.search(s)]
        clauses += dict.fromkeys(clause for sentence in told for clause in _articles_of_others(sentence))
    for clause in clauses or [None]:
        yield Relation(kind, target, number, clause, since)


def _adjusts(title: str, sentences: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Relation]:
    """Read what a file of its own (a yearly list, detailed rules) changes in the articles of other files."""
    named: re.Match[str] | None = None
    for line in sentences:
        found = list(NAMED.finditer(line))
        named = found[-1] if found else named
        if not ADJUSTS.search(line):
            continue
        for target in found:
            clause = ARTICLES.match(line[target.end() :].lstrip(" :,的"))
            if clause and target["title"] != title:
                yield Relation(RelationKind.SUPPLEMENTS, target["title"], number_in(target), clause[0])
        # "……第九条中的"A"修改为"B";第六条中的"C"修改为"D"": the file goes on counting.
        if not found and named and named["title"] != title and (clause := ARTICLES.match(line.lstrip("将把"))):
            yield Relation(RelationKind.SUPPLEMENTS, named["title"], number_in(named), clause[0])
    for change in changes_in_rows(rows):
        if change.title or change.doc_no:
            part = ARTICLES.search(canonical(" ".join(change.row[1])))
            yield Relation(RelationKind.SUPPLEMENTS, change.title, change.doc_no, part[0] if part else None)


def _articles_of_others(sentence: str) -> list[str]:
    """Give the articles a sentence names, but for the number it begins with, which is its own."""
    mark = mark_of(sentence)
    return [found.group() for found in ARTICLES.finditer(mark[2] if mark else sentence)]
