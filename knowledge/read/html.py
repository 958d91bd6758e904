"""Web pages: the article without navigation, scripts and what a reader would not see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.read import Block, BlockKind, Reading, Unreadable
from knowledge.read.drawn_numbers import drawn_number
from knowledge.read.encodings import decode
from knowledge.read.hidden import Hidden
from knowledge.read.html_style import Styles

_NEVER = re.compile(
    "script|style|noscript|template|nav|aside|form|button|select|iframe|svg|head|object|canvas|menu|dialog"
)
_BLOCKS = re.compile(
    "p|div|section|article|main|li|ul|ol|dl|dt|dd|blockquote|pre|center|h[1-6]|table|body|html|figure|figcaption|"
    "address|hr|td|th|header|footer|details|summary|fieldset"
)
_DEEPEST = 250  # real pages stay below fifty
_TAG = re.compile(
    r"<(/?)(?!(?:p|li|td|th|tr|dt|dd|option|br|hr|img|input|meta|link|col|wbr|area|base|embed|source|param)\b)[a-zA-Z]"
    r"(?:[^<>]*[^<>/])?>"
)
_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_FURNITURE = re.compile(
    r"\b(?:nav|navbar|menu|breadcrumb|crumbs?|footer|header|sidebar|share|copyright|toolbar|pager|pagination)\b",
    re.IGNORECASE,
)
_CHINESE = r"[\u3001-\u9fff\uff00-\uffef]"
# A remark of the page's makers is short or not in Chinese; longer ones may speak to programs.
_REMARK = re.compile(r"(?:[\u4e00-\u9fff].*){8}|(?:[A-Za-z]{2,}\W+){6}", re.DOTALL)


def read_html(data: bytes) -> Reading:
    """Read a web page. Hidden words and comments are left out and reported: they are nobody's policy."""
    source = _decode(data)
    if _depth(source) > _DEEPEST:
        raise Unreadable("broken", f"its tags stand in one another over {_DEEPEST} deep; save its text as .txt")
    tree = LexborHTMLParser(source)
    title = tree.css_first("title")
    body = tree.body
    if body is None:
        return Reading((), "html")
    reader = _Reader(Styles(tree), Hidden())
    blocks = list(reader.blocks(_main(body)))
    named = title.text(strip=True) if title else None
    return Reading(tuple(_titled(blocks)), "html", named, reader.hidden.warnings())


def fragment(source: str, hidden: Hidden) -> list[Block]:
    """Read HTML that stands in another text; what is hidden in it goes to `hidden`."""
    tree = LexborHTMLParser(source)
    if tree.body is None:
        return []
    return list(_Reader(Styles(tree), hidden).blocks(tree.body))


def _decode(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    name = declared.group(1).decode("ascii").lower() if declared else ""
    # Pages that say GB2312, or Big5, are written in its superset.
    name = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}.get(name, name)
    # To have read the declaration byte by byte is to know that it is not UTF-16.
    return decode(data, "" if name.startswith(("utf-16", "utf-8", "utf8")) else name)


def _depth(source: str) -> int:
    """Give at most how deep tags stand in one another; those people leave open don't count."""
    depth = deepest = 0
    for found in _TAG.finditer(source):
        if found.group(1):
            depth = max(0, depth - 1)
        else:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _main(body: LexborNode) -> LexborNode:
    """Find the article: the one marked as such, if it holds most of the page's words."""
    whole = len(body.text(strip=True)) or 1
    for selector in ("article", "main", "[role=main]", "#content", ".content", ".article", "#article"):
        for node in body.css(selector):
            if len(node.text(strip=True)) > 0.4 * whole:
                return node
    return body


