"""Answer a question on a day by quotation: what the person gets, before anyone puts it into words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import zip_longest

from knowledge.asked import Asked
from knowledge.changes import changes_in
from knowledge.citing import SUPERSEDED, Citation, cite, with_references
from knowledge.documents import Document, Visibility
from knowledge.fitness import formula_share
from knowledge.intents import intent_of
from knowledge.numbering import halved
from knowledge.occasions import asks_for_history, occasion_in
from knowledge.procedure import with_procedure
from knowledge.search import RANK, Hit, Index
from knowledge.standing import final_clause, standing_of
from knowledge.sums import Estimate
from knowledge.sums.evidence import worked_out
from knowledge.validity import AMENDING, Status
from knowledge.words import normalise, words_of

# Log-odds (knowledge.fitness) from which a clause counts as an answer, and from which it is shown with the question
# whether that is what was meant. Measured on counties that nothing was learnt from (docs/answers.md).
ENOUGH = 0.5
PERHAPS = -1.7
# Below that the nearest clauses are still named beside "not in the files", down to here.
NEAREST = -2.0
# A clause this much less likely than the best adds noise, not help.
NEAR = 3.5
# A question that says less than this leans on the one before.
LIGHT = 3.0
# The same rule on another day may be this much less likely.
ALIKE = 1.0
# What the whole of a question counts while one of its parts is looked for.
WHOLE = 0.15
# A clause that does not apply on the day must be this much likelier than what does, before it is mentioned.
CLEARLY = 1.1
# Kept for "more"; a channel shows three at a time.
MOST = 9

_ABOUT_VALIDITY = re.compile(
    r"还?(?:算数|有效|管用|作数|执行)(?:吗|么|不|没|否)?|作废|废止|失效|过期|过没过期|旧(?:文件|政策|办法|版)|老(?:文件|政策|办法|版)"
    r"|以前的|原来的|之前的|改了(?:吗|没|什么)|更正|(?:still|no longer) (?:valid|in force)|expired?|repealed"
)
# "今年还能报吗" asks for the standing of a rule as much as for the rule.
_ASKS_TODAY = re.compile(
    r"还(?:能|可以|给|有|发|补|办|要|在|是|算|管|执行|赶)|现在|如今|目前|今年|生效|开始|能不能(?:申|报|办)"
    r"|can i still|\bnow\b|yet"
)
_BAND = re.compile(r"以上(?:\([^)]*\))?(?:不足|不满|、|至|,|的)|不足|以下")
_PARTS = re.compile(r"[，,。.？?；;！!、\s]+|以及|还有|\band\b")
# Every file opens with its purpose and ends with who explains it: beside an answer, what is mostly that is noise.
FORMULA = 0.6
_AGREEMENT = re.compile(r"(?:签|订)(?:了|的|过)?.{0,6}(?:协议|合同)")
_CLASS = re.compile(r"(?<![a-z])([a-h])\s*类")
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


# How sure a clause must be to overrule what the words seem to want, told from where the two were right on six counties.
SURE = 1.6
OVERRULING = {Kind.CARE: 0.5, Kind.OUT_OF_SCOPE: -0.5, Kind.DECLINED: 3.0}


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided for one question on one day.

    `citations` are in the order that helps; a channel shows the first three and offers the rest.
    `office` names the office in charge where the files name one. `topic` is a code for the
    catalogue (e.g. which form to open, why it was declined, what to ask back); `day` is the day the
    question speaks of where that is another than `on`, the day of asking. `estimates` are the sums that
    a cited rule makes of the figures in the question.
    """

    kind: Kind
    on: date
    citations: tuple[Citation, ...] = ()
    office: str | None = None
    topic: str = ""
    day: date | None = None
    estimates: tuple[Estimate, ...] = ()


