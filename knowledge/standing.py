"""Whether a file somebody names still counts: its own days, and what ended it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from knowledge.citing import Citation, cite
from knowledge.documents import Clause, Document, Visibility
from knowledge.search import RANK, Hit, Index
from knowledge.words import normalise, words_of


def standing_of(question: str, index: Index, on: date) -> tuple[tuple[Citation, ...], str | None] | None:
    """Answer "does that file still count" about the file a question names: (citations, office in charge).

    Cited are what ended it and the clause that gives its days; None if no file is named.
    """
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
        last = final_clause(index.clauses_of(document.id))
        if last is None:
            continue
        if standing.by is not None and (ending := _naming_clause(index.clauses_of(standing.by.id), document)):
            by = Hit(ending, standing.by, index.register.standing(standing.by, on), 0, 0)
            citations.append(cite(by, index, question, on))
        citations.append(cite(Hit(last, document, standing, 0, 0), index, question, on))
    return (tuple(citations), named[0].office) if citations else None


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


def final_clause(clauses: Sequence[Clause]) -> Clause | None:
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
