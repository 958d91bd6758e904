"""The last step of every reading: characters no reader sees are taken out, and endless paragraphs cut."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from knowledge.read import Block, Reading, Unreadable

# The longest law of the country has 110,000 characters; what has fifty times as many is an export of data.
MOST_CHARACTERS = 5_000_000
LONGEST_PARAGRAPH = 5_000

# Characters that turn the reading direction make a text look unlike what it says.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Tags (U+E0000–E007F) are invisible letters: a whole sentence can hide in them.
_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028\u2029\u2060-\u2064\ufeff\ufff0-\uffff\U000e0000-\U000e007f]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
# Radicals and compatibility ideographs look like characters people type, and never match them.
_LOOKALIKES = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")


def cleaned(reading: Reading) -> Reading:
    """Clean every text of a reading. Raises Unreadable if there is more than any document has."""
    total = sum(len(block.text) + sum(len(cell) for row in block.rows for cell in row) for block in reading.blocks)
    if total > MOST_CHARACTERS:
        message = f"{total} characters, at most {MOST_CHARACTERS} are read; no document is so long: split it"
        raise Unreadable("too_large", message)
    turned = any(_TURNING.search(text) for text in _texts(reading))
    tagged = any(_TAGS.search(text) for text in _texts(reading))
    warnings = [*reading.warnings]
    if turned:
        warnings.append("characters that turn the reading direction were taken out; compare with the original")
    if tagged:
        warnings.append("invisible characters that spell words were taken out")
    blocks = [
        piece
        for block in reading.blocks
        for piece in _cut(
            replace(block, text=_clean(block.text), rows=tuple(tuple(map(_clean, row)) for row in block.rows))
        )
    ]
    title = _clean(reading.title).strip() or None if reading.title else None
    return replace(reading, blocks=tuple(blocks), title=title, warnings=tuple(warnings))


def _texts(reading: Reading) -> Iterator[str]:
    for block in reading.blocks:
        yield block.text
        for row in block.rows:
            yield from row


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = _TURNING.sub("", _INVISIBLE.sub("", text))
    text = _SURROGATES.sub("\ufffd", text)
    return _LOOKALIKES.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)


def _cut(block: Block) -> Iterator[Block]:
    """Cut a paragraph that nobody would read as one, after a sentence if there is one."""
    text = block.text
    while len(text) > LONGEST_PARAGRAPH:
        end = max(text.rfind(mark, LONGEST_PARAGRAPH // 2, LONGEST_PARAGRAPH) for mark in "。；.;\n") + 1
        end = end or LONGEST_PARAGRAPH
        yield replace(block, text=text[:end])
        text = text[end:]
    yield replace(block, text=text)
