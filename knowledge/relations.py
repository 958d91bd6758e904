"""What a file does to other files, read from its own sentences: it repeals, corrects, supplements, explains …"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from knowledge.days import day_in
from knowledge.documents import Relation, RelationKind
from knowledge.numbering import halved

_NO = r"[\u4e00-\u9fff]{1,12}〔\d{4}〕\d+号"
_NAMED = re.compile(
    rf"《(?P<title>[^《》]+(?:《[^》]+》[^《》]*)?)》\s*(?:\((?P<no>[^()]*?\d{{4}}[^()]*?号)[^()]*\))?|(?P<bare>{_NO})"
)
_ARTICLES = re.compile(r"第[〇零一二三四五六七八九十百\d]+条(?:第[((]?[一二三四五六七八九十\d]+[))]?[款项])?")
_REPEAL = re.compile(r"废止|停止执行|不再执行|失效|停止施行|以本\S{1,4}为准")
_NOT_REPEAL = re.compile(r"(?:未|不|非)(?:被)?废止|继续有效|另行废止")


def relations_in(
    title: str, kind: str, lines: Sequence[str], rows: Sequence[Sequence[str]] = ()
) -> tuple[Relation, ...]:
    """Read a file's relations from its lines and table rows; a person confirms them."""
    found: dict[Relation, None] = {}
    sentences = [part for line in lines for part in re.split(r"[。;]", _canonical(line)) if part]
    for relation in _repeals(kind, sentences, rows):
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
    elif re.search(r"细则|规程|流程|指南|指引|办法", title):
        for sentence in sentences[:12]:
            if re.search(r"(?:根据|依据|按照|为落实|为贯彻).*制定", sentence):
                for target, number in _named(sentence):
                    found[Relation(RelationKind.IMPLEMENTS, target, number)] = None
    return tuple(found)


def corrections_in(text: str) -> list[tuple[str, str]]:
    """Read (old words, new words) from a correction: 将"A"更正为"B", "A"应为"B"."""
    text = re.sub(r"[“”「」『』]", '"', halved(text))
    pairs = re.findall(r'"([^"]+)"[^"]{0,12}?(?:更正为|修改为|改为|修正为|应为|调整为)[::]?\s*"([^"]+)"', text)
    return [(old.strip("。;"), new.strip("。;")) for old, new in pairs]


def _canonical(line: str) -> str:
    """Half-width, and one form of brackets in document numbers."""
    line = re.sub(r"[\[【(〔]\s*(\d{4})\s*[\]】)〕]\s*第?\s*(\d+)\s*号", r"〔\1〕\2号", halved(line))
    return line.strip()


def _repeals(kind: str, sentences: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Relation]:
    for sentence in sentences:
        verb = _REPEAL.search(sentence)
        if not verb or _NOT_REPEAL.search(sentence):
            continue
        since = _since(sentence[: verb.start()])
        # Only what is named before the verb falls; 《…》 after it is the ground or the successor.
        targets = list(_NAMED.finditer(sentence[: verb.start()]))
        for target in targets:
            end = next((other.start() for other in targets if other.start() > target.start()), verb.start())
            clauses = _ARTICLES.findall(sentence[target.end() : end]) or [None]
            for clause in clauses:
                yield Relation(RelationKind.REPEALS, target["title"], target["no"] or target["bare"], clause, since)
    if kind == "repeal_list":
        for row in rows:
            line = _canonical(" ".join(row))
            for title, number in _named(line):
                yield Relation(RelationKind.REPEALS, title, number)


def _about(kind: RelationKind, title: str, sentences: Sequence[str]) -> Iterator[Relation]:
    """A correction, supplement or explanation: what its title or its opening names is what it is about."""
    named = list(_named(_canonical(title))) or next((list(_named(s)) for s in sentences[:8] if list(_named(s))), [])
    if not named:
        return
    # The title rarely carries the number; the text beside it does.
    target, number = named[0]
    number = number or next((n for s in sentences[:12] for t, n in _named(s) if n and (t is None or t == target)), None)
    since = next((day for s in sentences if re.search(r"起(?:施行|执行|生效|计算)", s) and (day := _since(s))), None)
    clauses: list[str | None] = list(
        dict.fromkeys(c for s in sentences if corrections_in(s) for c in _ARTICLES.findall(s))
    )
    for clause in clauses or [None]:
        yield Relation(kind, target, number, clause, since)


def _named(sentence: str) -> Iterator[tuple[str | None, str | None]]:
    for found in _NAMED.finditer(sentence):
        yield found["title"], found["no"] or found["bare"]


def _since(sentence: str) -> date | None:
    found = re.search(r"自(.{6,24}?)(?:起|之日)", sentence)
    return day_in(found.group(1)) if found else None
