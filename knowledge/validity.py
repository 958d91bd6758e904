"""What is true on a day: which documents and clauses apply, what replaced them, and how a corrected clause reads.

Validity is decided before similarity: a clause that does not apply on the day is never evidence for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from knowledge.changes import Change, changes_in, unit_for_rows
from knowledge.days import after_term
from knowledge.documents import Clause, Document, Relation, RelationKind
from knowledge.naming import is_short_for, plain_name, short_names_in, with_full_titles
from knowledge.numbering import article_of
from knowledge.parts import Reach, reach, struck
from knowledge.rank import may_end
from knowledge.rewording import Swap, is_about, place, reworded

# Relations that change how another file's clauses read.
AMENDING = (RelationKind.CORRECTS, RelationKind.SUPPLEMENTS)
# An edition of one of these takes the place of the one before; two notices of one title are two notices.
EDITIONS = ("measures", "list")


class Status(StrEnum):
    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    LAPSED = "lapsed"
    REPEALED = "repealed"


# What relations that end a file make of it.
ENDING = {
    RelationKind.REPEALS: Status.REPEALED,
    RelationKind.REVISES: Status.REPEALED,
    RelationKind.LAPSES: Status.LAPSED,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A document's or clause's status on a day and the document that brought it about, if one did."""

    status: Status
    by: Document | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """A resolved relation: what `source` does to a document from `since` on."""

    relation: Relation
    source: Document
    since: date

    @property
    def order(self) -> tuple[date, str]:
        return self.since, self.source.id


