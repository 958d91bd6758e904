"""The words of a Word paragraph that a reader sees: without deleted, hidden, white and tiny ones."""

from __future__ import annotations

from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import nsmap, qn

from knowledge.read.hidden import Hidden

nsmap.setdefault("m", "http://schemas.openxmlformats.org/officeDocument/2006/math")

_RUN, _MATH = qn("w:r"), qn("m:oMath")
_TEXT, _BREAK, _BOX = qn("w:t"), qn("w:br"), qn("w:txbxContent")
_SETTINGS, _RUN_STYLE = qn("w:rPr"), f"{qn('w:rPr')}/{qn('w:rStyle')}"
_PARAGRAPH_STYLE = f"{qn('w:pPr')}/{qn('w:pStyle')}"
_NAMES = {name: qn(f"w:{name}") for name in ("vanish", "sz", "color")}
_GONE = frozenset(qn(f"w:{name}") for name in ("del", "moveFrom", "rt"))  # w:rt: how to pronounce it
_SAID = {
    qn("w:tab"): " ",
    qn("w:ptab"): " ",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
}
_PALE = frozenset(["FFFFFF", "FEFEFE", "FDFDFD", "FCFCFC", "FAFAFA"])
_PLAIN_GROUND = frozenset(["", "AUTO", *_PALE])
_PLAIN_TABLES = frozenset(["", "TableGrid", "TableNormal", "a1", "a3", "a4", "a5"])
_TINY = 4  # half-points


class Runs:
    """Reads paragraphs of one document; what is not to be seen goes to `hidden`."""

    def __init__(self, document: WordDocument, hidden: Hidden) -> None:
        self._hidden = hidden
        self._styles = {style.style_id: style.element for style in document.styles}
        self._known: dict[tuple[str, str], Any] = {}

    def text(self, paragraph: Any) -> str:
        """Join the words of a paragraph that a reader sees; not those of text boxes in it."""
        words: list[str] = []
        unseen = ""
        for piece in paragraph.iter(_RUN, _MATH):
            if not _belongs(piece, paragraph):
                continue
            if piece.tag == _MATH:
                words.append(_formula(piece))
                continue
            said = "".join(_said(child) for child in piece)
            if said.strip() and self._is_hidden(piece, paragraph):
                unseen += said
            else:
                words.append(said)
        self._hidden.words(unseen)
        return "".join(words)

    def _is_hidden(self, run: Any, paragraph: Any) -> bool:
        vanish = self._setting(run, paragraph, "vanish")
        if vanish is not None and vanish.get(qn("w:val")) not in ("0", "false", "off"):
            return True
        size = self._setting(run, paragraph, "sz")
        if size is not None and (size.get(qn("w:val")) or "").isdigit() and int(size.get(qn("w:val"))) <= _TINY:
            return True
        color = self._setting(run, paragraph, "color")
        return color is not None and _shade(color, "w:val") in _PALE and not self._is_on_ground(run, paragraph)

    def _setting(self, run: Any, paragraph: Any, name: str) -> Any:
        """Find a setting of a run: its own, its style's, its paragraph's style's."""
        settings = run.find(_SETTINGS)
        own = settings.find(_NAMES[name]) if settings is not None else None
        if own is not None:
            return own
        for named in (run.find(_RUN_STYLE), paragraph.find(_PARAGRAPH_STYLE)):
            if named is not None and (found := self._of_style(named.get(qn("w:val")) or "", name)) is not None:
                return found
        return None

    def _of_style(self, identity: str, name: str) -> Any:
        """Find a setting in a style or those it is based on; asked for every run, so remembered."""
        key = (identity, name)
        if key not in self._known:
            found, style = None, self._styles.get(identity)
            for _ in range(20):  # styles may be based on one another in a circle
                if style is None or found is not None:
                    break
                found = style.find(f"{qn('w:rPr')}/{qn(f'w:{name}')}")
                base = style.find(qn("w:basedOn"))
                style = self._styles.get(base.get(qn("w:val"))) if base is not None else None
            self._known[key] = found
        return self._known[key]

    def _is_on_ground(self, run: Any, paragraph: Any) -> bool:
        """Tell whether white words stand on a painted ground: their own, their paragraph's, their cell's."""
        settings = run.find(qn("w:rPr"))
        if settings is not None and settings.find(qn("w:highlight")) is not None:
            return True
        cells = [above for above in paragraph.iterancestors() if above.tag in (qn("w:tc"), qn("w:tbl"))]
        holders = [settings, paragraph.find(qn("w:pPr"))]
        holders += [above.find(qn("w:tcPr")) for above in cells if above.tag == qn("w:tc")]
        grounds = [holder.find(qn("w:shd")) for holder in holders if holder is not None]
        if any(ground is not None and _shade(ground, "w:fill") not in _PLAIN_GROUND for ground in grounds):
            return True
        # Styles of tables paint header rows dark, and write white on them.
        styles = [above.find(f"{qn('w:tblPr')}/{qn('w:tblStyle')}") for above in cells if above.tag == qn("w:tbl")]
        return any(style is not None and style.get(qn("w:val")) not in _PLAIN_TABLES for style in styles)


def _shade(element: Any, name: str) -> str:
    return (element.get(qn(name)) or "").upper()


def _belongs(piece: Any, paragraph: Any) -> bool:
    """Tell a piece of the paragraph itself from one that is deleted, or stands in a text box or a formula."""
    for above in piece.iterancestors():
        if above is paragraph:
            return True
        if above.tag in _GONE or above.tag in (_BOX, _MATH) or above.tag.endswith("}Fallback"):
            return False
    return True


def _said(child: Any) -> str:
    if child.tag == _TEXT:
        return str(child.text or "")
    if child.tag == _BREAK:
        return "\n" if child.get(qn("w:type")) in (None, "textWrapping") else ""
    return _SAID.get(child.tag, "")


def _formula(node: Any) -> str:
    """Write a formula on one line: a fraction as (a)/(b), a power as a^b."""
    if node.tag == qn("m:t"):
        return str(node.text or "")

    def part(name: str) -> str:
        return "".join(_formula(child) for child in node.findall(qn(f"m:{name}")))

    if node.tag == qn("m:f"):
        return f"({part('num')})/({part('den')})"
    if node.tag == qn("m:sSup"):
        return f"{part('e')}^{part('sup')}"
    return "".join(_formula(child) for child in node.iterchildren() if isinstance(child.tag, str))
