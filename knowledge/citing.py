"""Quote a clause with what a reader needs to find, date and trust it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from knowledge.changes import Change
from knowledge.documents import Clause, Document, RelationKind, Visibility
from knowledge.numbering import article_of, halved
from knowledge.personal_data import mask, mask_rows
from knowledge.relations import references_in
from knowledge.search import RANK, Hit, Index
from knowledge.validity import Status
from knowledge.windows import window_state
from knowledge.words import question_tokens, tokens

# Tables longer than this show the rows that fit the question.
LONG_TABLE = 8
# More than this many clauses of one changing file tell no more.
MOST_CHANGING = 2
# What changed the clauses shown at once is told with them.
EXPLAINED = 3
# A row that fits this much worse than the best is another case.
FITTING = 0.6

# The status of words that a correction or supplement has put others in the place of.
SUPERSEDED = "superseded"
# The status of a clause that says what is put in the place of what: it repeats words that no longer count.
CHANGING = "changing"

_FOLLOWS = re.compile(
    r"按(?:照)?(?:本[^,。第]{2,6})?(第[一二三四五六七八九十百\d]+条)|(?:依照|依据|适用|符合|根据)(?:本[^,。第]{2,6})?(第[一二三四五六七八九十百\d]+条)"
)


# A column whose unit stands in its header: 补助标准(万元), 体检费用(元/年) 女.
_COLUMN = re.compile(
    r"(?P<name>[^()（）]+)[(（](?P<unit>(?:[万亿]?元|%|‰|平方米|[亩年月天日次人名个间项倍]|公里|小时|个?工作日)(?:/[^()（）]{1,4})?)"
    r"[)）](?P<rest>.*)"
)
_BARE_FIGURE = re.compile(r"[\d.,]+(?:[-—–~至][\d.,]+)?")


@dataclass(frozen=True, slots=True)
class Citation:
    """A clause quoted verbatim, with what a reader needs to find and date it.

    `status` is in_force, not_yet, lapsed, repealed, superseded (words since corrected or changed) or
    changing (the correction or change itself, which repeats them) on the day of asking. `notes` are
    facts about the quotation as (code, value) pairs for the text catalogue: corrected_by, amended_by,
    replaced_by, supplemented_by, lower_rank, window_open, window_next, window_over. A changed clause
    is quoted as it reads after the change.
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


def cite(hit: Hit, index: Index, question: str, on: date, *, status: str = "") -> Citation:
    """Quote a hit, with what readers must know of its standing; `status` overrides its document's."""
    document, clause = hit.document, hit.clause
    notes: list[tuple[str, str]] = []
    for kind, source in hit.amended_by:
        notes.append(("corrected_by" if kind is RelationKind.CORRECTS else "amended_by", name_of(source)))
    if hit.standing.by is not None:
        notes.append(("replaced_by", name_of(hit.standing.by)))
    if hit.standing.status is Status.IN_FORCE:
        supplements = index.register.related(document, RelationKind.SUPPLEMENTS, on)
        amending = {source.id for _, source in hit.amended_by}
        notes.extend(("supplemented_by", name_of(source)) for source in supplements if source.id not in amending)
        notes.extend(_window_note(clause, on))
    if document.kind in RANK:
        notes.append(("lower_rank", document.title))
    return Citation(
        clause_id=clause.id,
        file=document.file,
        document=document.title,
        doc_no=document.doc_no,
        clause=clause.label,
        quote=mask(clause.text),
        rows=mask_rows(fitting_rows(clause, question, document.title)),
        effective=document.effective,
        expires=index.register.last_day(document, on),
        status=status or hit.standing.status.value,
        notes=tuple(notes),
    )


def with_references(hits: Sequence[Hit], index: Index, question: str, on: date) -> Iterator[Citation]:
    """Give each hit and, right after it, what changed or adds to it and the clauses a text refers to."""
    for number, hit in enumerate(hits):
        yield cite(hit, index, question, on)
        if number < EXPLAINED:
            for clause, repeats in _changing(hit, index, question, on):
                yield cite(_hit(clause, index, on), index, question, on, status=CHANGING if repeats else "")
        for clause in _referred(hit, hits, index):
            referred = _hit(clause, index, on)
            if referred.standing.status is Status.IN_FORCE:
                yield cite(referred, index, question, on)


