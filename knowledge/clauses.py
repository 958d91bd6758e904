"""From blocks to clauses: what people cite, with the path that leads to it.

An article is one clause; a long article is one clause per item, each carrying the article's
opening words, since an item without them promises things to nobody in particular. A table is
one clause whose rows are read with their headers. Texts without articles are cut at their
own numbering or headings; a question and its answer stay together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from knowledge.documents import Clause
from knowledge.numbering import Level, halved, mark_of, to_int
from knowledge.read import Block, BlockKind
from knowledge.signatures import RED_HEAD, signature_in

# Longer articles are cut at their items: more than this nobody reads on a telephone.
LONG = 420

# Marks what of an article stands after its table.
AFTER = "(表后)"

# All patterns below are matched against half-width text.
_QUESTION = re.compile(r"(?:问|Q|提问)\s*\d*\s*:|(?:\d+|[一二三四五六七八九十]+)\s*[、.].{4,60}\?$")
_DATE_LINE = re.compile(
    r"\(?(?:\d{4}|[二〇○零一二三四五六七八九]{4})年[\d一二三四五六七八九十]+月[\d一二三四五六七八九十]+日\)?"
)
_FURNITURE = re.compile(
    r"目\s*录|\(此件[^)]*\)|.*现(?:将.{1,80})?印发给你们.*|(?:主题词|抄送|印发机关|附件目录):.*|第?\s*\d+\s*页.*"
)
_ADDRESSEES = re.compile(r"(?:各|县直|有关|全县)[^。]{2,80}:")
_HEAD = re.compile(
    r"(?:发布机构|发布单位|制定机关|来源|发文机关|编制单位|主办|(?:发布|印发|成文|更新|编制)(?:日期|时间)|文号|索引号):"
    r"|.{1,14}\d{4}.{1,3}\d+号$"
)
_NOTE_OF_SEVERAL = re.compile(r"(?:说明|备注|注)\s*:\s*1\s*[.、]")
_CAPTION = re.compile(r"[(【\[]\s*([^)】\]]{2,20})\s*[)】\]]|([^,。;:、\s]{2,14})[。:\s]\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class _Line:
    """A block with what its beginning says: its rank and number, if it has them."""

    block: Block
    text: str
    shape: str  # the text in half-width
    level: Level | None
    number: str
    rest: str

    @classmethod
    def of(cls, block: Block) -> _Line:
        text = block.text.strip()
        level, number, rest = mark_of(text) or (None, "", text)
        return cls(block, text, halved(text), level, number, rest)

    @property
    def is_furniture(self) -> bool:
        """Tell what is no clause: empty lines, contents, addressees, signature and date lines."""
        if self.block.kind is BlockKind.TABLE:
            return False
        bare = re.sub(r"\s+", "", self.shape)
        patterns = (_FURNITURE, _DATE_LINE, _ADDRESSEES, RED_HEAD)
        if not bare or any(pattern.fullmatch(bare) for pattern in patterns):
            return True
        return self.level is None and self.block.kind is not BlockKind.HEADING and signature_in(self.text) is not None

    def is_head(self, title: str) -> bool:
        """Tell a line of the head, which names the file: its title, its number, where it comes from."""
        if self.block.kind is BlockKind.TABLE:
            return False
        bare = re.sub(r"\s+", "", self.text)
        return bare in title or title in bare or bool(_HEAD.match(re.sub(r"\s+", "", self.shape)))

    @property
    def is_heading(self) -> bool:
        """Tell a numbered heading from a sentence that begins with a number or a reference."""
        if self.block.kind in (BlockKind.HEADING, BlockKind.TITLE):
            return True
        return len(self.rest) <= 30 and not self.shape.endswith(("。", ";", ",", ":"))


@dataclass(slots=True)
class _Draft:
    """A clause being collected."""

    path: tuple[str, ...]
    label: str
    lines: list[str] = field(default_factory=list)
    rows: tuple[tuple[str, ...], ...] = ()
    level: Level | None = None
    blocks: list[Block] = field(default_factory=list)  # where its lines come from, one for each

    def add(self, line: _Line) -> None:
        self.lines.append(line.text)
        self.blocks.append(line.block)


def split(document: str, blocks: Sequence[Block], title: str = "") -> list[Clause]:
    """Cut a document into clauses in reading order. Titles, signature and date lines are no clauses."""
    lines = [_Line.of(block) for block in _parted(blocks)]
    head = next((i for i, line in enumerate(lines) if line.level is not None), len(lines))
    lines = [line for i, line in enumerate(lines) if not line.is_furniture and not (i < head and line.is_head(title))]
    clauses: list[Clause] = []
    used: dict[str, int] = {}
    for draft in _pieces(_Cutter(lines).cut()):
        # Two tables of one article, or two numberings in one text: a label must lead to one place.
        used[draft.label] = used.get(draft.label, 0) + 1
        label = draft.label if used[draft.label] == 1 else f"{draft.label}({used[draft.label]})"
        number = len(clauses)
        clauses.append(
            Clause(
                f"{document}#{number}",
                document,
                number,
                draft.path,
                label,
                "\n".join(draft.lines),
                draft.rows,
                draft.blocks[0].page if draft.blocks else None,
                draft.blocks[0].sheet if draft.blocks else None,
            )
        )
    return clauses


def _parted(blocks: Sequence[Block]) -> Iterator[Block]:
    """Part what a reader ran together: "五、……。六、……" where the number is the next one."""
    for block in blocks:
        rest = block
        while rest.kind is not BlockKind.TABLE and (mark := mark_of(rest.text)) and mark[0] is Level.HEADING:
            following = re.search(rf"(?<=[。;;])\s*(?={_chinese(to_int(mark[1]) + 1)}、)", rest.text)
            if following is None:
                break
            yield replace(rest, text=rest.text[: following.start()])
            rest = replace(rest, text=rest.text[following.end() :])
        yield rest


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones else "")


def heading_of(clause: Clause) -> str:
    """Give the words that name a clause: its nearest heading and its own caption, if it has one."""
    first = clause.text.split("\n", 1)[0]
    mark = mark_of(first)
    captioned = _CAPTION.match(halved(mark[2])) if mark else None
    caption = (captioned.group(1) or captioned.group(2)) if captioned else ""
    # A clause that is a headed part of its own ("二、所需材料") is named by that.
    own = mark_of(clause.label)
    nearest = clause.label if own and own[2] else clause.path[-1] if clause.path else ""
    above = mark_of(nearest)
    return " ".join(filter(None, [above[2] if above else nearest, caption]))


class _Cutter:
    """Walks the lines once, holding where it stands.

    A clause opens at an article or, in a text without articles (and in annexes), at the highest
    number it uses; lower numbers belong to the clause that is open.
    """

    def __init__(self, lines: Sequence[_Line]) -> None:
        self._lines = lines
        self._has_articles = sum(line.level is Level.ARTICLE for line in lines) >= 2
        self._path: dict[int, str] = {}
        self._numbers: dict[int, str] = {}
        self._draft: _Draft | None = None
        self._paragraphs = 0
        self._questions = 0

    def cut(self) -> Iterator[_Draft]:
        for line in self._lines:
            if line.block.kind is BlockKind.TABLE:
                yield from self._table(line)
            elif line.block.kind is BlockKind.TITLE and line.level is None:
                yield from self._close()
            elif _QUESTION.match(line.shape):
                yield from self._close()
                self._questions += 1
                self._open(f"问答{self._questions}", line)
            elif self._opens_part(line):
                yield from self._close()
                self._enter(line)
            elif self._draft is None or self._opens_clause(line):
                yield from self._close()
                self._open(self._label_of(line), line)
            else:
                self._draft.add(line)
        yield from self._close()

    @property
    def _in_articles(self) -> bool:
        return self._has_articles and Level.ANNEX not in self._path

    def _opens_part(self, line: _Line) -> bool:
        if line.level is None:
            return line.block.kind is BlockKind.HEADING
        if line.level <= Level.SECTION:
            return line.is_heading
        # "一、支持产业" over articles leads like a chapter; so does a marked heading over lower numbers.
        return line.level < Level.ARTICLE and self._in_articles and line.is_heading

    def _opens_clause(self, line: _Line) -> bool:
        """Tell whether a line begins a clause of its own rather than going on with the open one."""
        if self._draft is None or self._draft.label.startswith("问答") or line.level is None:
            return False
        if self._in_articles:
            return line.level is Level.ARTICLE
        if self._draft.level is None:
            # "说明:1.本表自……" goes on with its 2.
            return not (line.level >= Level.POINT and _NOTE_OF_SEVERAL.match(halved(self._draft.lines[0])))
        return line.level <= self._draft.level

    def _enter(self, line: _Line) -> None:
        rank = int(line.level) if line.level is not None else int(Level.CHAPTER) + min(line.block.level, 3)
        self._leave(rank)
        self._path[rank] = line.text
        if line.level is not None and line.level is not Level.CHAPTER:
            self._numbers[rank] = line.number.replace(" ", "")

    def _leave(self, rank: int) -> None:
        self._path = {key: step for key, step in self._path.items() if key < rank}
        self._numbers = {key: number for key, number in self._numbers.items() if key < rank}
        self._paragraphs = 0

    def _label_of(self, line: _Line) -> str:
        if line.level is Level.ARTICLE:
            return line.number
        if line.level is not None and not self._in_articles:
            named = line.level is Level.HEADING and line.is_heading
            return line.text if named else _joined([*self._places(), _item(line.number, self._places())])
        self._paragraphs += 1
        return f"{self._place() or ('引言' if self._has_articles else '正文')}第{self._paragraphs}段"

    def _places(self) -> list[str]:
        return [self._numbers[rank] for rank in sorted(self._numbers)]

    def _place(self) -> str:
        """Give where we stand as people cite it: "附件1", "二"; a heading without number by its words."""
        return _joined(self._places()) or next(reversed(self._path.values()), "")

    def _open(self, label: str, line: _Line) -> None:
        path = [self._path[rank] for rank in sorted(self._path)]
        self._draft = _Draft(tuple(path), label, [line.text], level=line.level, blocks=[line.block])

    def _close(self) -> Iterator[_Draft]:
        # A heading with nothing under it but a table says nothing of its own.
        if self._draft is not None and self._draft.lines and self._draft.lines != [self._draft.label]:
            yield self._draft
        self._draft = None

    def _table(self, line: _Line) -> Iterator[_Draft]:
        """Give a table as a clause of its own; the clause it stands in goes on after it."""
        draft, caption = self._draft, line.text
        if not caption and draft is not None and len(draft.lines) > 1:
            last = draft.lines[-1]
            caption = draft.lines.pop() if "表" in last and len(last) <= 40 else ""
        yield from self._close()
        place = draft.label.removesuffix(AFTER) if draft is not None and draft.level is not None else self._place()
        path = tuple(self._path[rank] for rank in sorted(self._path))
        if draft is not None and draft.level is Level.HEADING:
            path = (*path, place)
        label = place if place.startswith("附") else f"{place}附表" if place else caption or "附表"
        lines = [caption] if caption else []
        yield _Draft(path, label, lines, _with_one_header(line.block.rows), blocks=[line.block])
        if draft is not None and draft.level is not None:
            self._draft = _Draft(path, place + AFTER, [], level=draft.level)


def _with_one_header(rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Fold a header of two rows into one: 服务补助 over 假日工程师 and 候鸟型专家 reads "服务补助 假日工程师"."""
    if len(rows) < 3 or len(set(rows[0])) == len(rows[0]):
        return rows
    spanned = {cell for cell in rows[0] if rows[0].count(cell) > 1}
    pairs = list(zip(rows[0], rows[1], strict=True))
    # Cells that reach over both rows stand in both; where none does, the second row is no header.
    if "" in rows[0] or not any(upper in spanned and upper != lower for upper, lower in pairs):
        return rows
    if not all(upper in spanned or upper == lower or not re.search(r"\d", lower) for upper, lower in pairs):
        return rows
    if not any(upper == lower for upper, lower in pairs):
        return rows
    first = (upper if upper == lower else f"{upper} {lower}" for upper, lower in zip(rows[0], rows[1], strict=True))
    return (tuple(first), *rows[2:])


