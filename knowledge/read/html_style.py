"""What a web page's styles hide: words that are there for programs to read, not for people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

_HIDING = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|content-visibility:hidden|opacity:0(?:\.0+)?(?:;|!|$)|"
    r"font-size:(?:0|0?\.\d+|[012])(?:px|pt)?(?:;|!|$)|font-size:0(?:\.\d+)?(?:r?em|%)|"
    r"(?:max-)?(?:height|width):0(?:px)?(?:;|!|$)(?=.*overflow:hidden)|clip:rect\(0|clip-path:inset\((?:50|100)%|"
    r"transform:(?:scale\(0|translate[xy]?\(-\d{4,})|text-indent:-\d{3,}|margin-left:-\d{4,}|"
    r"(?:left|right|top|bottom):-\d{3,})"
)
_OVERFLOW = re.compile(r"(?:^|;)overflow(?:-[xy])?:hidden")
_NO_SIZE = re.compile(r"(?:^|;)(?:max-)?(?:height|width):0(?:px)?(?:;|!|$)")
_COLOR = re.compile(r"(?:^|;)color:([^;!]+)")
_GROUND = re.compile(r"(?:^|;)background(?:-color|-image)?:([^;!]+)")
_WHITE = re.compile(
    r"#fff(?:f(?:ff)?)?|#ffffff(?:ff)?|white|rgba?\(255,255,255(?:,[\d.]+)?\)|#f[ef]f[ef]f[ef]|snow|ivory"
)
_CLEAR = re.compile(r"transparent|rgba\([\d,]+,0(?:\.0+)?\)")
_RULE = re.compile(r"([^{}@]{1,500})\{([^{}]{0,2000})\}")
_MOST_RULES = 2_000


class Styles:
    """Tells hidden nodes of one page: by their attributes, their own styles and the page's style sheets."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._rules: dict[int, str] = {}
        for selector, declared in _sheet(tree):
            try:
                for node in tree.css(selector):
                    self._rules[node.mem_id] = f"{self._rules.get(node.mem_id, '')};{declared}"
            except (SelectolaxError, ValueError):
                # A selector beyond the parser: a state such as :hover, which hides nothing from everybody.
                continue

    def hides(self, node: LexborNode) -> bool:
        """Tell whether a reader of the page does not see what is in this node."""
        attributes = node.attributes
        if "hidden" in attributes or attributes.get("aria-hidden") == "true":
            return True
        style = self._of(node)
        if not style:
            return False
        if _HIDING.search(style) or (_NO_SIZE.search(style) and _OVERFLOW.search(style)):
            return True
        colors = _COLOR.findall(style)
        if not colors:
            return False
        color = colors[-1]
        return bool(_CLEAR.fullmatch(color)) or self._is_lost(node, color)

    def _is_lost(self, node: LexborNode, color: str) -> bool:
        """Tell words in the colour of their ground; a page is white unless it says otherwise."""
        at: LexborNode | None = node
        while at is not None:
            attributes = at.attributes
            grounds = _GROUND.findall(self._of(at)) or ([attributes["bgcolor"]] if attributes.get("bgcolor") else [])
            if grounds:
                ground = str(grounds[-1]).lower()
                return ground == color or bool(_WHITE.fullmatch(ground) and _WHITE.fullmatch(color))
            at = at.parent
        return bool(_WHITE.fullmatch(color))

    def _of(self, node: LexborNode) -> str:
        """Give all that is declared for a node, without blanks, in small letters."""
        attributes = node.attributes
        own = attributes.get("style") or ""
        if node.tag == "font" and attributes.get("color"):
            own = f"color:{attributes['color']};{own}"
        sheet = self._rules.get(node.mem_id, "")
        return re.sub(r"\s+", "", f"{sheet};{own}".lower()) if own or sheet else ""


def _sheet(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """Give the rules of the page's own style sheets that may hide something: (selector, declarations)."""
    count = 0
    for element in tree.css("style"):
        text = re.sub(r"/\*.*?\*/", "", element.text() or "", flags=re.DOTALL)
        # What holds for printers or narrow screens only does not hide.
        text = re.sub(r"@[^{};]+\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", text)
        for found in _RULE.finditer(text):
            count += 1
            if count > _MOST_RULES:
                return
            declared = re.sub(r"\s+", "", found.group(2).lower())
            if re.search(
                r"display:none|visibility|opacity|font-size|color|background|indent|left|right|top|bottom|clip|overflow|"
                r"height:0|width:0|transform",
                declared,
            ):
                yield found.group(1).strip(), declared
