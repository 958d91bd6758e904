"""The sum that the clauses found for a question make of its figures, for answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from knowledge.documents import Document
from knowledge.search import Hit, Index
from knowledge.sums.articles import Article, articles_of
from knowledge.sums.given import has_figures
from knowledge.sums.steps import Estimate
from knowledge.sums.working import elsewhere, estimates
from knowledge.validity import Status

# So many of the best clauses may make a sum of the figures in a question.
WORKED = 3


def worked_out(
    question: str, evidence: Sequence[Hit], index: Index, on: date
) -> tuple[tuple[Estimate, ...], Sequence[Hit]]:
    """Work the best clause that makes a sum of the question's figures; give the evidence with the clause it is from."""
    if not has_figures(question):
        return (), evidence
    files = {hit.document.id: _articles(hit.document, index, on) for hit in evidence[:WORKED]}
    for hit in evidence[:WORKED]:
        file = files[hit.document.id]
        article = next((article for article in file if hit.clause.id in article.ids), None)
        if article and (sums := estimates(question, article, file)):
            return sums, evidence
    best = evidence[0]
    if found := elsewhere(question, files[best.document.id]):
        article, sums = found
        beside = [
            replace(best, clause=amended, standing=index.register.standing(best.document, on, amended), amended_by=by)
            for clause in index.clauses_of(best.document.id)
            if clause.id in article.ids
            for amended, by in [index.register.as_amended(clause, on)]
        ]
        return sums, [*beside[:1], *(hit for hit in evidence if hit.clause.id != beside[0].clause.id)]
    return (), evidence


def _articles(document: Document, index: Index, on: date) -> list[Article]:
    return articles_of(
        index.register.as_amended(clause, on)[0]
        for clause in index.clauses_of(document.id)
        if index.register.standing(document, on, clause).status is Status.IN_FORCE
    )
