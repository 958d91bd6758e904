"""Markdown: headings, lists, pipe tables and paragraphs; HTML in it as in a web page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.numbering import mark_of
from knowledge.read import Block, BlockKind, Reading
from knowledge.read.encodings import decode
from knowledge.read.hidden import Hidden

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_UNDERLINE = re.compile(r"(=+|-+)$")
_BULLET = re.compile(r"[-*+]\s+(?:\[[ xX]\]\s+)?(.*)")
_RULE = re.compile(r"(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,}")
_ROW = re.compile(r"\|.*\|?\s*$")
_DIVIDER = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
_FRONT = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)(?:\n|\Z)", re.DOTALL)
_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
# "[//]: # (…)" is how people write comments; other definitions are addresses of links.
_DEFINITION = re.compile(r"\[([^\]]+)\]:\s*\S+\s*(?:[\"'(](.*)[\"')])?\s*$")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_HTML_BLOCK = re.compile(
    r"<(div|table|section|article|p|ul|ol|details|center|script|style|aside|nav|header|footer|form|template)\b",
    re.IGNORECASE,
)
_INLINE = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)(.+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"`([^`]+)`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>])"), r"\1"),
)


def read_markdown(data: bytes) -> Reading:
    """Read Markdown; comments and front matter are left out, but for the title there."""
    text = decode(data)
    title = None
    if front := _FRONT.match(text):
        named = re.search(r"^title:\s*[\"']?(.*?)[\"']?\s*$", front.group(1), re.MULTILINE | re.IGNORECASE)
        title = named.group(1) if named else None
        text = text[front.end() :]
    reader = _Reader()
    text = _COMMENT.sub(reader.comment, text)
    return Reading(tuple(reader.blocks(text)), "markdown", title or None, reader.hidden.warnings())


class _Reader:
    """Walks the lines once, holding the block that may go on."""

    def __init__(self) -> None:
        self.hidden = Hidden()
        self._rows: list[tuple[str, ...]] = []
        self._held: Block | None = None

    def comment(self, found: re.Match[str]) -> str:
        """Note a comment and leave nothing of it."""
        self.hidden.comment(found.group(1))
        return ""

    def blocks(self, text: str) -> Iterator[Block]:
        """Give the blocks of a text in order."""
        lines = text.split("\n")
        place, first = 0, True
        while place < len(lines):
            raw, place = lines[place], place + 1
            line = raw.strip(" \t\u3000").lstrip(">").strip(" \t\u3000")
            if opened := _HTML_BLOCK.match(line):
                yield from self._flush()
                end = _end_of(lines, place - 1, opened.group(1))
                yield from self._page("\n".join(lines[place - 1 : end]))
                place = end
                continue
            if _ROW.match(line) and line.count("|") >= 2:
                yield from self._flush(rows=False)
                if not _DIVIDER.fullmatch(line):
                    self._rows.append(
                        tuple(self._plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", line.strip("|")))
                    )
                continue
            if self._rows:
                yield from self._flush()
            if self._held is not None and self._held.kind is BlockKind.PARAGRAPH and _UNDERLINE.fullmatch(line):
                level = 1 if line[0] == "=" else 2
                kind = BlockKind.TITLE if first and level == 1 else BlockKind.HEADING
                yield Block(kind, self._held.text, level)
                self._held, first = None, False
            elif not line or _RULE.fullmatch(line) or line.startswith(("```", "~~~")):
                yield from self._flush()
            elif definition := _DEFINITION.match(line):
                if definition.group(1) == "//":
                    self.hidden.comment(definition.group(2) or "")
            elif heading := _HEADING.match(line):
                yield from self._flush()
                kind = BlockKind.TITLE if heading.group(1) == "#" and first else BlockKind.HEADING
                yield Block(kind, self._plain(heading.group(2)), len(heading.group(1)))
                first = False
            elif bullet := _BULLET.match(line):
                yield from self._flush()
                self._held = Block(BlockKind.LIST_ITEM, self._plain(bullet.group(1)))
            elif self._held is not None and mark_of(line) is None:
                gap = _gap(self._held.text, line)
                self._held = Block(self._held.kind, f"{self._held.text}{gap}{self._plain(line)}")
            else:
                yield from self._flush()
                self._held = Block(BlockKind.PARAGRAPH, self._plain(line))
            if raw.endswith("  ") and line:
                yield from self._flush()
        yield from self._flush()

    def _flush(self, *, rows: bool = True) -> Iterator[Block]:
        if self._held is not None:
            if self._held.text:
                yield self._held
            self._held = None
        if rows and self._rows:
            width = max(map(len, self._rows))
            yield Block(BlockKind.TABLE, rows=tuple((*row, *[""] * (width - len(row))) for row in self._rows))
            self._rows = []

    def _page(self, source: str) -> Iterator[Block]:
        from knowledge.read.html import fragment

        for block in fragment(source, self.hidden):
            yield block if block.rows else Block(block.kind, self._plain(block.text), block.level)

    def _plain(self, text: str) -> str:
        if _TAG.search(text):
            from knowledge.read.html import fragment

            text = " ".join(block.text for block in fragment(text, self.hidden))
        for pattern, kept in _INLINE:
            text = pattern.sub(kept, text)
        return text


def _end_of(lines: list[str], start: int, tag: str) -> int:
    """Find where a block of HTML ends: where its first tag is closed, or else at an empty line."""
    depth = 0
    for place in range(start, len(lines)):
        depth += len(re.findall(rf"<{tag}\b", lines[place], re.IGNORECASE))
        depth -= len(re.findall(rf"</{tag}\s*>", lines[place], re.IGNORECASE))
        if depth <= 0:
            return place + 1
    return next((place for place in range(start, len(lines)) if not lines[place].strip()), len(lines))


def _gap(before: str, after: str) -> str:
    """Lines of Latin text need a space between them, lines of Chinese must not have one."""
    return " " if before[-1:].isascii() and after[:1].isascii() else ""
