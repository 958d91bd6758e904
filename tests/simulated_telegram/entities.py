"""HTML as Telegram reads it (Bot API, "Formatting options"): plain text, and entities in UTF-16 units."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.simulated_telegram.refusal import Refusal

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
ATTRIBUTES = {
    "a": re.compile(r'href="[^"<>]+"'),
    "code": re.compile(r'class="language-[^"<>]+"'),
    "blockquote": re.compile("expandable"),
}
STYLES = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
TAG = re.compile(r"<(/?)([a-zA-Z-]*)([^<>]*)>")
REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")


def units(text: str) -> int:
    """Count UTF-16 units, which is how Telegram counts characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(html: str) -> tuple[str, list[dict[str, Any]]]:
    """Give the plain text and its entities. Raises Refusal 400 as Telegram does, and for bad nesting."""
    text: list[str] = []
    length = position = 0
    open_tags: list[tuple[str, int]] = []
    entities: list[dict[str, Any]] = []
    while position < len(html):
        bracket = html.find("<", position)
        words = REFERENCE.sub(lambda found: unescape(found[0]), html[position : bracket if bracket >= 0 else None])
        text.append(words)
        length += units(words)
        if bracket < 0:
            break
        tag = TAG.match(html, bracket)
        if tag is None or not tag[2]:
            raise _cannot_parse(f"Unsupported start tag at byte offset {bracket}")
        closing, name, attributes = tag[1], tag[2].lower(), tag[3].strip()
        if closing:
            if not open_tags or open_tags[-1][0] != name:
                raise _cannot_parse(f'Unmatched end tag at byte offset {bracket}, found "</{name}>"')
            _, start = open_tags.pop()
            if length > start:
                entities.append({"type": TAGS[name], "offset": start, "length": length - start})
        else:
            _check(name, attributes, [tag for tag, _ in open_tags], bracket)
            open_tags.append((name, length))
        position = tag.end()
    if open_tags:
        raise _cannot_parse(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return "".join(text), sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _check(name: str, attributes: str, around: list[str], offset: int) -> None:
    allowed = ATTRIBUTES.get(name)
    if name not in TAGS or (attributes and not (allowed and allowed.fullmatch(attributes))):
        raise _cannot_parse(f'Unsupported start tag "{name}" at byte offset {offset}')
    outer = {TAGS[tag] for tag in around}
    if TAGS[name] in outer:
        raise _cannot_parse(f'Tag "{name}" stands in itself at byte offset {offset}')
    # Bot API: pre and code hold no entities; other entities but styles can't contain each other.
    if outer & {"pre", "code"} and not (around == ["pre"] and name == "code"):
        raise _cannot_parse(f'Tag "{name}" stands in preformatted text at byte offset {offset}')
    if TAGS[name] not in STYLES and outer - STYLES and around != ["pre"]:
        raise _cannot_parse(f'Tag "{name}" can\'t stand in "{around[-1]}" at byte offset {offset}')


def _cannot_parse(why: str) -> Refusal:
    return Refusal(400, f"Bad Request: can't parse entities: {why}")