def answer(question: str, index: Index, *, on: date, history: Sequence[str] = ()) -> Answer:
    """Decide on an answer. `on` is a county day; `history` holds the person's earlier questions, oldest first."""
    asked = index.understand(question)
    if not asked.words:
        return Answer(Kind.OUT_OF_SCOPE, on, topic="unclear")
    leaning = tuple(history[-1:]) if history and _leans(asked) else ()
    inquiry = _Inquiry(question, leaning, index.understand(question, leaning) if leaning else asked, on, index)
    intent = intent_of(question, in_talk=bool(leaning))
    if intent is not None and not (intent.is_doubtful and _is_answered(inquiry, Kind(intent.kind))):
        return _of_intent(inquiry, Kind(intent.kind), intent.topic)
    if asked.is_vague and not leaning:
        return _class_in_several_files(question, index, on) or Answer(Kind.CLARIFY, on, topic="which_theme")
    if _ABOUT_VALIDITY.search(normalise(question)) and (told := standing_of(question, index, on)):
        citations, office = told
        return Answer(Kind.ANSWERED, on, citations, office=office, topic="standing")
    hits = inquiry.search(k=20)
    evidence = _evidence(hits)
    if not evidence and history and not leaning:
        # "买完第三年想转手卖掉行不行" makes sense by itself, and better after a question about plants.
        leaning = tuple(history[-1:])
        inquiry = replace(inquiry, leaning=leaning, asked=index.understand(question, leaning))
        hits = inquiry.search(k=20)
        evidence = _evidence(hits)
    dated = _history(inquiry, evidence) if asks_for_history(question) else _on_its_occasion(inquiry, evidence)
    if dated is not None:
        return dated
    other = _only_on_other_days(inquiry, evidence or hits)
    if other is not None:
        return _of_another_day(inquiry, other)
    if not evidence and _AGREEMENT.search(question):
        # What was agreed then is in their agreement, which a person must read.
        return Answer(Kind.HANDOFF, on, office=_office(hits), topic="decision")
    if not evidence:
        perhaps = _evidence(hits, PERHAPS)
        if not perhaps or index.has_no_such_thing(inquiry.asked):
            nearest = _evidence(hits, NEAREST)[:3]
            return Answer(Kind.NOT_FOUND, on, tuple(map(inquiry.cite, nearest)), _office(nearest or hits))
        # A sum by a rule that may not be meant misleads.
        return replace(_answered(inquiry, perhaps), kind=Kind.CLARIFY, topic="is_it_this", estimates=())
    found = _answered(inquiry, evidence)
    if _is_undecided(inquiry.asked, evidence[0], found):
        return replace(found, kind=Kind.CLARIFY, topic="which_row")
    return found


def _is_undecided(asked: Asked, best: Hit, found: Answer) -> bool:
    """Tell whether a sum is asked for that depends on a class, grade or amount which the question does not give."""
    if not asked.asks_sum or asked.classes or asked.units or found.estimates:
        return False
    shown = found.citations[0].rows if found.citations else ()
    rows = len(best.clause.rows) > 3 and len(shown) == len(best.clause.rows)
    return rows or len(_BAND.findall(halved(best.clause.text))) >= 3


def _of_another_day(inquiry: _Inquiry, other: Hit) -> Answer:
    """Tell that a rule no longer applies, or not yet, by the rule and the clause that gives its days.

    Asked whether it still does, that is the answer; asked what it grants, there is none for today.
    """
    topic = "only_coming" if other.standing.status is Status.NOT_YET else "only_history"
    days = final_clause(inquiry.index.clauses_of(other.document.id))
    hits = [other] if days is None else [other, replace(other, clause=days)]
    kind = Kind.ANSWERED if _ASKS_TODAY.search(normalise(inquiry.question)) else Kind.NOT_FOUND
    citations = tuple(dict.fromkeys(inquiry.cite(hit) for hit in hits))
    return Answer(kind, inquiry.on, citations, _office([other]), topic)


def _is_answered(inquiry: _Inquiry, instead_of: Kind) -> bool:
    """Tell whether a clause answers so surely that a message which may be something else is a question after all."""
    least = OVERRULING.get(instead_of, SURE)
    return any(hit.fit >= least for hit in inquiry.search(k=5) if hit.document.kind not in RANK)


def _of_intent(inquiry: _Inquiry, kind: Kind, topic: str) -> Answer:
    """Answer what is no question about a rule; beside a case or a form stands the rule it falls under, if one does."""
    if kind not in (Kind.HANDOFF, Kind.FORM):
        return Answer(kind, inquiry.on, topic=topic)
    rules = _evidence(inquiry.search(k=10), NEAREST)[:3]
    return Answer(kind, inquiry.on, tuple(inquiry.cite(hit) for hit in rules), _office(rules), topic)


@dataclass(frozen=True, slots=True)
class _Inquiry:
    """A question with the earlier one it leans on, as both are understood, and the day it is asked."""

    question: str
    leaning: tuple[str, ...]
    asked: Asked
    on: date
    index: Index

    def search(self, k: int, *, day: date | None = None, any_day: bool = False) -> list[Hit]:
        """Rank clauses for today, for another day as it is known today, or for any."""
        return self.index.search(
            self.question, on=day or self.on, k=k, history=self.leaning, any_day=any_day, known=self.on
        )

    def today(self, hit: Hit) -> Hit:
        """Give a clause found for another day with its standing today."""
        return replace(hit, standing=self.index.register.standing(hit.document, self.on, hit.clause))

    def cite(self, hit: Hit) -> Citation:
        """Quote a clause as found, marked where its words have been changed since."""
        now, _ = self.index.register.as_amended(self.index.clauses[hit.clause.id], self.on)
        changed = hit.standing.status is Status.IN_FORCE and (now.text, now.rows) != (hit.clause.text, hit.clause.rows)
        return cite(hit, self.index, self.question, self.on, status=SUPERSEDED if changed else "")


