"""What is true on a day: which documents and clauses apply, what replaced them, and how a corrected clause reads.

Validity is decided before similarity: a clause that does not apply on the day is never evidence for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from knowledge.documents import Clause, Document, Relation, RelationKind
from knowledge.numbering import article_of, halved
from knowledge.relations import Change, changes_in

# Relations that change how another file's clauses read.
AMENDING = (RelationKind.CORRECTS, RelationKind.SUPPLEMENTS)


class Status(StrEnum):
    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    LAPSED = "lapsed"
    REPEALED = "repealed"


@dataclass(frozen=True, slots=True)
class Standing:
    """A document's or clause's status on a day and the document that brought it about, if one did."""

    status: Status
    by: Document | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """A resolved relation: what `source` does to a document from `since` on; `article` limits it."""

    relation: Relation
    source: Document
    since: date | None
    article: int | None


class Register:
    """All documents with their relations resolved; answers for any day."""

    def __init__(self, documents: Iterable[Document], clauses: Mapping[str, Iterable[Clause]]) -> None:
        self.documents = {document.id: document for document in documents}
        self._changes: dict[str, list[_Change]] = defaultdict(list)
        self._wording: dict[str, list[Change]] = {}
        for source in self.documents.values():
            for relation in source.relations:
                for target in self.targets(source, relation):
                    article = article_of(relation.clause) if relation.clause else None
                    since = relation.since or self._start(source, relation, target)
                    self._changes[target.id].append(_Change(relation, source, since, article))
            if any(relation.kind in AMENDING for relation in source.relations):
                self._wording[source.id] = [
                    change for clause in clauses.get(source.id, ()) for change in changes_in(clause.text, clause.rows)
                ]

    def standing(self, document: Document, on: date, clause: Clause | None = None) -> Standing:
        """Tell whether a document, or one clause of it, applies on a day (county time).

        A document lapses at the end of its `expires` day even if no later file says so. A repeal
        counts from the repealing file's effective day, not from its publication, and only if the
        repealing file itself was not repealed before it took effect.
        """
        begins = document.effective or document.published
        if begins is not None and on < begins:
            return Standing(Status.NOT_YET)
        for change in self._changes[document.id]:
            if change.relation.kind is not RelationKind.REPEALS or (change.since and on < change.since):
                continue
            if change.article is None or (clause is not None and article_of(clause.label) == change.article):
                return Standing(Status.REPEALED, change.source)
        if document.expires is not None and on > document.expires:
            return Standing(Status.LAPSED, self._successor(document))
        return Standing(Status.IN_FORCE)

    def related(self, document: Document, kind: RelationKind, on: date) -> list[Document]:
        """Give the documents that do this to a document and apply on a day, oldest first."""
        found = {c.source.id: c.source for c in self._changes[document.id] if c.relation.kind is kind}
        applying = [source for source in found.values() if self.standing(source, on).status is Status.IN_FORCE]
        return sorted(applying, key=lambda source: source.effective or date.min)

    def as_amended(
        self, clause: Clause, on: date, known: date | None = None
    ) -> tuple[Clause, tuple[tuple[RelationKind, Document], ...]]:
        """Give a clause as it reads for something that happens on a day, and the files that changed its words.

        A correction counts from the corrected file's own first day unless it names another; a supplement
        counts from its own first day to its last. Where either names an article, only that article
        changes. `known` is the day of reading, if later: a correction published since then counts too.
        """
        document, known = self.documents[clause.document], known or on
        by: dict[tuple[RelationKind, str], tuple[RelationKind, Document]] = {}
        for change in self._amendments(clause, document, on, known):
            amended = clause
            for wording in self._wording.get(change.source.id, ()):
                if wording.title is None or _names_same(wording.title, change.relation.title, document.title):
                    amended = _reworded(amended, wording)
            if amended != clause:
                clause = amended
                by[change.relation.kind, change.source.id] = (change.relation.kind, change.source)
        return clause, tuple(by.values())

    def amending(self, clause: Clause, on: date, known: date | None = None) -> list[Document]:
        """Give the corrections and supplements that name this clause's article and count on a day."""
        document = self.documents[clause.document]
        found = {
            change.source.id: change.source
            for change in self._amendments(clause, document, on, known or on)
            if change.article is not None and change.article == article_of(clause.label)
        }
        return list(found.values())

    def _amendments(self, clause: Clause, document: Document, on: date, known: date) -> Iterator[_Change]:
        article = article_of(clause.label)
        for change in self._changes[document.id]:
            if change.relation.kind not in AMENDING or (change.source.published or date.min) > known:
                continue
            if change.article is not None and article not in (change.article, None):
                continue
            if change.since is not None and on < change.since:
                continue
            lasting = change.relation.kind is RelationKind.CORRECTS
            if lasting or self.standing(change.source, on).status is Status.IN_FORCE:
                yield change

    def targets(self, source: Document, relation: Relation) -> list[Document]:
        """Find what a relation names among the documents at hand: by number, else by title."""
        others = [document for document in self.documents.values() if document.id != source.id]
        if relation.doc_no:
            number = _plain(relation.doc_no)
            numbered = [document for document in others if document.doc_no and _plain(document.doc_no) in number]
            if numbered:
                return numbered
        if not relation.title:
            return []
        wanted = _plain(relation.title)
        # A later edition carries the same title: a repeal means what was there before.
        earlier = [d for d in others if not (d.published and source.published and d.published > source.published)]
        same = [document for document in earlier if _plain(document.title) == wanted]
        return same or [
            document
            for document in earlier
            if len(wanted) >= 6 and (wanted in _plain(document.title) or _plain(document.title) in wanted)
        ]

    def _start(self, source: Document, relation: Relation, target: Document) -> date | None:
        if relation.kind is RelationKind.CORRECTS:
            return target.effective
        return source.effective or source.published

    def _successor(self, document: Document) -> Document | None:
        """Find the later edition of a lapsed document: the same title, issued afterwards."""
        later = [
            other
            for other in self.documents.values()
            if other.id != document.id
            and _plain(other.title) == _plain(document.title)
            and (other.published or date.min) > (document.published or date.max)
        ]
        return min(later, key=lambda other: other.published or date.max, default=None)