def _changing(hit: Hit, index: Index, question: str, on: date) -> Iterator[tuple[Clause, bool]]:
    """Find what the files that change a clause, or are about it, say of it, and whether that repeats old words."""
    swapping = {source.id for _, source in hit.amended_by}
    for source in index.register.amending(hit.clause, on):
        said: dict[str, list[Change]] = {}
        for change in index.register.saying(source, hit.clause):
            said.setdefault(change.clause, []).append(change)
        found: list[tuple[Clause, bool]] = []
        for identity, changes in said.items():
            clause = index.clauses[identity]
            rows = [change.row for change in changes if change.row]
            if rows:
                clause = replace(clause, rows=(rows[0][0], *(row[1] for row in rows)))
            shown = "\n".join((clause.text, *(cell for row in clause.rows for cell in row)))
            repeats = any(change.old and change.old in halved(shown) for change in changes)
            found.append((clause, source.id in swapping and repeats))
        if not said and source.id not in swapping:
            naming = _naming_article(index.clauses_of(source.id), hit.clause)
            found += [(naming, False)] if naming is not None else []
        asked = dict(question_tokens(question))
        fits = [sum(asked.get(token, 0.0) for token in set(tokens(clause.text))) for clause, _ in found]
        ranked = sorted(range(len(found)), key=lambda i: -fits[i])
        yield from (found[i] for i in ranked[:MOST_CHANGING])


def _referred(hit: Hit, hits: Sequence[Hit], index: Index) -> Iterator[Clause]:
    """Find the clauses a text sends its reader to, in its own file and in others."""
    for article in [first or second for first, second in _FOLLOWS.findall(hit.clause.text)]:
        yield from (c for c in index.clauses_of(hit.document.id) if c.label == article and c.id != hit.clause.id)
    for reference in references_in(hit.clause.text):
        targets = index.register.targets(hit.document, reference)
        if len(targets) != 1 or targets[0].visibility is not Visibility.PUBLIC:
            continue
        if reference.clause is not None:
            article = article_of(reference.clause)
            yield from (c for c in index.clauses_of(targets[0].id) if article_of(c.label) == article)
        else:
            # Without an article: what of that file was found for the question, if anything was.
            yield from (other.clause for other in hits if other.document.id == targets[0].id)


def _hit(clause: Clause, index: Index, on: date) -> Hit:
    amended, by = index.register.as_amended(clause, on)
    document = index.register.documents[clause.document]
    return Hit(amended, document, index.register.standing(document, on, clause), 0, 0, by)


def fitting_rows(clause: Clause, question: str, title: str = "") -> tuple[tuple[str, ...], ...]:
    """Give the header and the rows that fit a question; all of a short table that none fits better.

    Only what tells one row from the others counts: a word of every row, of the header or of the
    file's title chooses none.
    """
    if len(clause.rows) <= 2:
        return clause.rows
    header, rows = clause.rows[0], clause.rows[1:]
    asked = dict(question_tokens(question))
    said = [_row_tokens(row) for row in rows]
    common = frozenset.intersection(*said) | set(tokens(" ".join((title, *clause.path, clause.text, *header))))
    scores = [sum(asked[token] for token in words - common if token in asked) for words in said]
    best = max(scores)
    fitting = [row for row, score in zip(rows, scores, strict=True) if best and score >= FITTING * best]
    if best and len(fitting) <= max(1, len(rows) // 2):
        return (header, *fitting[:LONG_TABLE])
    if len(rows) <= LONG_TABLE:
        return clause.rows
    ranked = sorted(range(len(rows)), key=lambda i: -scores[i])[:LONG_TABLE]
    return (header, *(rows[i] for i in sorted(ranked)))


def with_units(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Give a table's rows, header first, with a column's unit at its figures: 补助标准(万元) 5 is 补助标准 5万元."""
    header, *below = [list(row) for row in rows]
    for number, name in enumerate(header):
        column = _COLUMN.fullmatch(name)
        figures = [row for row in below if number < len(row) and _BARE_FIGURE.fullmatch(row[number].strip())]
        if column is None or not figures:
            continue
        header[number] = f"{column['name']}{column['rest']}"
        for row in figures:
            row[number] = f"{row[number].strip()}{column['unit']}"
    return tuple(map(tuple, (header, *below)))


@functools.lru_cache(maxsize=5_000)
def _row_tokens(row: tuple[str, ...]) -> frozenset[str]:
    return frozenset(tokens("\n".join(row)))


def name_of(document: Document) -> str:
    """Name a document as people cite it: 《title》(number)."""
    return f"《{document.title}》({document.doc_no})" if document.doc_no else f"《{document.title}》"


def _naming_article(clauses: Sequence[Clause], changed: Clause) -> Clause | None:
    """Find where a file says what it changes in a clause: in its words or in rows of its table."""
    article = re.compile(rf"{re.escape(re.split(r'第[((]|[((附]', changed.label)[0])}(?![一二三四五六七八九十])")
    if article_of(changed.label) is None:
        return None
    return next((c for c in clauses if article.search("\n".join((c.text, *(" ".join(row) for row in c.rows))))), None)


def _window_note(clause: Clause, on: date) -> Iterable[tuple[str, str]]:
    """Tell whether applications are taken today, where a clause names its windows."""
    state = window_state(clause.text, on)
    if state is None:
        return
    if state.open is not None:
        yield "window_open", state.open.last.isoformat()
    elif state.next is not None:
        yield "window_next", f"{state.next.first.isoformat()}–{state.next.last.isoformat()}"
    else:
        yield "window_over", on.isoformat()