class _Reader:
    """Walks the tree, collecting inline words until a block ends."""

    def __init__(self, styles: Styles, hidden: Hidden) -> None:
        self.hidden = hidden
        self._styles = styles
        self._words: list[str] = []

    def blocks(self, node: LexborNode) -> Iterator[Block]:
        for child in node.iter(include_text=True):
            tag = child.tag or ""
            if tag == "-text":
                self._words.append(child.text_content or "")
            elif tag == "br":
                yield from self._flush(BlockKind.PARAGRAPH)
            elif tag == "-comment":
                self._remark(child)
            elif _NEVER.fullmatch(tag) or self._is_furniture(child):
                continue
            elif self._styles.hides(child):
                self.hidden.words(child.text(strip=True))
            elif tag == "table":
                yield from self._flush(BlockKind.PARAGRAPH)
                yield from self._table(child)
            elif tag in ("ol", "ul"):
                yield from self._flush(BlockKind.PARAGRAPH)
                yield from self._list(child)
            elif _BLOCKS.fullmatch(tag):
                yield from self._flush(BlockKind.PARAGRAPH)
                yield from self.blocks(child)
                level = int(tag[1]) if re.fullmatch(r"h[1-6]", tag) else 0
                yield from self._flush(BlockKind.HEADING if level else BlockKind.PARAGRAPH, level)
            else:
                yield from self.blocks(child)
        if node.tag in ("body", "article", "main"):
            yield from self._flush(BlockKind.PARAGRAPH)

    def _list(self, node: LexborNode) -> Iterator[Block]:
        start = node.attributes.get("start") or ""
        number = int(start) if start.isdigit() else 1
        for item in node.iter():
            if item.tag != "li":
                continue
            if self._styles.hides(item):
                self.hidden.words(item.text(strip=True))
                continue
            if node.tag == "ol":
                # The number is drawn by the browser; people cite it all the same.
                own = item.attributes.get("value") or ""
                number = int(own) if own.isdigit() else number
                self._words.append(f"{drawn_number(number, _FORMS.get(node.attributes.get('type') or '', 'decimal'))}.")
                number += 1
            yield from self.blocks(item)
            yield from self._flush(BlockKind.LIST_ITEM)

    def _table(self, node: LexborNode) -> Iterator[Block]:
        """Expand a table so that every row can be read alone; a table that only lays out the page is none."""
        own = list(_rows_of(node))
        if _is_layout(node, own):
            for cell in (cell for row in own for cell in row.iter() if cell.tag in ("td", "th")):
                if self._styles.hides(cell):
                    self.hidden.words(cell.text(strip=True))
                    continue
                yield from self.blocks(cell)
                yield from self._flush(BlockKind.PARAGRAPH)
            return
        grid: list[list[str | None]] = []
        y = -1
        for row in own:
            if self._styles.hides(row):
                self.hidden.words(row.text(strip=True))
                continue
            y += 1
            while len(grid) <= y:
                grid.append([])
            x = 0
            for cell in row.iter():
                if cell.tag not in ("td", "th"):
                    continue
                while x < len(grid[y]) and grid[y][x] is not None:
                    x += 1
                text = self._cell(cell)
                for down in range(_span(cell, "rowspan")):
                    for right in range(_span(cell, "colspan")):
                        _put(grid, y + down, x + right, text)
        rows = [tuple(cell or "" for cell in row) for row in grid if any(row)]
        width = max(map(len, rows), default=0)
        if width <= 1 or len(rows) < 2:
            for line in rows:
                yield Block(BlockKind.PARAGRAPH, " ".join(cell for cell in line if cell))
            return
        caption = node.css_first("caption")
        text = caption.text(strip=True) if caption else ""
        yield Block(BlockKind.TABLE, text, rows=tuple((*row, *[""] * (width - len(row))) for row in rows))

    def _cell(self, cell: LexborNode) -> str:
        if self._styles.hides(cell):
            self.hidden.words(cell.text(strip=True))
            return ""
        inner = _Reader(self._styles, self.hidden)
        blocks = [*inner.blocks(cell), *inner._flush(BlockKind.PARAGRAPH)]
        rows = (" ".join(filter(None, row)) for block in blocks for row in block.rows)
        return " ".join([*(block.text for block in blocks if block.text), *("；".join(rows),)]).strip()

    def _remark(self, node: LexborNode) -> None:
        said = re.sub(r"^\s*<!--|-->\s*$", "", node.html or "")
        if not said.lstrip().startswith("[if") and _REMARK.search(said):
            self.hidden.comment(said)

    def _flush(self, kind: BlockKind, level: int = 0) -> Iterator[Block]:
        # A line break of the source between Chinese characters is no space; everything else is one.
        text = re.sub(rf"(?<={_CHINESE})\s*\n\s*(?={_CHINESE})", "", "".join(self._words))
        text = re.sub(r"\s+", " ", text).strip()
        self._words.clear()
        if text:
            yield Block(kind, text, level)

    def _is_furniture(self, node: LexborNode) -> bool:
        if node.tag in ("body", "article", "main"):
            return False
        names = " ".join(node.attributes.get(name) or "" for name in ("class", "id", "role"))
        if node.tag not in ("header", "footer") and not _FURNITURE.search(names.replace("_", " ")):
            return False
        # The head of an article is no head of the page.
        return node.css_first("h1") is None or node.tag == "footer"


_FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}


def _rows_of(table: LexborNode) -> Iterator[LexborNode]:
    """Give a table's own rows, not those of tables in its cells."""
    for child in table.iter():
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child.iter() if row.tag == "tr")


def _is_layout(table: LexborNode, rows: list[LexborNode]) -> bool:
    """Tell a table that lays out a page: one row, one cell a row, or most of its words in tables within."""
    if len(rows) < 2 or max((sum(cell.tag in ("td", "th") for cell in row.iter()) for row in rows), default=0) <= 1:
        return True
    inner = max((len(one.text(strip=True)) for one in table.css("table") if one.mem_id != table.mem_id), default=0)
    return inner > 0.5 * len(table.text(strip=True))


def _span(cell: LexborNode, name: str) -> int:
    said = cell.attributes.get(name) or "1"
    return min(max(int(said), 1), 100) if said.isdigit() else 1


def _put(grid: list[list[str | None]], y: int, x: int, text: str) -> None:
    while len(grid) <= y:
        grid.append([])
    row = grid[y]
    row.extend([None] * (x + 1 - len(row)))
    row[x] = text


def _titled(blocks: list[Block]) -> Iterator[Block]:
    """The first heading of the first rank is the title."""
    found = False
    for block in blocks:
        if block.kind is BlockKind.HEADING and block.level == 1 and not found:
            found = True
            yield Block(BlockKind.TITLE, block.text)
        else:
            yield block
