"""What staff should look at in a file, as codes with facts; the words are in the catalogues (`warning.…`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.conflicts import SETTING, disagreeing
from knowledge.documents import Clause, Document, Relation, RelationKind, Visibility
from knowledge.personal_data import Personal, find, find_in_rows
from knowledge.rank import Rank, authority, issuer_rank, may_end
from knowledge.validity import ENDING, Register, Status

# Files that only tell which file is meant; the law above the county is never in its library.
_ABOVE = ("中华人民共和国", "国务院", "国家", "全国", "中共中央", "省", "自治区")
# Amending files say the new figure on purpose.
_ON_PURPOSE = (RelationKind.CORRECTS, RelationKind.SUPPLEMENTS, RelationKind.EXTENDS, RelationKind.PREVAILS)


@dataclass(frozen=True, slots=True)
class FileWarning:
    """One thing to look at. `clause` is the label of the place; `facts` fill the catalogue's text.

    Codes of one file: reader (message), personal_phone, personal_id_card, personal_bank_card, personal_email,
    personal_wechat (count), instruction (words), no_days, day_impossible, days_differ, no_year, start_unknown,
    end_before_start, end_open, repeals_unnamed (words). Codes of the library: conflict, conflict_rank
    (other, theirs, figures), target_missing (kind, target), rank_too_low (kind, target), kept_but_lapsed (target),
    expired (day), duplicate (file), outdated_correction (field, was, now).
    """

    code: str
    clause: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def values(self) -> dict[str, str]:
        return dict(self.facts)


def warn(code: str, clause: str = "", **facts: str) -> FileWarning:
    return FileWarning(code, clause, tuple(facts.items()))


def of_file(
    document: Document,
    clauses: Sequence[Clause],
    *,
    told: Iterable[str] = (),
    doubts: Iterable[tuple[str, str]] = (),
    instructions: Iterable[str] = (),
) -> list[FileWarning]:
    """Give what a file's own words leave open or hold by mistake. `told` are its reader's remarks."""
    found = [warn("reader", message=message) for message in told]
    found += [warn("instruction", words=words[:80]) for words in instructions]
    for clause in clauses:
        counts = Counter(place.kind for place in (*find(clause.text), *find_in_rows(clause.rows)))
        found += [
            warn(f"personal_{kind.value}", clause.label, count=str(counts[kind])) for kind in Personal if counts[kind]
        ]
    found += [warn(code, words=words) for code, words in doubts]
    if document.published is None and document.effective is None and document.kind in SETTING:
        found.append(warn("no_days"))
    return found


def of_library(register: Register, clauses: dict[str, list[Clause]], on: date) -> dict[str, list[FileWarning]]:
    """Give what shows only between files, by document: conflicts, targets that are not here, ranks, terms run out."""
    found: dict[str, list[FileWarning]] = {identity: [] for identity in register.documents}
    for document in register.documents.values():
        found[document.id] += _about_relations(document, register, on)
        standing = register.standing(document, on)
        last = register.last_day(document, on)
        if standing.status is Status.LAPSED and last is not None and last < on:
            found[document.id].append(warn("expired", day=last.isoformat()))
    for conflict in disagreeing(_compared(register, clauses, on)):
        first, second = register.documents[conflict.first.document], register.documents[conflict.second.document]
        if _on_purpose(first, second, register) or _on_purpose(second, first, register):
            continue
        code = "conflict" if authority(first) == authority(second) else "conflict_rank"
        for own, other, mine, theirs, figures in (
            (first, second, conflict.first, conflict.second, conflict.figures),
            (second, first, conflict.second, conflict.first, conflict.figures[::-1]),
        ):
            facts = {"other": name(other), "theirs": theirs.label, "own": figures[0], "figures": figures[1]}
            found[own.id].append(warn(code, mine.label, **facts))
    return found


def name(document: Document) -> str:
    return f"《{document.title}》" + (f"({document.doc_no})" if document.doc_no else "")


def _about_relations(document: Document, register: Register, on: date) -> Iterable[FileWarning]:
    for relation in document.relations:
        if relation.title is None and relation.doc_no is None:
            continue
        target = f"《{relation.title}》" if relation.title else str(relation.doc_no)
        targets = register.targets(document, relation)
        if not targets:
            if not _is_above(relation) and relation.kind is not RelationKind.REVISES:
                yield warn("target_missing", kind=relation.kind.value, target=target)
            continue
        for other in targets:
            low = not may_end(document, other)
            low = low or Rank.UNKNOWN < issuer_rank(document) < Rank.OFFICE <= issuer_rank(other)
            if relation.kind in ENDING and low and not relation.by_hand:
                yield warn("rank_too_low" if not may_end(document, other) else "rank_low", target=target)
            if relation.kind is RelationKind.KEEPS and register.standing(other, on).status is not Status.IN_FORCE:
                yield warn("kept_but_lapsed", target=target)


def _is_above(relation: Relation) -> bool:
    """Tell a law or a file of the state, province or city, which no county keeps in its library."""
    named = relation.title or ""
    return (
        named.startswith(_ABOVE) or named.endswith(("法", "条例")) or (relation.doc_no or "").startswith(("国", "省"))
    )


def _compared(register: Register, clauses: dict[str, list[Clause]], on: date) -> list[tuple[Document, Clause]]:
    """Give the clauses that the public is told as in force on a day, as they read on it."""
    return [
        (document, register.as_amended(clause, on)[0])
        for document in register.documents.values()
        if document.visibility is Visibility.PUBLIC and document.kind in SETTING
        for clause in clauses.get(document.id, ())
        if register.standing(document, on, clause).status is Status.IN_FORCE
    ]


def _on_purpose(source: Document, target: Document, register: Register) -> bool:
    return any(other.id == source.id and relation.kind in _ON_PURPOSE for other, relation in register.sources(target))
