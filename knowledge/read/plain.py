"""Plain text in any Chinese encoding."""

from __future__ import annotations

from knowledge.numbering import halved, mark_of
from knowledge.read import Block, BlockKind, Reading
from knowledge.read.encodings import decode


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
