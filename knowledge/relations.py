"""What a file does to other files, read from its own sentences: it repeals, corrects, supplements, explains …"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
from knowledge.numbering import Level, article_of, halved, mark_of

_TO = r"(?:为|至|到|成)\s*:?\s*"
_ADJUST = rf"(?:更正|修改|修正|调整|提高|提升|降低|压缩|缩短|压减|延长|增加|减少|扩大|改){_TO}"
_ADJUSTS = re.compile(rf"{_ADJUST}|应为")
_QUOTED = re.compile(rf'"(?P<old>[^"]+)"[^"。;]{{0,12}}?(?:{_ADJUST}|应为\s*:?\s*)"(?P<new>[^"]+)"')
_FROM_TO = re.compile(rf"由(?:原来的|原)?(?P<old>[^,。;:由]{{1,24}}?)(?:统一|相应)?{_ADJUST}(?P<new>[^,。;()]{{1,24}})")
# An event is moved: 原定于A举行,现调整为B.
_MOVED = re.compile(
    rf"原(?:定|计划)(?:于|在)?(?P<old>[^,。;:]{{2,24}}?)(?:举行|召开|举办|开始|截止)?(?:的[^,。;:]{{1,12}})?,?(?:现)?"
    rf"(?:{_ADJUST}|(?:变更|推迟|延期|提前|改期){_TO})(?P<new>[^,。;()]{{2,24}}?)(?=举行|召开|举办|开始|截止|[,。;()]|$)"
)
_ANEW = re.compile(r'(?P<article>第[^第条"]{1,6}条)(?:全文|内容)?(?:修改|更正|调整)为\s*:?\s*"(?P<new>[^"]{12,})"')
# Columns of a list that changes what other files say: what was, and what is.
_WAS = re.compile(r"原|法定|规定(?:时限|标准|期限)|调整前|压缩前|现行")
_IS = re.compile(r"压缩后?|调整后|缩短|承诺|压减后|本年度?|\d{4}年|新|执行(?:时限|标准)")


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


@dataclass(frozen=True, slots=True)
class Change:
    """Words that one file puts in place of another's.

    `title` names the file changed where the text does, `article` its article; None leaves either
    open. `old` is empty where `new` is the whole article.
    """

    old: str
    new: str
    article: int | None = None
    title: str | None = None


def changes_in(text: str, rows: Sequence[Sequence[str]] = ()) -> list[Change]:
    """Read what a clause changes in other files: 第七条中"A"更正为"B", 由A调整为B, or rows of a table of changes.

    An article named earlier in the clause goes on counting until another is named.
    """
    mark = mark_of(text)
    words = re.sub(r"[“”「」『』]", '"', canonical(mark[2] if mark and mark[0] is Level.ARTICLE else text))
    articles = [(found.start(), article_of(found.group())) for found in ARTICLES.finditer(words)]
    titles = [(found.start(), found["title"]) for found in NAMED.finditer(words) if found["title"]]

    def placed(old: str, new: str, at: int) -> Change:
        article = next((number for start, number in reversed(articles) if start < at), None)
        title = next((name for start, name in reversed(titles) if start < at), None)
        return Change(old.strip("。; "), new.strip("。; "), article, title)

    found = [Change("", anew["new"], article_of(anew["article"])) for anew in _ANEW.finditer(words)]
    found += [placed(pair["old"], pair["new"], pair.start()) for pair in _QUOTED.finditer(words)]
    found += [
        placed(pair["old"], pair["new"], pair.start())
        for pattern in (_FROM_TO, _MOVED)
        for pair in pattern.finditer(words)
        if re.search(r"\d", pair["old"]) and re.search(r"\d", pair["new"])
    ]
    return [*found, *_changes_in_rows(rows)]


def _changes_in_rows(rows: Sequence[Sequence[str]]) -> Iterator[Change]:
    columns = _columns_of_change(rows[0]) if rows else None
    if columns is None:
        return
    unit = re.search(r"\(([^()]{1,6})\)", halved(rows[0][columns[0]]))
    for row in rows[1:]:
        line = canonical(" ".join(row))
        old, new = (_with_unit(halved(row[column]).strip(), unit[1] if unit else "") for column in columns)
        article, named = ARTICLES.search(line), NAMED.search(line)
        if article and old and new and old != new:
            yield Change(old, new, article_of(article.group()), named["title"] if named else None)


def _columns_of_change(header: Sequence[str]) -> tuple[int, int] | None:
    """Find the columns of what was and what is in a table's header, if it has both."""
    now = next((i for i, cell in enumerate(header) if _IS.search(cell) and not _WAS.search(cell)), None)
    was = next((i for i, cell in enumerate(header) if _WAS.search(cell) and i != now), None)
    return (was, now) if was is not None and now is not None else None


def _with_unit(cell: str, unit: str) -> str:
    return f"{cell}{'个' if unit == '工作日' else ''}{unit}" if re.fullmatch(r"[\d.]+", cell) else cell


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
        return
    # The title rarely carries the number; the text beside it does.
    target, number = named[0]
    number = number or next(
        (n for s in sentences[:12] for t, n in named_in(s) if n and (t is None or t == target)), None
    )
    since = next((day for s in sentences if re.search(r"起(?:施行|执行|生效|计算)", s) and (day := since_in(s))), None)
    clauses: list[str | None] = []
    if kind is not RelationKind.INTERPRETS:
        told = [s for s in sentences if kind is RelationKind.SUPPLEMENTS or _ADJUSTS.search(s)]
        clauses += dict.fromkeys(clause for sentence in told for clause in _articles_of_others(sentence))
    for clause in clauses or [None]:
        yield Relation(kind, target, number, clause, since)


def _adjusts(title: str, sentences: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Relation]:
    """Read what a file of its own (a yearly list, detailed rules) changes in the articles of other files."""
    lines = [sentence for sentence in sentences if _ADJUSTS.search(sentence)]
    if any(_columns_of_change(row) for row in rows):
        lines += [canonical(" ".join(row)) for row in rows]
    for line in lines:
        for target in NAMED.finditer(line):
            clause = ARTICLES.match(line[target.end() :].lstrip(" :,的"))
            if clause and target["title"] != title:
                yield Relation(RelationKind.SUPPLEMENTS, target["title"], number_in(target), clause[0])


def _articles_of_others(sentence: str) -> list[str]:
    """Give the articles a sentence names, but for the number it begins with, which is its own."""
    mark = mark_of(sentence)
    return [found.group() for found in ARTICLES.finditer(mark[2] if mark else sentence)]
