"""Word's automatic numbering: the numbers stand in numbering.xml, not in the text, and people cite them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import qn

from knowledge.read.drawn_numbers import drawn_number


class WordNumbers:
    """Counts list paragraphs in document order and gives each its drawn number."""

    def __init__(self, document: WordDocument) -> None:
        self._levels: dict[str, dict[int, Any]] = {}
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0] * 9)
        self._starts: dict[tuple[str, int], int] = {}
        self._lists: dict[str, str] = {}
        self._styles = {style.style_id: style for style in document.styles}
        self._read(document)

    def next(self, paragraph: Any) -> str:
        """Give the number drawn before a paragraph ("第一条 ", "(二)"), or nothing; advances the list."""
        place = self._place(paragraph)
        if place is None:
            return ""
        number, level = place
        definition = self._levels.get(number, {}).get(level)
        if definition is None:
            return ""
        counts = self._counts[self._lists[number]]
        start = self._starts.get((number, level), _value(definition, "start", 1))
        counts[level] = counts[level] + 1 if counts[level] else start
        for deeper in range(level + 1, 9):
            if self._restarts(number, deeper, level):
                counts[deeper] = 0
        return self._draw(number, level, counts)

    def _draw(self, number: str, level: int, counts: list[int]) -> str:
        levels = self._levels[number]
        drawn = levels[level].find(qn("w:lvlText"))
        pattern = drawn.get(qn("w:val")) if drawn is not None else ""
        if _word(levels[level], "numFmt") in ("bullet", "none") or not pattern:
            return ""
        legal = levels[level].find(qn("w:isLgl")) is not None

        def one(found: re.Match[str]) -> str:
            at = int(found.group(1)) - 1
            form = "decimal" if legal or at not in levels else _word(levels[at], "numFmt")
            count = counts[at] or (_value(levels[at], "start", 1) if at in levels else 1)
            return drawn_number(count, form)

        text = re.sub(r"%([1-9])", one, pattern)
        after = _word(levels[level], "suff") or "tab"
        return text if after == "nothing" or text.endswith(("、", ")", ")")) else f"{text} "

    def _restarts(self, number: str, deeper: int, level: int) -> bool:
        """Tell whether a level starts anew after a higher one: always, unless its list says otherwise."""
        definition = self._levels[number].get(deeper)
        after = _word(definition, "lvlRestart") if definition is not None else ""
        # "0" never, "n" only after level n, counted from 1, or a higher one.
        return level < int(after) if after.isdigit() else True

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        """Find a paragraph's list and level: its own, or its style's."""
        own = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        number = _word(own, "numId") if own is not None else ""
        level = _word(own, "ilvl") if own is not None else ""
        named = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        style = self._styles.get(named.get(qn("w:val"))) if named is not None else None
        for _ in range(20):  # styles may be based on one another in a circle
            if number or style is None:
                break
            settings = style.element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
            if settings is not None:
                number = _word(settings, "numId")
                level = level or _word(settings, "ilvl") or self._level_of(number, style.style_id)
            style = style.base_style
        level = level or "0"
        return (number, int(level)) if number in self._levels and level.isdigit() and int(level) < 9 else None

    def _level_of(self, number: str, style: str) -> str:
        """Find the level that a list gives to a style."""
        for at, level in self._levels.get(number, {}).items():
            if _word(level, "pStyle") == style:
                return str(at)
        return ""

    def _read(self, document: WordDocument) -> None:
        parts = [p for p in document.part.package.iter_parts() if str(p.partname) == "/word/numbering.xml"]
        if not parts:
            return
        root: Any = parts[0].element
        abstract: dict[str, dict[int, Any]] = {}
        linked: dict[str, str] = {}
        for node in root.iterchildren(qn("w:abstractNum")):
            identity = node.get(qn("w:abstractNumId"))
            abstract[identity] = {
                int(level.get(qn("w:ilvl"))): level
                for level in node.iterchildren(qn("w:lvl"))
                if (level.get(qn("w:ilvl")) or "").isdigit()
            }
            if style := _word(node, "styleLink"):
                linked[style] = identity
        # A list may be defined by a style of lists, which leads to the definition proper.
        for node in root.iterchildren(qn("w:abstractNum")):
            if (style := _word(node, "numStyleLink")) in linked:
                abstract[node.get(qn("w:abstractNumId"))] = abstract[linked[style]]
        for node in root.iterchildren(qn("w:num")):
            number = node.get(qn("w:numId"))
            parent = _word(node, "abstractNumId")
            levels = dict(abstract.get(parent, {}))
            own = False
            for override in node.iterchildren(qn("w:lvlOverride")):
                at = _value_of(override.get(qn("w:ilvl")))
                level = override.find(qn("w:lvl"))
                if level is not None:
                    levels[at] = level
                start = _word(override, "startOverride")
                if start.isdigit():
                    self._starts[number, at] = int(start)
                    own = True
            self._levels[number] = levels
            # Lists of one definition count on together, unless one says that it starts anew.
            self._lists[number] = f"num{number}" if own else f"abstract{parent}"


def _word(node: Any, name: str) -> str:
    found = node.find(qn(f"w:{name}"))
    return (found.get(qn("w:val")) or "") if found is not None else ""


def _value_of(said: str | None) -> int:
    return int(said) if said and said.isdigit() else 0


def _value(node: Any, name: str, default: int) -> int:
    said = _word(node, name)
    return int(said) if said.isdigit() else default
