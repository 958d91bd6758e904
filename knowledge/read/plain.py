"""Plain text in any Chinese encoding, and Markdown."""

from __future__ import annotations

import codecs
import re

from knowledge.numbering import halved, mark_of
from knowledge.read import Block, BlockKind, Reading, Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Control characters no text has; form feeds and the like are harmless.
_NO_TEXT = re.compile(r"[\x00-\x06\x0e-\x1a\x7f]")


def decode(data: bytes) -> str:
    """Decode text by its BOM, as UTF-8, or as GB18030, strictly. Raises Unreadable."""
    names = [name for bom, name in _BOMS if data.startswith(bom)] or ["utf-8", "gb18030"]
    for name in names:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if not _NO_TEXT.search(text):
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise Unreadable("broken", "neither UTF-8 nor GB18030 text; open it in an editor and save it as UTF-8")


def read_text(data: bytes) -> Reading:
    """Read plain text: a line is a paragraph, lines broken at a fixed width are joined."""
    lines = [line.strip(" \t\f\u3000") for line in decode(data).split("\n")]
    return Reading(tuple(Block(BlockKind.PARAGRAPH, line) for line in _joined(lines)), "text")


def _joined(lines: list[str]) -> list[str]:
    """Join what an old system broke at a fixed width: full lines that end inside a sentence."""
    widths = sorted((len(line) for line in lines if line), reverse=True)
    # Only if many lines share the greatest width was the text broken by a machine.
    widest = widths[0] if widths else 0
    full = sum(width >= widest - 2 for width in widths)
    wrapped = widest >= 20 and full >= max(4, len(widths) // 3)
    found: list[str] = []
    going_on = False
    for line in lines:
        if not line:
            going_on = False
            continue
        if going_on and mark_of(line) is None:
            found[-1] += line
        else:
            found.append(line)
        going_on = wrapped and len(line) >= widest - 2 and not halved(line).endswith(("。", ";", ":", "!", "?"))
    return found


_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_BULLET = re.compile(r"[-*+]\s+(.*)")
_RULE = re.compile(r"(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,}")
_ROW = re.compile(r"\|.*\|?\s*$")
_DIVIDER = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
_INLINE = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)(.+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"`([^`]+)`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>])"), r"\1"),
)


def read_markdown(data: bytes) -> Reading:
    """Read Markdown: headings, lists, pipe tables, paragraphs; comments and front matter are left out."""
    text = decode(data)
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    hidden = len(re.findall(r"<!--", text))
    text = re.sub(r"<!--.*?(?:-->|\Z)", "", text, flags=re.DOTALL)
    blocks: list[Block] = []
    rows: list[tuple[str, ...]] = []
    going_on = False
    for raw in [*text.split("\n"), ""]:
        line = raw.strip(" \t\u3000").lstrip(">").strip(" \t\u3000")
        if _ROW.match(line) and line.count("|") >= 2:
            if not _DIVIDER.fullmatch(line):
                rows.append(tuple(_plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", line.strip("|"))))
            going_on = False
            continue
        if rows:
            blocks.append(Block(BlockKind.TABLE, rows=_even(rows)))
            rows = []
        if not line or _RULE.fullmatch(line) or line.startswith("```"):
            going_on = False
        elif heading := _HEADING.match(line):
            first = heading.group(1) == "#" and not blocks
            kind = BlockKind.TITLE if first else BlockKind.HEADING
            blocks.append(Block(kind, _plain(heading.group(2)), len(heading.group(1))))
            going_on = False
        elif bullet := _BULLET.match(line):
            blocks.append(Block(BlockKind.LIST_ITEM, _plain(bullet.group(1))))
            going_on = True
        elif going_on and mark_of(line) is None and not raw.endswith("  "):
            last = blocks.pop()
            blocks.append(Block(last.kind, last.text + _gap(last.text, line) + _plain(line)))
        else:
            blocks.append(Block(BlockKind.PARAGRAPH, _plain(line)))
            going_on = True
    warnings = (f"hidden comments left out: {hidden}",) if hidden else ()
    return Reading(tuple(blocks), "markdown", warnings=warnings)


def _plain(text: str) -> str:
    for pattern, kept in _INLINE:
        text = pattern.sub(kept, text)
    return text


def _gap(before: str, after: str) -> str:
    """Lines of Latin text need a space between them, lines of Chinese must not have one."""
    return " " if before[-1:].isascii() and after[:1].isascii() else ""


def _even(rows: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    width = max(map(len, rows))
    return tuple((*row, *[""] * (width - len(row))) for row in rows)
