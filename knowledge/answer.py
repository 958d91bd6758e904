"""Answer a question on a day by quotation: what the person gets, before anyone puts it into words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.documents import Clause, Document, RelationKind, Visibility
from knowledge.grounding import Words, content_words, ground, is_vague
from knowledge.intents import intent_of
from knowledge.search import RANK, Hit, Index
from knowledge.synonyms import Synonyms
from knowledge.validity import Status
from knowledge.words import normalise, tokens, words_of

# Measured on samples/questions.jsonl: below this the evidence is about something else.
GROUNDED = 0.5
# A clause this much worse than the best adds noise, not help.
NEAR = 0.4
# Nor does one that speaks of this much less of the question.
ALIKE = 0.7
# What the whole of a question counts while one of its parts is looked for.
WHOLE = 0.15
# A clause that does not apply on the day must fit this much better than what does, before it is mentioned.
CLEARLY = 1.5
# Kept for "more"; a channel shows three at a time.
MOST = 9
# Tables longer than this show the rows that fit the question.
LONG_TABLE = 8

_ABOUT_VALIDITY = re.compile(
    r"还?(?:算数|有效|管用|作数|执行)(?:吗|么|不|没|否)?|作废|废止|失效|过期|过没过期|旧(?:文件|政策|办法|版)|老(?:文件|政策|办法|版)"
    r"|以前的|原来的|之前的|改了(?:吗|没|什么)|更正|(?:still|no longer) (?:valid|in force)|expired?|repealed"
)
_PARTS = re.compile(r"[，,。.？?；;！!、\s]+|以及|还有|\band\b")
# Every file opens with its purpose and ends with who explains it: beside an answer, both are noise.
_FORMULA = re.compile(r"制定本[\u4e00-\u9fff]{2,4}。$|负责解释。$|起施行[^。]*。$")
_FOLLOWS = re.compile(
    r"按(?:照)?(?:本[^,。第]{2,6})?(第[一二三四五六七八九十百\d]+条)|(?:依照|依据|适用|符合|根据)(?:本[^,。第]{2,6})?(第[一二三四五六七八九十百\d]+条)"
)
_LEANING = re.compile(r"^(?:那|那么|这个|它|还有|另外|然后|上面|刚才|and |what about|how about)|呢[?？]?$")


class Kind(StrEnum):
    """The kinds of an answer; told apart in words, in code and in statistics."""

    ANSWERED = "answered"
    CLARIFY = "clarify"
    NOT_FOUND = "not_found"
    HANDOFF = "handoff"
    FORM = "form"
    OUT_OF_SCOPE = "out_of_scope"
    DECLINED = "declined"
    CARE = "care"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Citation:
    """A clause quoted verbatim, with what a reader needs to find and date it.

    `status` is in_force, not_yet, lapsed or repealed on the answer's day. `notes` are facts about
    the quotation as (code, value) pairs for the text catalogue: corrected_by, replaced_by,
    supplemented_by, lower_rank, reference. A corrected clause is quoted as it reads after correction.
    """

    clause_id: str
    file: str
    document: str
    doc_no: str | None
    clause: str
    quote: str
    rows: tuple[tuple[str, ...], ...]
    effective: date | None
    expires: date | None
    status: str
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided for one question on one day.

    `citations` are in the order that helps; a channel shows the first three and offers the rest.
    `office` names the office in charge where the files name one. `topic` is a code for the
    catalogue (e.g. which form to open, why it was declined, what to ask back).
    """

    kind: Kind
    on: date
    citations: tuple[Citation, ...] = ()
    office: str | None = None
    topic: str = ""


