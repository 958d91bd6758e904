"""Reading files: what every format becomes, and the one error when it can't be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from knowledge.errors import KnowledgeError


class BlockKind(StrEnum):
    TITLE = "title"  # the document's own title, where the format marks it
    HEADING = "heading"  # `level` 1 is the highest
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"  # `text` carries its computed number, e.g. "(一)…"
    TABLE = "table"  # `rows`, the first is the header; `text` is a caption or empty


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list item or table, in reading order.

    `rows` are complete: a merged cell's text is repeated in every cell it covers, so each
    row can be read alone. `page` counts from 1 where the format has pages, `sheet` is a
    spreadsheet's own word for where it stands; both are for the citation.
    """

    kind: BlockKind
    text: str = ""
    level: int = 0
    page: int | None = None
    rows: tuple[tuple[str, ...], ...] = ()
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's words in order. `warnings` are facts for staff, e.g. "hidden text left out: 2 places"."""

    blocks: tuple[Block, ...]
    format: str  # docx, xlsx, csv, pdf, scan, html, markdown, text; doc and the like where LibreOffice helped
    title: str | None = None  # from the format's metadata (<title>, core properties), a weak hint
    warnings: tuple[str, ...] = field(default=())


class Unreadable(KnowledgeError):
    """A file that can't be read; the message says why and what to do, without the file's name.

    `reason` is a short stable code for statistics and translation: empty, encrypted, broken,
    mislabelled, unsupported, too_large, too_slow, scanned, missing, irregular (no ordinary
    file), unsafe (a path that leads out of its archive), nested (an archive in an archive).
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