def _plain(name: str) -> str:
    """Reduce a title or number to what must agree: no brackets, spaces, edition remarks or issuing formula."""
    name = re.sub(r"\((?:试行|暂行|修订|\d{4}年?版?)\)", "", halved(name))
    issued = re.search(r"关于印发《(.+)》的通知", name)
    name = issued.group(1) if issued else name
    return re.sub(r"[\s《》〔〕\[\]()【】“”\"、,。·\-—]|第(?=\d+号)", "", name)


def _names_same(named: str, *titles: str | None) -> bool:
    return any(title and (_plain(named) in _plain(title) or _plain(title) in _plain(named)) for title in titles)


def _reworded(clause: Clause, change: Change) -> Clause:
    """Put a change's words into a clause of the article it names; figures only where they stand alone."""
    if change.article is not None and article_of(clause.label) not in (change.article, None):
        return clause
    if not change.old:
        whole = change.article is not None and re.fullmatch(r"第[^第条]+条", clause.label)
        return replace(clause, text=change.new, rows=()) if whole else clause
    rows = tuple(tuple(_swap(cell, change.old, change.new) for cell in row) for row in clause.rows)
    return replace(clause, text=_swap(clause.text, change.old, change.new), rows=rows)


def _swap(text: str, old: str, new: str) -> str:
    """Replace words as a change names them, whatever width their punctuation has; "2次" is not in "12次"."""
    before, after = (r"(?<![\d.])" if old[:1].isdigit() else ""), (r"(?![\d.])" if old[-1:].isdigit() else "")
    pieces, end = [], 0
    for found in re.finditer(f"{before}{re.escape(halved(old))}{after}", halved(text)):
        pieces += [text[end : found.start()], new]
        end = found.end()
    return "".join([*pieces, text[end:]])
