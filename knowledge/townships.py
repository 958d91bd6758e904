"""Old names of townships after mergers, read from the notices that made them: 撤销A乡、B镇,合并设立C镇."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from knowledge.documents import Clause, Document
from knowledge.numbering import halved
from knowledge.rank import OFFICIAL, authority

# The verbs of a merger are left out, so that they can't be taken for the beginning of a name.
_HAN = r"(?:(?![撤销将把])[\u4e00-\u9fff])"
_UNIT = rf"(?:{_HAN}{{1,5}}?族)?{_HAN}{{1,6}}?(?:乡|镇|街道办事处|街道|苏木)"
_NAME = re.compile(_UNIT)
_LEADING = re.compile(
    r"^(?:同意|决定|现|经|将|把|由|原|撤销|撤并|以|在|并入|划入|划归|更名为|改为|设立|组建|成立|新|合并为|和|与|及)+"
)
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:将|把|撤销|由|以)?(?:原)?(?P<old>(?:{_UNIT}(?:建制)?[、和及与]?(?:原)?){{1,8}})(?:的?(?:全部)?(?:行政区域|建制|辖区))?[,]?"
        rf"(?:整建制|整体|予以|进行)?(?:合并|撤并)(?:[,]?(?:设立|组建|成立|为|成|而?成|组成))+(?:新的)?(?P<new>{_UNIT})",
        rf"撤销(?:原)?(?P<old>(?:{_UNIT}(?:建制)?[、和及与]?(?:原)?){{1,8}})(?:建制)?[,]?(?:合并)?(?:以其?[^,。;]{{0,30}}行政区域)?[,]?(?:合并)?(?:设立|组建|成立)(?:新的)?(?P<new>{_UNIT})",
        rf"(?:将|把|撤销)?(?:原)?(?P<old>(?:{_UNIT}(?:建制)?[、和及与]?(?:原)?){{1,8}})(?:建制)?[,]?(?:将?其?(?:所辖)?(?:行政)?区域|整建制|整体|成建制|全部)*(?:并入|划入|划归|归入)(?P<new>{_UNIT})",
        rf"(?:将|把)?(?:原)?(?P<old>{_UNIT})(?:正式)?(?:更名|改名|改称|改设|撤乡设镇改)(?:为|成)(?P<new>{_UNIT})",
    )
)


@dataclass(frozen=True, slots=True)
class Merger:
    """A township whose name is no more, what it belongs to since a day, and the clause that says so."""

    old: str
    new: str
    since: date | None
    clause: str


def mergers_in(document: Document, clauses: Iterable[Clause]) -> Iterator[Merger]:
    """Read the mergers and new names a document decrees; explanations, leaflets and news decree none."""
    if authority(document)[0] < OFFICIAL:
        return
    since = document.effective or document.published
    for clause in clauses:
        for sentence in re.split(r"[。;\n]", halved(clause.text)):
            for old, new in _in_sentence(sentence):
                yield Merger(old, new, since, clause.id)


def _in_sentence(sentence: str) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for form in _FORMS:
        for match in form.finditer(sentence):
            new = _bare(match["new"])
            for name in _NAME.findall(re.sub(r"建制|(?<=[乡镇道木])[、和及与]", ",", match["old"])):
                old = _bare(name)
                if old != new and len(old) >= 2:
                    found.setdefault(old, new)
    return list(found.items())


def _bare(name: str) -> str:
    """Take off the verbs and the county that run into a name ("将望川县东山乡" → "东山乡")."""
    name = _LEADING.sub("", re.sub(r"^.*[县市区](?=[\u4e00-\u9fff]{1,6}(?:乡|镇|街道))", "", name))
    return name.removesuffix("办事处") if name.endswith("街道办事处") else name


def present_names(mergers: Iterable[Merger], on: date) -> Mapping[str, str]:
    """Give what each old name is called on a day; a township merged twice leads to the last name.

    A name that lives on ("A镇和B乡合并为A镇") maps nothing of its own.
    """
    step: dict[str, str] = {}
    for merger in sorted(mergers, key=lambda m: (m.since or date.min, m.clause)):
        if merger.since is None or merger.since <= on:
            step[merger.old] = merger.new
            # A name taken up again is old no longer.
            step.pop(merger.new, None)
    return {old: _last(step, old) for old in step}


def _last(step: Mapping[str, str], name: str) -> str:
    seen = {name}
    while name in step and step[name] not in seen:
        name = step[name]
        seen.add(name)
    return name
