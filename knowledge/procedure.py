"""What a rule leaves to other clauses of its file: when to apply, with what, how long it takes, what excludes what.

A question often names the grant and asks for its procedure ("民宿的补助今天还能交材料不"): the grant's article shares
its words, the article with the window shares none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from knowledge.asked import Asked, matters_given
from knowledge.documents import Clause
from knowledge.fitness import formula_share, text_of
from knowledge.search import Hit, Index
from knowledge.validity import Status
from knowledge.windows import window_state

# Matters that every grant of a file shares.
SHARED = frozenset({
    "apply_when", "apply_papers", "apply_how", "stack", "year_cap", "paid_when", "time_limit", "fraud_penalty",
    "service_years", "old_agreement", "appeal", "proportion", "who_in_charge", "age", "complain",
})  # fmt: skip
MOST = 1
_NO_CLAUSE_OF_ITS_OWN = 0.6


def with_procedure(asked: Asked, hits: Sequence[Hit], index: Index, on: date) -> list[Hit]:
    """Put after the best clause those of its file that give what of the question it leaves open, at most two."""
    best = hits[0]
    given = matters_given(text_of(best.document.title, best.clause).body, SHARED)
    found: dict[str, Hit] = {}
    for matter in sorted((asked.matters & SHARED) - given):
        others = [
            clause
            for clause in index.clauses_of(best.document.id)
            if clause.id != best.clause.id and formula_share(clause.text) < _NO_CLAUSE_OF_ITS_OWN
        ]
        fitting = [clause for clause in others if matters_given(text_of("", clause).body, frozenset({matter}))]
        if fitting:
            chosen = max(fitting, key=lambda clause: _telling(asked, matter, clause, on))
            standing = index.register.standing(best.document, on, chosen)
            if standing.status is Status.IN_FORCE:
                amended, by = index.register.as_amended(chosen, on)
                hit = Hit(amended, best.document, standing, 0, 0, by, best.fit)
                found.setdefault(chosen.id, hit)
    added = list(found.values())[:MOST]
    taken = {hit.clause.id for hit in added}
    return [best, *added, *(hit for hit in hits[1:] if hit.clause.id not in taken)]


def _telling(asked: Asked, matter: str, clause: Clause, on: date) -> float:
    """Tell how much of the question a clause says beside the matter; a window is what "when" asks for."""
    text = text_of("", clause)
    said = sum(word.weight * word.share_in(text.body) for word in asked.words) / asked.weight
    headed = bool(matters_given(text.caption, frozenset({matter})))
    window = matter == "apply_when" and window_state(clause.text, on) is not None
    return said + headed + 2 * window - len(text.body) / 2000
