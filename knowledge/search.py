"""Search the clauses that apply on a day: lexical first, vectors where words are unsure."""

from __future__ import annotations

import functools
import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import Asked, matters_given, understand
from knowledge.clauses import heading_of
from knowledge.documents import Clause, Document, RelationKind, Visibility
from knowledge.fitness import Candidate, fitness, is_word_filed, row_text, text_of
from knowledge.homophones import Homophones
from knowledge.lexical import LexicalIndex
from knowledge.synonyms import Synonyms, is_english
from knowledge.validity import Register, Standing, Status
from knowledge.vectors import VectorsGone
from knowledge.words import lexicon_words, normalise, question_tokens, sentences, tokens, words_of

# Gives the passages nearest to a question with their similarity; raises VectorsGone.
Nearest = Callable[[str, int], list[tuple[str, float]]]

log = logging.getLogger(__name__)

# A synonym is a guess about what was meant.
SYNONYM = 0.4
SYNONYM_UNHEARD = 0.8
# What every clause of a county's files could be asked about.
COMMONPLACE = 0.4
# Earlier turns of the conversation, when a question leans on them.
HISTORY = 0.4
# A word put in the place of one that only sounds like it.
RESPELT = 0.6
# How many clauses that share words with a question are looked at again.
CANDIDATES = 24
# A name this rare is what a question is about.
SUBJECT = 2.5
# Clauses that are enough to tell how rare a matter is.
SAMPLE = 400
# Below this share of the question found in the best clause, the vectors are asked as well.
UNSURE = 0.35

# The kind of a document that is a file of passages with ids of their own.
PASSAGES = "passages"