def _answered(inquiry: _Inquiry, evidence: Sequence[Hit]) -> Answer:
    question, index, on = inquiry.question, inquiry.index, inquiry.on
    sums, evidence = worked_out(question, evidence, index, on)
    evidence = with_procedure(inquiry.asked, evidence, index, on)
    citations = list(dict.fromkeys(with_references(_by_part(question, evidence, index, on=on), index, question, on)))
    return Answer(Kind.ANSWERED, on, tuple(citations[:MOST]), office=_office(evidence), estimates=sums)


def _on_its_occasion(inquiry: _Inquiry, evidence: Sequence[Hit]) -> Answer | None:
    """Answer for the day the question speaks of beside today, where the two differ; None where they agree."""
    occasion = occasion_in(inquiry.question, inquiry.on)
    day = occasion.day(inquiry.on) if occasion else inquiry.on
    if day == inquiry.on:
        return None
    then = [inquiry.today(hit) for hit in _evidence(inquiry.search(k=20, day=day))]
    if day > inquiry.on:
        return _in_future(inquiry, evidence, then, day)
    if not then or (evidence and _same(then[0], evidence[0])):
        return None
    if evidence and then[0].fit < evidence[0].fit - ALIKE:
        return None
    return _dated(inquiry, _in_turn(then, evidence), "then", day)


def _in_future(inquiry: _Inquiry, evidence: Sequence[Hit], then: Sequence[Hit], day: date) -> Answer | None:
    """Answer for a coming day: what comes into force by then, and what of today's has ended."""
    if not evidence:
        return _dated(inquiry, then, "coming", day) if then else None
    lasting = inquiry.index.register.standing(evidence[0].document, day, evidence[0].clause)
    if lasting.status is not Status.IN_FORCE:
        coming = [hit for hit in then if hit.standing.status is Status.NOT_YET]
        return _dated(inquiry, _in_turn(evidence, coming), "ending", day)
    if then and then[0].standing.status is Status.NOT_YET and then[0].fit >= evidence[0].fit - ALIKE:
        return _dated(inquiry, _in_turn(then, evidence), "coming", day)
    return None


def _history(inquiry: _Inquiry, evidence: Sequence[Hit]) -> Answer | None:
    """Answer what a rule used to say: its words before they were changed, the files before it, and today's."""
    earlier: list[Hit] = []
    for hit in evidence[:1]:
        issued = inquiry.index.clauses[hit.clause.id]
        if (issued.text, issued.rows) != (hit.clause.text, hit.clause.rows):
            earlier.append(replace(hit, clause=issued))
    ever = inquiry.search(k=10, any_day=True)
    past = [
        hit
        for hit in ever
        if hit.standing.status in (Status.REPEALED, Status.LAPSED)
        and hit.document.kind not in RANK
        and _helps(hit, ever[0])
    ]
    if past and ever[0].fit >= ENOUGH:
        earlier += past[:2]
    return _dated(inquiry, _in_turn(earlier, evidence), "history", inquiry.on) if earlier else None


def _dated(inquiry: _Inquiry, hits: Sequence[Hit], topic: str, day: date) -> Answer:
    citations = tuple(dict.fromkeys(inquiry.cite(hit) for hit in hits[:MOST]))
    return Answer(Kind.ANSWERED, inquiry.on, citations, office=_office(hits), topic=topic, day=day)


def _in_turn(first: Sequence[Hit], second: Sequence[Hit]) -> list[Hit]:
    """Take one of each in turn, so that both stand among the first shown."""
    found = [hit for pair in zip_longest(first, second) for hit in pair if hit is not None]
    return list({(hit.clause.id, hit.clause.text): hit for hit in found}.values())


def _same(one: Hit, other: Hit) -> bool:
    return (one.clause.id, one.clause.text, one.clause.rows) == (other.clause.id, other.clause.text, other.clause.rows)