def answer(question: str, index: Index, synonyms: Synonyms, *, on: date, history: Sequence[str] = ()) -> Answer:
    """Decide on an answer. `on` is a county day; `history` holds the person's earlier questions, oldest first."""
    intent = intent_of(question)
    if intent is not None:
        kind, topic = intent
        return Answer(Kind(kind), on, topic=topic)
    words = content_words(question, synonyms)
    leaning = history[-1:] if history and _leans(question, words) else ()
    if leaning:
        words = [*words, *content_words(leaning[0], synonyms)]
    if not words:
        return Answer(Kind.OUT_OF_SCOPE, on, topic="unclear")
    if is_vague(words):
        return Answer(Kind.CLARIFY, on, topic="which_theme")
    if _ABOUT_VALIDITY.search(normalise(question)) and (found := _standing_of(question, index, on)):
        return found
    hits = index.search(question, on=on, k=20, history=leaning)
    evidence = _evidence(hits, words)
    other = _only_on_other_days(question, evidence or hits, index, words, on=on, history=leaning)
    if other is not None:
        topic = "only_coming" if other.standing.status is Status.NOT_YET else "only_history"
        return Answer(Kind.NOT_FOUND, on, (cite(other, index, question, on),), _office([other]), topic)
    if not evidence:
        return Answer(Kind.NOT_FOUND, on, office=_office(hits))
    citations = list(dict.fromkeys(_with_references(_by_part(question, evidence, index, on=on), index, question, on)))
    return Answer(Kind.ANSWERED, on, tuple(citations[:MOST]), office=_office(evidence))


def _evidence(hits: Sequence[Hit], words: Words) -> list[Hit]:
    """Keep what speaks of the question: the rules themselves if they do, else explanations of them.

    Leaflets and speeches are never evidence.
    """
    rules = [hit for hit in hits if hit.document.kind not in RANK]
    explanations = [hit for hit in hits if RANK.get(hit.document.kind, 0.0) > 0.5]
    for some in (rules, explanations):
        if some and ground(words, some[:3]).share >= GROUNDED:
            return [some[0], *(hit for hit in some[1:] if _helps(hit, some[0], words))]
    return []


def _helps(hit: Hit, best: Hit, words: Words) -> bool:
    """Tell whether a clause adds to the best one: nearly as near, as much to the point, no mere formula."""
    if hit.score < NEAR * best.score or _FORMULA.search(hit.clause.text):
        return False
    return ground(words, [hit]).share >= ALIKE * ground(words, [best]).share


def _by_part(question: str, evidence: Sequence[Hit], index: Index, *, on: date) -> list[Hit]:
    """Put the best clause of all first, then the best for each part ("转学行不行，要啥材料"), then the rest."""
    parts = [part for part in _PARTS.split(question) if words_of(part)]
    if len(parts) < 2:
        return list(evidence)
    first = {evidence[0].clause.id: evidence[0]}
    for part in parts[:3]:
        # Each part is asked in the light of the whole.
        found = index.search(part, on=on, k=5, history=(question,), leaning=WHOLE)
        rules = (hit for hit in found if hit.document.kind not in RANK and not _FORMULA.search(hit.clause.text))
        best = next(rules, None)
        if best is not None and any(best.document.id == hit.document.id for hit in evidence):
            first.setdefault(best.clause.id, best)
    return [*first.values(), *(hit for hit in evidence if hit.clause.id not in first)]


def _only_on_other_days(
    question: str, hits: Sequence[Hit], index: Index, words: Words, *, on: date, history: Sequence[str]
) -> Hit | None:
    """Give the clause that answered this once, or will, if what applies today is much further from the question."""
    enough = max(GROUNDED, ground(words, hits[:3]).share + 0.1)
    if enough > 1:
        return None
    ever = index.search(question, on=on, k=5, history=history, any_day=True)
    if not ever or ever[0].standing.status is Status.IN_FORCE or ever[0].document.kind in RANK:
        return None
    if hits and ever[0].score < CLEARLY * hits[0].score:
        return None
    return ever[0] if ground(words, ever[:1]).share >= enough else None


def _leans(question: str, words: Words) -> bool:
    """Tell a question that makes sense only after the one before ("那最多几年呢")."""
    return bool(_LEANING.search(normalise(question))) or sum(weight for _, weight, _ in words) < 2.0


def _with_references(hits: Iterable[Hit], index: Index, question: str, on: date) -> Iterable[Citation]:
    """Give each hit and, right after it, the articles its text refers to ("按第七条执行")."""
    for hit in hits:
        yield cite(hit, index, question, on)
        for article in [first or second for first, second in _FOLLOWS.findall(hit.clause.text)]:
            for clause in index.clauses_of(hit.document.id):
                if clause.label == article and clause.id != hit.clause.id:
                    standing = index.register.standing(hit.document, on, clause)
                    if standing.status is Status.IN_FORCE:
                        amended, by = index.register.as_amended(clause, on)
                        yield cite(Hit(amended, hit.document, standing, 0, 0, by), index, question, on)