def _joined(numbers: Sequence[str]) -> str:
    """Join numbers as people cite them: 二、(一)."""
    text = "".join(
        f"{number}、" if re.fullmatch(r"[一二三四五六七八九十]+|附.*\d", number) else number for number in numbers
    )
    return re.sub(r"、(?=第)", "", text).rstrip("、")


def _item(number: str, places: Sequence[str]) -> str:
    """Give an annex's item as people cite it: 附件2第3项, 附件2第(一)项."""
    of_annex = bool(places) and places[-1].startswith("附")
    return f"第{number}项" if of_annex and re.fullmatch(r"\d+|\(.+\)", number) else number


def _pieces(drafts: Iterable[_Draft]) -> Iterator[_Draft]:
    """Cut long clauses at their highest numbers; the opening words stay with each piece."""
    for draft in drafts:
        marks = [mark_of(line) for line in draft.lines]
        inner = [mark[0] for mark in marks[1:] if mark and mark[0] >= Level.ITEM]
        starts = [i for i, mark in enumerate(marks) if i and mark and inner and mark[0] is min(inner)]
        if draft.rows or len(starts) < 2 or sum(map(len, draft.lines)) <= LONG:
            yield draft
            continue
        opening = draft.lines[: starts[0]]
        for start, end in zip(starts, [*starts[1:], len(draft.lines)], strict=True):
            mark = marks[start]
            number = mark[1] if mark else ""
            item = _item(number, [draft.label])
            label = f"{draft.label}第{number}项" if draft.label.endswith("条") else _joined([draft.label, item])
            yield _Draft(draft.path, label, [*opening, *draft.lines[start:end]], blocks=draft.blocks[start:end])