# Explanations and questions-and-answers repeat what files say, sometimes after it has changed;
# leaflets and speeches are no source at all.
RANK: Mapping[str, float] = {"faq": 0.75, "interpretation": 0.8, "leaflet": 0.3, "news": 0.3}


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause found, as it reads on the day.

    `coverage`: the share of the question's weight standing in it. `fit`: the log-odds that it answers the
    question (knowledge.fitness); 0 for a passage of a labelled set, which is no rule.
    """

    clause: Clause
    document: Document
    standing: Standing
    score: float
    coverage: float
    amended_by: tuple[tuple[RelationKind, Document], ...] = ()
    fit: float = 0.0

    @property
    def id(self) -> str:
        """Give the id other programs know it by: a passage's own, else the clause's."""
        return self.clause.label if self.document.kind == PASSAGES else self.clause.id


@dataclass(slots=True)
class _View:
    """What may be found on one day by one audience: a flag per slot, and the standing of each clause."""

    flags: NDArray[np.bool_]
    standings: dict[str, Standing] = field(default_factory=dict)


class Index:
    """All documents and clauses, searchable for any day. Adding or removing one touches no other."""

    def __init__(self, synonyms: Synonyms, nearest: Nearest | None = None, vector_weight: float = 0.0) -> None:
        self.register = Register((), {})
        self.clauses: dict[str, Clause] = {}
        self._of: dict[str, list[str]] = {}
        self._documents: dict[str, Document] = {}
        self._lexical = LexicalIndex()
        self._synonyms = synonyms
        self._nearest = nearest
        self._vector_weight = vector_weight
        self._views: dict[tuple[date, bool, bool], _View] = {}
        self._homophones: Homophones | None = None
        self._rarity_of_matters: Mapping[str, float] | None = None
        self._has_passages = False

    @property
    def documents(self) -> Sequence[Document]:
        return tuple(self._documents.values())

    def clauses_of(self, document: str) -> list[Clause]:
        return [self.clauses[identity] for identity in self._of.get(document, ())]

    def add(
        self,
        document: Document,
        clauses: Sequence[Clause],
        cut: Mapping[str, tuple[list[str], list[list[str]]]] | None = None,
    ) -> None:
        """Add a document with its clauses, or replace it.

        `cut` may give the tokens (`cut_clause`) of clauses that were cut before; call `settle` when done.
        """
        self.remove(document.id)
        self._documents[document.id] = document
        self._of[document.id] = [clause.id for clause in clauses]
        for clause in clauses:
            self.clauses[clause.id] = clause
            heading, parts = (cut or {}).get(clause.id) or cut_clause(document, clause)
            self._lexical.add(clause.id, heading, parts)

    def remove(self, document: str) -> None:
        """Forget a document and its clauses; unknown ones are ignored. Call `settle` when done."""
        self._documents.pop(document, None)
        for identity in self._of.pop(document, ()):
            del self.clauses[identity]
            self._lexical.remove(identity)

    def settle(self) -> None:
        """Resolve relations between documents anew after changes; views of days are forgotten."""
        self.register = Register(
            self._documents.values(), {document: self.clauses_of(document) for document in self._documents}
        )
        self._views.clear()
        self._homophones = None
        self._rarity_of_matters = None
        # A labelled set is measured by its own words: neither respelt nor judged as rules are.
        self._has_passages = any(document.kind == PASSAGES for document in self._documents.values())

    def respelt(self, question: str) -> str:
        """Give a question with the slips of ear and keyboard mended by the files' own words."""
        if is_english(question):
            return question
        if self._homophones is None:
            self._homophones = Homophones(self._lexical.counts())
        return self._homophones.respell(
            question, lambda word: self._lexical.weight(word) > 0 or word in self._synonyms.spoken
        )

    def search(
        self,
        question: str,
        *,
        on: date,
        k: int = 10,
        history: Sequence[str] = (),
        leaning: float = HISTORY,
        any_day: bool = False,
        internal: bool = False,
        known: date | None = None,
    ) -> list[Hit]:
        """Rank the clauses in force on a day for a question, best first.

        `history` holds earlier turns the question leans on, `leaning` how much; `known` is the day of
        asking where `on` is another (see Register.as_amended).

        `any_day` finds repealed, lapsed and coming clauses as well, each with its standing; `internal`
        opens files that the public may not see.
        """
        view = self._view(on, any_day, internal)
        weighted = self._tokens(question, history, leaning)
        matches = self._lexical.search(weighted, max(k, CANDIDATES), among=view.flags)
        scored = {match.passage: (match.score, match.coverage) for match in matches}
        if self._nearest is not None and (not matches or matches[0].coverage < UNSURE):
            top = matches[0].score if matches else 1.0
            self._consult_vectors(self._nearest, question, scored, view, top)
        hits = [
            self._hit(identity, score, coverage, view.standings[identity], on, known)
            for identity, (score, coverage) in scored.items()
        ]
        hits.sort(key=lambda hit: -hit.score)
        return self._judged(question, history, hits)[:k]

    def understand(self, question: str, history: Sequence[str] = ()) -> Asked:
        """Work out what a question is about, with the words of the files that it may have misspelt."""
        asked = understand(question, self._synonyms, history)
        respelt = self.respelt(question)
        if respelt == asked.plain or is_english(question):
            return asked
        known = {word.text for word in asked.words}
        meant = [word for word in understand(respelt, self._synonyms).words if word.text not in known]
        return replace(asked, words=(*asked.words, *(replace(w, weight=w.weight * RESPELT) for w in meant)))

    def candidates(self, hits: Sequence[Hit]) -> list[Candidate]:
        """Give hits as what fitness is judged on: scores relative to the best."""
        top = max((hit.score for hit in hits), default=0.0) or 1.0
        return [Candidate(hit.clause, hit.document, hit.score / top) for hit in hits]

    def has_no_such_thing(self, asked: Asked) -> bool:
        """Tell whether money is asked for something no file names ("猕猴桃的补贴"), neither by itself nor otherwise."""
        respelt = self.respelt(asked.plain)
        return any(
            word.weight >= SUBJECT
            and word.is_name
            and asked.is_about_money(word)
            # A slip of ear or keyboard is no thing of its own.
            and word.text in respelt
            and not is_word_filed(word, self.is_filed)
            for word in asked.words
        )

    def is_filed(self, word: str) -> bool:
        """Tell whether a word stands anywhere in the files."""
        return self._lexical.weight(word) > 0

    @property
    def rarity_of_matters(self) -> Mapping[str, float]:
        """Tell how few clauses speak of each matter: the logarithm of all over those that do, told from a sample."""
        if self._rarity_of_matters is None:
            counts: Counter[str] = Counter()
            step = max(1, len(self.clauses) // SAMPLE)
            sample = list(self.clauses.values())[::step]
            for clause in sample:
                counts.update(matters_given(text_of(self._documents[clause.document].title, clause).body))
            self._rarity_of_matters = {
                matter: math.log1p(len(sample) / (1 + count)) for matter, count in counts.items()
            }
        return self._rarity_of_matters

    def _judged(self, question: str, history: Sequence[str], hits: list[Hit]) -> list[Hit]:
        """Order clauses by how likely they answer."""
        if not hits or self._has_passages:
            return hits
        asked = self.understand(question, history)
        fits = fitness(asked, self.candidates(hits), self.is_filed, self.rarity_of_matters)
        return sorted((replace(hit, fit=fit) for hit, fit in zip(hits, fits, strict=True)), key=lambda hit: -hit.fit)

    def _hit(
        self, identity: str, score: float, coverage: float, standing: Standing, on: date, known: date | None
    ) -> Hit:
        clause, amended_by = self.register.as_amended(self.clauses[identity], on, known)
        document = self._documents[clause.document]
        return Hit(clause, document, standing, score * RANK.get(document.kind, 1.0), coverage, amended_by)

    def _consult_vectors(
        self, ask: Nearest, question: str, scored: dict[str, tuple[float, float]], view: _View, top: float
    ) -> None:
        """Let the vectors raise candidates and bring new ones, by their measured weight."""
        try:
            nearest = ask(question, 10)
        except VectorsGone as error:
            # The vectors are a cache: answers go on from words, the operator hears of it once.
            log.warning("vectors.gone", extra={"reason": str(error)})
            self._nearest = None
            return
        for identity, similarity in nearest:
            if identity in view.standings:
                score, coverage = scored.get(identity, (0.0, 0.0))
                scored[identity] = (score + self._vector_weight * top * max(similarity, 0.0), coverage)

    def _tokens(self, question: str, history: Sequence[str] = (), leaning: float = 0.0) -> list[tuple[str, float]]:
        if is_english(question):
            words, unknown = self._synonyms.translate(question)
            found = dict(question_tokens(" ".join(words)))
            found |= dict.fromkeys(unknown, 1.0)
        else:
            plain = normalise(question)
            found = dict(question_tokens(plain))
            for word in words_of(plain):
                if word in lexicon_words("commonplaces.txt"):
                    found[word] = found.get(word, 1.0) * COMMONPLACE
            for said, filed in self._synonyms.expand(plain).items():
                # What no file says can only have been meant otherwise.
                heard = any(map(self._lexical.weight, _words_of(said)))
                weight = SYNONYM if heard else SYNONYM_UNHEARD
                for token in _tokens_of(filed):
                    found[token] = max(found.get(token, 0.0), weight)
            respelt = plain if self._has_passages else self.respelt(question)
            if respelt != plain:
                for token, weight in question_tokens(respelt):
                    found.setdefault(token, weight * RESPELT)
        for earlier in history:
            for token, weight in self._tokens(earlier):
                found.setdefault(token, weight * leaning)
        return list(found.items())

    def _view(self, on: date, any_day: bool, internal: bool) -> _View:
        key = (on, any_day, internal)
        if key not in self._views:
            if len(self._views) > 64:
                self._views.clear()
            standings = {
                identity: standing
                for identity, clause in self.clauses.items()
                if (document := self._documents[clause.document])
                and (internal or document.visibility is Visibility.PUBLIC)
                and ((standing := self.register.standing(document, on, clause)).status is Status.IN_FORCE or any_day)
            }
            self._views[key] = _View(self._lexical.flags(list(standings)), standings)
        return self._views[key]


# The synonym lists are small and asked for again with every question.
@functools.lru_cache(maxsize=5_000)
def _words_of(said: str) -> tuple[str, ...]:
    return tuple(words_of(said))


@functools.lru_cache(maxsize=5_000)
def _tokens_of(filed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(tokens(" ".join(filed)))


def cut_clause(document: Document, clause: Clause) -> tuple[list[str], list[list[str]]]:
    """Cut a clause into index tokens: its heading's, and those of each sentence; where it stands comes first."""
    # A passage's title is its heading already, and its id says nothing.
    where = "" if document.kind == PASSAGES else " ".join((document.title, *clause.path, clause.label))
    parts = [where, *sentences(clause.text), *(row_text(clause.rows[0], row) for row in clause.rows[1:])]
    return tokens(heading_of(clause) or document.title), [tokens(part) for part in parts]


def passage_text(document: Document, clause: Clause) -> str:
    """Give a clause's words with where it stands: what a vector is made of."""
    rows = [row_text(clause.rows[0], row) for row in clause.rows[1:]]
    return "\n".join((document.title, *clause.path, clause.text, *rows))