def _class_in_several_files(question: str, index: Index, on: date) -> Answer | None:
    """Ask back which file a class is meant for: "D类" is one thing for housing and another for doctors.

    A class that only one file in force knows is answered from it.
    """
    named = _CLASS.search(normalise(question))
    if named is None:
        return None
    cell = re.compile(rf"{named[1]}\s*类?(?:人才)?", re.IGNORECASE)
    found: dict[str, Hit] = {}
    for clause in index.clauses.values():
        document = index.register.documents[clause.document]
        if document.visibility is not Visibility.PUBLIC or document.kind in RANK or document.id in found:
            continue
        if any(cell.fullmatch(halved(text).strip()) for row in clause.rows[1:] for text in row):
            standing = index.register.standing(document, on, clause)
            if standing.status is Status.IN_FORCE:
                amended, by = index.register.as_amended(clause, on)
                found[document.id] = Hit(amended, document, standing, 0, 0, by)
    if not found:
        return None
    citations = tuple(cite(hit, index, question, on) for hit in found.values())
    if len(found) == 1:
        return Answer(Kind.ANSWERED, on, citations, office=_office(list(found.values())))
    return Answer(Kind.CLARIFY, on, citations[:MOST], topic="which_file")


def _evidence(hits: Sequence[Hit], enough: float = ENOUGH) -> list[Hit]:
    """Keep what likely answers the question: the rules themselves if they do, else explanations of them.

    Leaflets and speeches are never evidence.
    """
    rules = _as_they_read([hit for hit in hits if hit.document.kind not in RANK])
    explanations = [hit for hit in hits if RANK.get(hit.document.kind, 0.0) > 0.5]
    if rules and rules[0].fit >= enough:
        return [rules[0], *(hit for hit in rules[1:] if _helps(hit, rules[0]))]
    if explanations and explanations[0].fit >= enough:
        # Whatever rule comes near stands beside it: an explanation may have been overtaken.
        return [explanations[0], *(hit for hit in rules if _helps(hit, explanations[0]))]
    return []


def _as_they_read(hits: Sequence[Hit]) -> list[Hit]:
    """Put a clause as it reads now in the place of the sentence of another file that changed it.

    The sentence repeats the figure that no longer counts; but asked in its words, it leads to the clause.
    """
    changing = {hit.document.id: hit.fit for hit in reversed(hits) if changes_in(hit.clause.text, hit.clause.rows)}
    changed = {source.id for hit in hits for _, source in hit.amended_by} & changing.keys()
    raised = [
        replace(hit, fit=max([hit.fit, *(changing[source.id] for _, source in hit.amended_by if source.id in changed)]))
        for hit in hits
        if not (hit.document.id in changed and changes_in(hit.clause.text, hit.clause.rows))
    ]
    return sorted(raised, key=lambda hit: -hit.fit)


def _helps(hit: Hit, best: Hit) -> bool:
    """Tell whether a clause adds to the best one: nearly as likely, and no mere formula."""
    return hit.fit >= best.fit - NEAR and formula_share(hit.clause.text) < FORMULA


def _by_part(question: str, evidence: Sequence[Hit], index: Index, *, on: date) -> list[Hit]:
    """Put the best clause of all first, then the best for each part ("转学行不行，要啥材料"), then the rest."""
    parts = [part for part in _PARTS.split(question) if words_of(part)]
    if len(parts) < 2:
        return list(evidence)
    first = {evidence[0].clause.id: evidence[0]}
    for part in parts[:3]:
        # Each part is asked in the light of the whole.
        found = index.search(part, on=on, k=5, history=(question,), leaning=WHOLE)
        rules = (hit for hit in found if hit.document.kind not in RANK and formula_share(hit.clause.text) < FORMULA)
        best = next(rules, None)
        if best is not None and any(best.document.id == hit.document.id for hit in evidence):
            first.setdefault(best.clause.id, best)
    return [*first.values(), *(hit for hit in evidence if hit.clause.id not in first)]


def _only_on_other_days(inquiry: _Inquiry, hits: Sequence[Hit]) -> Hit | None:
    """Give the clause that answered this once, or will, if what applies today is much further from the question."""
    ever = [hit for hit in inquiry.search(k=8, any_day=True) if not _only_changes(hit.document)]
    if not ever or ever[0].standing.status is Status.IN_FORCE or ever[0].document.kind in RANK:
        return None
    surely = ever[0].fit >= ENOUGH and (not hits or ever[0].fit >= hits[0].fit + CLEARLY)
    return ever[0] if surely else None


def _only_changes(document: Document) -> bool:
    """Tell a file that only changes others for a time, as a yearly list does: when it ends, they read as before."""
    return any(relation.kind in AMENDING for relation in document.relations)


def _leans(asked: Asked) -> bool:
    """Tell a question that makes sense only after the one before ("那最多几年呢")."""
    return bool(_LEANING.search(asked.plain)) or asked.weight < LIGHT


def _office(hits: Sequence[Hit]) -> str | None:
    """Name the office in charge of what was found: the one the text names, else the nearest file's issuer."""
    for hit in hits[:3]:
        if hit.document.office:
            return hit.document.office
    return hits[0].document.issuer if hits else None