class Register:
    """All documents with their relations resolved; answers for any day, whatever order they came in."""

    def __init__(self, documents: Iterable[Document], clauses: Mapping[str, Iterable[Clause]]) -> None:
        self.documents = {document.id: document for document in documents}
        self._by_title: dict[str, list[Document]] = defaultdict(list)
        for document in self.documents.values():
            self._by_title[plain_name(document.title)].append(document)
        changes: dict[str, list[_Change]] = defaultdict(list)
        for source in self.documents.values():
            for relation in (*source.relations, *self.edition(source)):
                for target in self.targets(source, relation):
                    if relation.kind in ENDING and not (relation.by_hand or may_end(source, target)):
                        continue
                    since = relation.since or self._start(source, relation, target) or date.min
                    changes[target.id].append(_Change(relation, source, since))
        self._changes = {
            target: sorted(dict.fromkeys(found), key=lambda change: change.order) for target, found in changes.items()
        }
        self._said: dict[str, list[Change]] = {}
        self._swaps = self._find_swaps(clauses)
        self._unnamed = self._find_unnamed(clauses)
        self._overruled = self._find_overruled(clauses)

    def standing(
        self, document: Document, on: date, clause: Clause | None = None, known: date | None = None
    ) -> Standing:
        """Tell whether a document, or one clause of it, applies on a day (county time).

        A document lapses at the end of its last day even if no later file says so; a file that extends
        its term counts once it is published, by `known` (the day of reading, if later than `on`). A repeal
        counts from the repealing file's effective day, not from its publication, and only if the
        repealing file itself was not repealed before it took effect. Where a later file takes precedence
        over what disagrees with it, the clauses of the file it names that disagree are repealed by it.
        """
        begins = document.effective or document.published
        if begins is not None and on < begins:
            return Standing(Status.NOT_YET)
        for change in self._endings(document.id):
            if on < change.since:
                continue
            part = change.relation.clause
            if part is None or (clause is not None and reach(part, clause) is Reach.WHOLE):
                return Standing(ENDING[change.relation.kind], change.source)
        last = self.last_day(document, known or on)
        if last is not None and on > last:
            return Standing(Status.LAPSED, self._successor(document))
        if clause is not None and (overruling := self._overruled.get(clause.id)) and on >= overruling.since:
            return Standing(Status.REPEALED, overruling.source)
        return Standing(Status.IN_FORCE)

    def last_day(self, document: Document, known: date) -> date | None:
        """Give a document's last day in force with the extensions published by a day; None where it has none."""
        last = document.expires
        for change in self._changes.get(document.id, ()):
            relation, published = change.relation, change.source.published or date.min
            if relation.kind is not RelationKind.EXTENDS or published > known or last is None:
                continue
            longer = relation.until
            if longer is None and relation.months:
                longer = after_term(last + timedelta(days=1), f"{relation.months}个月")
            last = max(last, longer or last)
        return last

    def sources(self, document: Document) -> list[tuple[Document, Relation]]:
        """Give every document that does something to this one, with what it does, by day."""
        return [(change.source, change.relation) for change in self._changes.get(document.id, ())]

    def _endings(self, target: str, seen: frozenset[str] = frozenset()) -> Iterator[_Change]:
        """Give what ends a document, earliest first; a file repealed before it took effect ends nothing."""
        for change in self._changes.get(target, ()):
            if change.relation.kind in ENDING and not self._was_void(change, seen | {target}):
                yield change

    def _was_void(self, change: _Change, seen: frozenset[str]) -> bool:
        if change.source.id in seen:
            return False
        return any(
            earlier.relation.clause is None and earlier.since <= change.since
            for earlier in self._endings(change.source.id, seen)
        )

    def _find_overruled(self, clauses: Mapping[str, Iterable[Clause]]) -> dict[str, _Change]:
        """Find the clauses that give way to a file that takes precedence over what disagrees with it."""
        overruled: dict[str, _Change] = {}
        for target, changes in self._changes.items():
            for change in (change for change in changes if change.relation.kind is RelationKind.PREVAILS):
                # Only where a file says so are words cut here: that takes time.
                from knowledge.conflicts import disagreeing

                part = change.relation.clause
                theirs = [
                    (self.documents[target], clause)
                    for clause in clauses.get(target, ())
                    if part is None or reach(part, clause) is Reach.WHOLE
                ]
                own = [(change.source, clause) for clause in clauses.get(change.source.id, ())]
                # An article that the file names itself needs less to be found to disagree.
                for conflict in disagreeing(own, theirs, named=part is not None):
                    overruled.setdefault(conflict.second.id, change)
        return overruled

    def edition(self, source: Document) -> list[Relation]:
        """Give the relation that a later file of the same title has to the earlier ones without saying so."""
        if source.kind not in EDITIONS or source.published is None:
            return []
        earlier = [
            other
            for other in self._by_title[plain_name(source.title)]
            if other.id != source.id
            and other.kind in EDITIONS
            and other.published is not None
            and other.published < source.published
            and (other.doc_no is None or other.doc_no != source.doc_no)
        ]
        return [Relation(RelationKind.REVISES, source.title)] if earlier else []

    def related(self, document: Document, kind: RelationKind, on: date) -> list[Document]:
        """Give the documents that do this to a document as a whole and apply on a day, oldest first."""
        found = {
            change.source.id: change.source
            for change in self._changes.get(document.id, ())
            if change.relation.kind is kind and change.relation.clause is None and change.source.kind != "list"
        }
        applying = [source for source in found.values() if self.standing(source, on).status is Status.IN_FORCE]
        return sorted(applying, key=lambda source: (source.effective or date.min, source.id))

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
            if change.relation.kind is RelationKind.REPEALS and change.relation.clause:
                amended = struck(clause, change.relation.clause)
            else:
                amended = reworded(clause, self._swaps.get((change.source.id, clause.id), ()))
            if amended != clause:
                clause = amended
                by[change.relation.kind, change.source.id] = (change.relation.kind, change.source)
        return clause, tuple(by.values())

    def amending(self, clause: Clause, on: date, known: date | None = None) -> list[Document]:
        """Give the corrections and supplements that name this clause's article, or are about it, and count on a day."""
        document = self.documents[clause.document]
        found = {
            change.source.id: change.source
            for change in self._amendments(clause, document, on, known or on, of_article=True)
        }
        for listed, row in self._unnamed:
            # A row of a list that names no file is told beside the clause that gives its matter the old limit.
            counts = listed.id != document.id and self.standing(listed, on).status is Status.IN_FORCE
            if counts and is_about(row, clause, document.title):
                found.setdefault(listed.id, listed)
        return list(found.values())

    def saying(self, source: Document, clause: Clause) -> list[Change]:
        """Give what a file says of a clause that it changes or is about, each with the clause that says so."""
        title = self.documents[clause.document].title
        told = [row for listed, row in self._unnamed if listed.id == source.id and is_about(row, clause, title)]
        return [swap.change for swap in self._swaps.get((source.id, clause.id), ())] or told

    def _amendments(
        self, clause: Clause, document: Document, on: date, known: date, *, of_article: bool = False
    ) -> Iterator[_Change]:
        """Give what changes a clause on a day, each file once; `of_article` adds what only names its article."""
        seen: set[tuple[RelationKind, str]] = set()
        for change in self._changes.get(document.id, ()):
            relation = change.relation
            if (change.source.published or date.min) > known or on < change.since:
                continue
            partly = relation.kind is RelationKind.REPEALS and relation.clause and not of_article
            if partly and reach(relation.clause or "", clause) is Reach.PART:
                yield change
            if relation.kind not in AMENDING or (relation.kind, change.source.id) in seen:
                continue
            named = article_of(relation.clause) if relation.clause else None
            is_placed = (change.source.id, clause.id) in self._swaps
            if not is_placed and not (of_article and named is not None and named == article_of(clause.label)):
                continue
            lasting = relation.kind is RelationKind.CORRECTS
            if lasting or self.standing(change.source, on).status is Status.IN_FORCE:
                seen.add((relation.kind, change.source.id))
                yield change

    def _find_swaps(self, clauses: Mapping[str, Iterable[Clause]]) -> dict[tuple[str, str], list[Swap]]:
        """Place what corrections, supplements and lists say in the clauses of the files they change."""
        found: dict[tuple[str, str], list[Swap]] = {}
        for target, changes in self._changes.items():
            for source in dict.fromkeys(c.source for c in changes if c.relation.kind in AMENDING):
                named = [c.relation.title for c in changes if c.source.id == source.id]
                document = self.documents[target]
                said = [c for c in self._changes_said(source, clauses) if _is_meant(c, document, named)]
                for clause, swaps in place(said, list(clauses.get(target, ()))).items():
                    found[source.id, clause] = swaps
        return found

    def _find_unnamed(self, clauses: Mapping[str, Iterable[Clause]]) -> list[tuple[Document, Change]]:
        """Give the rows of lists that name no file, or none that is here."""
        return [
            (source, change)
            for source in self.documents.values()
            if source.kind == "list"
            for change in self._changes_said(source, clauses)
            if change.row
            and not change.doc_no
            and not any(
                change.title and plain_name(d.title).endswith(plain_name(change.title)) for d in self.documents.values()
            )
        ]

    def _changes_said(self, source: Document, clauses: Mapping[str, Iterable[Clause]]) -> list[Change]:
        if source.id not in self._said:
            own = list(clauses.get(source.id, ()))
            unit = unit_for_rows([clause.text for clause in own])
            short_names = short_names_in("\n".join(clause.text for clause in own))
            self._said[source.id] = [
                replace(change, clause=clause.id)
                for clause in own
                for change in changes_in(with_full_titles(clause.text, short_names), clause.rows, unit)
            ]
        return self._said[source.id]

    def targets(self, source: Document, relation: Relation) -> list[Document]:
        """Find what a relation names among the documents at hand: by number, else by title."""
        others = [document for document in self.documents.values() if document.id != source.id]
        if relation.doc_no:
            number = plain_name(relation.doc_no)
            numbered = [document for document in others if document.doc_no and plain_name(document.doc_no) in number]
            if numbered:
                return numbered
        if not relation.title:
            return []
        wanted = plain_name(relation.title)
        # A later edition carries the same title: a repeal means what was there before, unless a person says so.
        earlier = [
            other
            for other in others
            if relation.by_hand or not (other.published and source.published and other.published > source.published)
        ]
        same = [document for document in earlier if plain_name(document.title) == wanted]
        same = same or [document for document in earlier if is_short_for(wanted, plain_name(document.title))]
        if same or relation.kind in ENDING or len(wanted) < 4:
            return same
        # 《若干措施》 is enough where only one title ends so; not to end a file by.
        if source.kind == "list":
            # A year's limits hold for the files of that year as well; where one's figure fits, it is meant.
            return [document for document in others if plain_name(document.title).endswith(wanted)]
        ending = [document for document in earlier if plain_name(document.title).endswith(wanted)]
        if not ending and relation.kind is RelationKind.SUPPLEMENTS:
            ending = [
                document for document in earlier if document.kind == "notice" and wanted in plain_name(document.title)
            ]
        return ending if len(ending) == 1 else []

    def _start(self, source: Document, relation: Relation, target: Document) -> date | None:
        if relation.kind is RelationKind.CORRECTS:
            return target.effective
        return source.effective or source.published

    def _successor(self, document: Document) -> Document | None:
        """Find the later edition of a lapsed document: the same title, issued afterwards."""
        later = [
            other
            for other in self._by_title[plain_name(document.title)]
            if other.id != document.id and (other.published or date.min) > (document.published or date.max)
        ]
        return min(later, key=lambda other: (other.published or date.max, other.id), default=None)


def _is_meant(change: Change, document: Document, named: Sequence[str | None]) -> bool:
    """Tell whether a change is meant for a file: by its number, else by a title; one that names none is."""
    if change.doc_no and document.doc_no:
        return plain_name(document.doc_no) in plain_name(change.doc_no)
    if change.title is None:
        return not change.row or change.doc_no is not None
    titles = [plain_name(title) for title in (*named, document.title) if title]
    return any(plain_name(change.title) in title or title in plain_name(change.title) for title in titles)
