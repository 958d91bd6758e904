"""What ends, outlasts or outranks another file: repeals, new editions, precedence, longer terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from knowledge.days import TERM, day_in
from knowledge.documents import Relation, RelationKind
from knowledge.naming import NAMED, OBJECTS, canonical, number_in, parts_in, since_in
from knowledge.numbering import to_int

# What these say about other files is told, not decided.
HEARSAY = ("faq", "interpretation", "leaflet", "news")
# Papers people hold are no files of the county.
_PAPERS = re.compile(r"(?:证|证书|表|卡|合同|协议|协议书|执照)$")
REPEALED = re.compile(r"废止|停止执行|不再执行|失效|停止施行|停止使用|终止执行")
_NOT_REPEAL = re.compile(r"(?:未|不|非)(?:被)?废止|继续有效|另行废止|予以保留|予以修改|拟修[改订]|(?:不|未)失效")
# What a file says of its own end.
_OWN_END = re.compile(
    r"本(?:办法|措施|细则|规定|规程|通知|意见|方案|政策|指南|目录|清单|公告|文件)[^,《]{0,30}(?:失效|废止)"
)
_PREVAIL = re.compile(
    r"以本(?:办法|措施|细则|规定|规程|通知|意见|方案|政策|指南|清单|公告|文件|目录)(?:的?规定)?为准|按本\S{1,4}执行"
)
_DISAGREE = re.compile(r"不(?:相)?一致|不(?:相)?符|抵触|冲突|不同")
_BEFORE = re.compile(r"原(?:有|来)?|此前|以前|以往|过去|既往|之前|先前|现行")
_EXTEND = re.compile(
    r"(?:有效期|试行期|执行期|施行期|期限)(?:限)?[^,。;《》]{0,6}?(?:延长|延续|顺延|展期|续期|延期)|延长[^,。;《]{0,4}?有效期|"
    r"继续(?:执行|施行|实施|有效|试行)(?:至|到)|(?:延长|延续|顺延|延期)(?:执行)?(?:至|到)"
)


def endings_in(title: str, kind: str, sentences: Sequence[str]) -> Iterator[Relation]:
    """Give what a file's canonical sentences do to other files as a whole or to their parts; hearsay does nothing."""
    if kind not in HEARSAY:
        yield from _repeals(sentences)
        yield from _prevails(sentences)
        yield from _extends(kind, title, sentences)
        yield from _revises(title, kind, sentences)


def repeals_unnamed_in(lines: Sequence[str]) -> list[str]:
    """Give the sentences that end earlier rules without naming one: a person must say which ("原有规定同时废止")."""
    found = []
    for sentence in (part for line in lines for part in re.split(r"[。;]", canonical(line)) if part):
        verb = REPEALED.search(sentence)
        if verb and not _NOT_REPEAL.search(sentence) and not NAMED.search(sentence) and len(sentence) <= 80:
            spoken = sentence[: verb.start()].rsplit(",", 1)[-1] + verb.group()
            if _BEFORE.search(spoken) and re.search(r"规定|文件|政策|办法|标准|措施", spoken):
                found.append(sentence)
    return found


def _repeals(sentences: Sequence[str]) -> Iterator[Relation]:
    for sentence in sentences:
        mixed = REPEALED.search(_NOT_REPEAL.sub("", sentence)) and _NOT_REPEAL.search(sentence)
        for part in re.split(r",", sentence) if mixed else [sentence]:
            yield from _repeals_in(part)


def _repeals_in(sentence: str) -> Iterator[Relation]:
    verb = REPEALED.search(sentence)
    if not verb or _NOT_REPEAL.search(sentence) or _PREVAIL.search(sentence) or _OWN_END.search(sentence):
        return
    since = since_in(sentence[: verb.start()])
    # What follows the verb at once falls ("废止《甲》、《乙》"), else what is named before it; 《…》 further on is
    # the ground or the successor.
    behind = re.match(r"(?:以下|下列|原|了|:|文件|\s)*", sentence[verb.end() :])
    start = verb.end() + (behind.end() if behind else 0)
    listed = OBJECTS.match(sentence[start:])
    first, last = (start, start + listed.end()) if listed else (0, verb.start())
    targets = list(NAMED.finditer(sentence, first, last))
    for target in targets:
        end = next((other.start() for other in targets if other.start() > target.start()), last)
        ground = re.search(r"[由被据照]$|按$", sentence[: target.start()])
        clock = re.match(r"(?:自|的)?(?:施行|实施|发布|公布|印发|生效)", sentence[target.end() : end])
        if ground or clock or _PAPERS.search(target["title"] or ""):
            continue
        for clause in parts_in(sentence[target.end() : end]) or [None]:
            yield Relation(RelationKind.REPEALS, target["title"], number_in(target), clause, since)


def _prevails(sentences: Sequence[str]) -> Iterator[Relation]:
    """Read where a file takes precedence over what disagrees with it, named or not."""
    for sentence in sentences:
        prevails = _PREVAIL.search(sentence)
        older = "为准" in sentence and _BEFORE.search(sentence)
        if prevails is None or not (_DISAGREE.search(sentence) or older):
            continue
        named = list(NAMED.finditer(sentence[: prevails.start()]))
        ends = [*(target.start() for target in named[1:]), prevails.start()]
        for target, end in zip(named, ends, strict=False):
            for clause in parts_in(sentence[target.end() : end]) or [None]:
                yield Relation(RelationKind.PREVAILS, target["title"], number_in(target), clause)
        if not named and _DISAGREE.search(sentence):
            yield Relation(RelationKind.PREVAILS)


def _extends(kind: str, title: str, sentences: Sequence[str]) -> Iterator[Relation]:
    """Read which files go on longer, until a day or by a term; the title names them where the sentence does not."""
    about = list(NAMED.finditer(canonical(title)))
    for sentence in sentences:
        verb = _EXTEND.search(sentence)
        if verb is None:
            about = list(NAMED.finditer(sentence)) or about if kind == "extension" else about
            continue
        named = list(NAMED.finditer(sentence)) or (about if kind == "extension" else [])
        until = day_in(sentence[verb.start() :])
        term = TERM.search(sentence[verb.start() :]) if until is None else None
        if until is None and term is None:
            continue
        months = to_int(term[1]) * (12 if term[2] == "年" else 1) if term else None
        for target in named:
            yield Relation(RelationKind.EXTENDS, target["title"], number_in(target), until=until, months=months)


def _revises(title: str, kind: str, sentences: Sequence[str]) -> Iterator[Relation]:
    """Read that a file is a new edition from its opening ("对《…》进行了修订,现印发")."""
    if kind not in ("measures", "list", "notice", "other"):
        return
    name = canonical(title)
    for sentence in sentences[:12]:
        revised = re.search(r"(?:进行了?|作了?|予以)(?:全面)?修[订改]|修订后的", sentence)
        if revised is None or not re.search(r"印发|发布|公布|重新", sentence):
            continue
        for target in NAMED.finditer(sentence):
            if target["title"] and re.sub(r"\s", "", target["title"]) == re.sub(r"\s", "", name):
                yield Relation(RelationKind.REVISES, target["title"], number_in(target))
                return