def cite(hit: Hit, index: Index, question: str, on: date) -> Citation:
    """Quote a hit, with what readers must know of its standing."""
    document, clause = hit.document, hit.clause
    notes: list[tuple[str, str]] = []
    for kind, source in hit.amended_by:
        notes.append(("corrected_by" if kind is RelationKind.CORRECTS else "amended_by", _name(source)))
    if hit.standing.by is not None:
        notes.append(("replaced_by", _name(hit.standing.by)))
    if hit.standing.status is Status.IN_FORCE:
        supplements = index.register.related(document, RelationKind.SUPPLEMENTS, on)
        amending = {source.id for _, source in hit.amended_by}
        notes.extend(("supplemented_by", _name(source)) for source in supplements if source.id not in amending)
    if document.kind in RANK:
        notes.append(("lower_rank", document.title))
    return Citation(
        clause_id=clause.id,
        file=document.file,
        document=document.title,
        doc_no=document.doc_no,
        clause=clause.label,
        quote=clause.text,
        rows=_fitting_rows(clause, question),
        effective=document.effective,
        expires=document.expires,
        status=hit.standing.status.value,
        notes=tuple(notes),
    )


def _fitting_rows(clause: Clause, question: str) -> tuple[tuple[str, ...], ...]:
    """Give a short table whole; of a long one the header and the rows that share most with the question."""
    if len(clause.rows) <= LONG_TABLE + 1:
        return clause.rows
    asked = set(tokens(question))
    ranked = sorted(range(1, len(clause.rows)), key=lambda i: -len(asked & set(tokens(" ".join(clause.rows[i])))))
    return (clause.rows[0], *(clause.rows[i] for i in sorted(ranked[:LONG_TABLE])))


def _standing_of(question: str, index: Index, on: date) -> Answer | None:
    """Answer "does that file still count": the file named in the question, its standing, and what came after."""
    asked = normalise(question)
    named = [
        document
        for document in index.documents
        if document.visibility is Visibility.PUBLIC and document.kind not in RANK and _names(asked, document)
    ]
    if not named:
        return None
    citations: list[Citation] = []
    for document in named[:2]:
        standing = index.register.standing(document, on)
        last = _final_clause(index.clauses_of(document.id))
        if last is None:
            continue
        if standing.by is not None and (ending := _naming_clause(index.clauses_of(standing.by.id), document)):
            by = Hit(ending, standing.by, index.register.standing(standing.by, on), 0, 0)
            citations.append(cite(by, index, question, on))
        citations.append(cite(Hit(last, document, standing, 0, 0), index, question, on))
    return Answer(Kind.ANSWERED, on, tuple(citations), office=named[0].office, topic="standing") if citations else None


def _names(asked: str, document: Document) -> bool:
    """Tell whether a question names a document: by number, by title, or by its year and most of its title."""
    if document.doc_no and (number := re.search(r"(\d{4})\D+(\d+)号", document.doc_no)):
        year, serial = number.groups()
        if re.search(rf"{year}\D{{0,3}}{serial}号", asked):
            return True
    title = [word for word in words_of(document.title) if len(word) > 1]
    share = sum(word in asked for word in title) / len(title) if title else 0.0
    years = {str(day.year) for day in (document.published, document.effective) if day}
    dated = any(year in asked or f"{year[2:]}年" in asked for year in years)
    return share >= 0.75 or (dated and share >= 0.25)


def _final_clause(clauses: Sequence[Clause]) -> Clause | None:
    """Find the clause that gives a document's own days, else its last one."""
    speaking = [clause for clause in clauses if re.search(r"施行|有效期|起执行", clause.text)]
    return speaking[-1] if speaking else clauses[-1] if clauses else None


def _naming_clause(clauses: Sequence[Clause], document: Document) -> Clause | None:
    """Find where a repealing document says so."""
    return next(
        (
            c
            for c in reversed(clauses)
            if "废止" in c.text and (document.title in c.text or (document.doc_no or "§") in c.text)
        ),
        None,
    )


def _name(document: Document) -> str:
    return f"《{document.title}》({document.doc_no})" if document.doc_no else f"《{document.title}》"


def _office(hits: Sequence[Hit]) -> str | None:
    """Name the office in charge of what was found: the one the text names, else the nearest file's issuer."""
    for hit in hits[:3]:
        if hit.document.office:
            return hit.document.office
    return hits[0].document.issuer if hits else None
