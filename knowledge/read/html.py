"""Web pages: the article without navigation, scripts and what a reader would not see."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.read import Block, BlockKind, Reading
from knowledge.read.plain import decode

_NEVER = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "footer",
        "header",
        "aside",
        "form",
        "button",
        "select",
        "iframe",
        "svg",
        "head",
        "object",
        "canvas",
        "menu",
        "dialog",
    ]
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "center",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "body",
        "html",
        "figure",
        "figcaption",
        "address",
        "hr",
        "td",
    ]
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_FURNITURE = re.compile(
    r"\b(?:nav|navbar|menu|breadcrumb|crumbs?|footer|header|sidebar|share|copyright|toolbar|pager|pagination)\b",
    re.IGNORECASE,
)
_CHINESE = r"[\u3001-\u9fff\uff00-\uffef]"
_HIDING = re.compile(
    r"display:none|visibility:hidden|font-size:0(?:px|pt|em|rem|%)?(?:;|$)|opacity:0(?:\.0+)?(?:;|$)|"
    r"(?:^|;)color:(?:#fff(?:fff)?|white|rgb\(255,255,255\)|transparent)(?:;|$)|text-indent:-\d{3,}|left:-\d{3,}"
)


def read_html(data: bytes) -> Reading:
    """Read a web page. Hidden words and comments are left out and reported: they are nobody's policy."""
    tree = LexborHTMLParser(_decode(data))
    title = tree.css_first("title")
    body = tree.body
    if body is None:
        return Reading((), "html")
    reader = _Reader()
    blocks = list(reader.blocks(_main(body)))
    warnings = (f"hidden words left out: {reader.hidden} places",) if reader.hidden else ()
    return Reading(tuple(_titled(blocks)), "html", title.text(strip=True) if title else None, warnings)


def _decode(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    if declared and declared.group(1).lower() not in (b"utf-8", b"utf8"):
        name = declared.group(1).decode("ascii").lower()
        # Pages that say GB2312 are written in its superset.
        name = "gb18030" if name in ("gb2312", "gbk", "gb18030") else name
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError):
            return decode(data)
    return decode(data)


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

    def __init__(self) -> None:
        self.hidden = 0
        self._words: list[str] = []

    def blocks(self, node: LexborNode) -> Iterator[Block]:
        for child in node.iter(include_text=True):
            tag = child.tag or ""
            if tag == "-text":
                self._words.append(child.text_content or "")
            elif tag == "br":
                yield from self._flush(BlockKind.PARAGRAPH)
            elif tag in _NEVER or self._is_furniture(child):
                continue
            elif self._is_hidden(child):
                self.hidden += bool(child.text(strip=True))
            elif tag == "table":
                yield from self._flush(BlockKind.PARAGRAPH)
                yield from self._table(child)
            elif tag in ("ol", "ul"):
                yield from self._flush(BlockKind.PARAGRAPH)
                yield from self._list(child)
            elif tag in _BLOCKS:
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
            if self._is_hidden(item):
                self.hidden += 1
                continue
            if node.tag == "ol":
                # The number is drawn by the browser; people cite it all the same.
                self._words.append(f"{number}.")
                number += 1
            yield from self.blocks(item)
            yield from self._flush(BlockKind.LIST_ITEM)

    def _table(self, node: LexborNode) -> Iterator[Block]:
        """Expand a table so that every row can be read alone; one cell of layout is no table."""
        grid: list[list[str | None]] = []
        for y, row in enumerate(row for row in node.css("tr") if not self._is_hidden(row)):
            while len(grid) <= y:
                grid.append([])
            x = 0
            for cell in row.iter():
                if cell.tag not in ("td", "th"):
                    continue
                while x < len(grid[y]) and grid[y][x] is not None:
                    x += 1
                text = "" if self._is_hidden(cell) else self._cell(cell)
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
        inner = _Reader()
        parts = [block.text for block in inner.blocks(cell)]
        parts.append("".join(inner._words).strip())
        self.hidden += inner.hidden
        return " ".join(part for part in parts if part)

    def _flush(self, kind: BlockKind, level: int = 0) -> Iterator[Block]:
        # A line break of the source between Chinese characters is no space; everything else is one.
        text = re.sub(rf"(?<={_CHINESE})\s*\n\s*(?={_CHINESE})", "", "".join(self._words))
        text = re.sub(r"\s+", " ", text).strip()
        self._words.clear()
        if text:
            yield Block(kind, text, level)

    def _is_furniture(self, node: LexborNode) -> bool:
        names = " ".join(node.attributes.get(name) or "" for name in ("class", "id", "role"))
        return node.tag not in ("body", "article", "main") and bool(_FURNITURE.search(names.replace("_", " ")))

    def _is_hidden(self, node: LexborNode) -> bool:
        attributes = node.attributes
        if "hidden" in attributes or attributes.get("aria-hidden") == "true":
            return True
        style = re.sub(r"\s+", "", (attributes.get("style") or "").lower())
        return bool(style and _HIDING.search(style))


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
