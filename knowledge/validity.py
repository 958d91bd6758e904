"""What is true on a day: which documents and clauses apply, what replaced them, and how a corrected clause reads.

Validity is decided before similarity: a clause that does not apply on the day is never evidence for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from knowledge.documents import Clause, Document, Relation, RelationKind
from knowledge.numbering import article_of, halved
from knowledge.relations import corrections_in


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
        self._corrections: dict[str, list[tuple[str, str, str]]] = {}
        for source in self.documents.values():
            for relation in source.relations:
                for target in self._targets(source, relation):
                    article = article_of(relation.clause) if relation.clause else None
                    since = relation.since or self._start(source, relation, target)
                    self._changes[target.id].append(_Change(relation, source, since, article))
            if any(relation.kind is RelationKind.CORRECTS for relation in source.relations):
                self._corrections[source.id] = [
                    (clause.label, old, new)
                    for clause in clauses.get(source.id, ())
                    for old, new in corrections_in(clause.text)
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

    def as_corrected(self, clause: Clause, on: date) -> tuple[Clause, Document | None]:
        """Give a clause as it reads on a day, and the correction that changed it (None if none did).

        A correction replaces the words it names, from the day it names or else from the corrected
        file's own first day; where a correction names an article, only that article changes.
        """
        document, by = self.documents[clause.document], None
        for change in self._changes[document.id]:
            if change.relation.kind is not RelationKind.CORRECTS or (change.source.published or date.min) > on:
                continue
            for _, old, new in self._corrections.get(change.source.id, ()):
                if change.article is not None and article_of(clause.label) not in (change.article, None):
                    continue
                text, rows = (
                    _swap(clause.text, old, new),
                    tuple(tuple(_swap(c, old, new) for c in r) for r in clause.rows),
                )
                if (text, rows) != (clause.text, clause.rows):
                    clause, by = replace(clause, text=text, rows=rows), change.source
        return clause, by

    def _targets(self, source: Document, relation: Relation) -> list[Document]:
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


def _swap(text: str, old: str, new: str) -> str:
    """Replace words as a correction names them, whatever width their punctuation has."""
    found = halved(text).find(halved(old))
    while found >= 0:
        text = text[:found] + new + text[found + len(old) :]
        found = halved(text).find(halved(old), found + len(new))
    return text
