"""Pages that are pictures: scans and photos, recognised line by line (RapidOCR; its models are in its wheel)."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from knowledge.read import Reading, Unreadable
from knowledge.read.engines import NO_OCR, OCR, NeedsEngine, has_ocr
from knowledge.read.hidden import excerpt
from knowledge.read.layout import Line, RuledTable, blocks_of

MOST_PAGES = 100  # at about five seconds each
_DPI = 150
_LONGEST_SIDE = 2_500  # pixels; more makes nothing clearer
_SURE = 0.85
_GUESSED = 0.5  # below, what is read is noise

Picture = Any  # an array of height x width x 3, blue first


@dataclass(frozen=True, slots=True)
class RecognisedPage:
    """What was recognised on a page, straightened; places in pixels."""

    number: int
    lines: list[Line]
    tables: list[RuledTable]
    doubtful: list[str]


def read_picture(data: bytes, engine: str) -> Reading:
    """Read a photo or scan (each frame of a TIFF is a page). Raises Unreadable or NeedsEngine."""
    if not has_ocr():
        raise Unreadable("scanned", f"it is an image and {NO_OCR}")
    if engine != OCR:
        raise NeedsEngine(OCR)
    try:
        with Image.open(io.BytesIO(data)) as opened:
            frames = getattr(opened, "n_frames", 1)
            _bound(frames)
            pictures = [_array(frame) for frame in ImageSequence.Iterator(opened)]
    except Image.DecompressionBombError as error:
        raise Unreadable("too_large", "the picture has more points than any camera gives; scan it anew") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unreadable("broken", "the picture is damaged; save it again as JPEG or PNG") from error
    pages = list(_recognised(enumerate(pictures, 1)))
    blocks = blocks_of([page.lines for page in pages], {page.number: page.tables for page in pages})
    if frames == 1:
        blocks = [replace(block, page=None) for block in blocks]
    return Reading(tuple(blocks), "picture", warnings=tuple(_doubts(pages, named=frames > 1)))


def recognise_pages(document: Any, numbers: Sequence[int]) -> tuple[list[RecognisedPage], list[str]]:
    """Recognise pages of an open PDF by their numbers, from 1; also gives warnings. Raises Unreadable."""
    _bound(len(numbers))
    pages = list(_recognised((number, _rendered(document[number - 1])) for number in numbers))
    return pages, list(_doubts(pages, named=True))


def _bound(pages: int) -> None:
    if pages > MOST_PAGES:
        message = f"{pages} pages are images, at most {MOST_PAGES} are recognised; split it or upload a text version"
        raise Unreadable("too_large", message)


def _rendered(page: Any) -> Picture:
    scale = min(_DPI / 72, _LONGEST_SIDE / max(page.get_size()))
    picture = page.render(scale=scale).to_numpy()[:, :, :3]
    page.close()
    return np.ascontiguousarray(picture)


def _array(frame: Image.Image) -> Picture:
    """Give a photo the right way up as its camera says, transparent parts white."""
    upright = ImageOps.exif_transpose(frame).convert("RGBA")
    paper = Image.new("RGBA", upright.size, "white")
    paper.alpha_composite(upright)
    paper.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    return np.ascontiguousarray(np.asarray(paper.convert("RGB"))[:, :, ::-1])


def _doubts(pages: Sequence[RecognisedPage], *, named: bool) -> Iterator[str]:
    yield "recognised from images; compare the figures with the original"
    for page in pages:
        if page.doubtful:
            where = f"page {page.number}: " if named else ""
            shown = ", ".join(map(excerpt, page.doubtful[:3]))
            yield f"{where}{len(page.doubtful)} lines are hard to read ({shown}); compare them"


def _recognised(pictures: Any) -> Iterator[RecognisedPage]:
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    engine = RapidOCR(
        params={
            "Global.log_level": "critical",
            # What is hardly legible is reported, not dropped.
            "Global.text_score": 0.0,
            "Global.use_cls": False,
            # One thread: as many files are read at once as there are processors.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    for number, picture in pictures:
        yield _page(engine, number, picture)


@dataclass(frozen=True, slots=True)
class _Word:
    """A recognised stretch of a line, in pixels."""

    text: str
    score: float
    left: float
    top: float
    right: float
    bottom: float


def _page(engine: Any, number: int, picture: Picture) -> RecognisedPage:
    from knowledge.read.ruling import cells_of, straightened

    picture, words = _upright(engine, straightened(picture))
    tall = picture.shape[0]
    tables, outside = [], words
    for grid in cells_of(picture):
        inside = [word for word in outside if grid.holds((word.left + word.right) / 2, (word.top + word.bottom) / 2)]
        outside = [word for word in outside if word not in inside]
        rows = grid.filled(
            [(w.text, w.left, w.top, w.right, w.bottom) for w in inside], lambda p: _said(engine, p), picture
        )
        tables.append(RuledTable(grid.top, grid.bottom, rows))
    # Where a table stands a line must, for its place among the paragraphs.
    kept = outside + [w for w in words if w not in outside]
    lines = [
        Line(
            " ".join(word.text for word in row),
            number,
            row[0].left,
            row[-1].right,
            row[0].top,
            row[0].bottom - row[0].top,
            row[0].top / tall,
        )
        for row in _rows([word for word in kept if word.score >= _GUESSED])
    ]
    doubtful = [word.text for word in words if word.score < _SURE and word.text.strip()]
    return RecognisedPage(number, lines, tables, doubtful)


def _upright(engine: Any, picture: Picture) -> tuple[Picture, list[_Word]]:
    """Recognise a page; if it lies on its side or its head, turn it first."""
    words = _words(engine, picture)
    tried: list[tuple[Picture, list[_Word]]]
    turns: tuple[int, ...]
    standing = sum(max(0.0, _tall(word) - _wide(word)) for word in words)
    if standing > sum(max(0.0, _wide(word) - _tall(word)) for word in words):
        # Words are read on their side too, but their lines run the wrong way.
        tried, turns = [], (1, 3)
    elif words and _certainty(words) < 0.7:
        tried, turns = [(picture, words)], (2,)
    else:
        return picture, words
    for turn in turns:
        turned = np.ascontiguousarray(np.rot90(picture, turn))
        tried.append((turned, _words(engine, turned)))
    return max(tried, key=lambda one: _certainty(one[1]))


def _certainty(words: Sequence[_Word]) -> float:
    letters = sum(len(word.text) for word in words) or 1
    return sum(word.score * len(word.text) for word in words) / letters


def _words(engine: Any, picture: Picture) -> list[_Word]:
    found = engine(picture)
    if found.boxes is None or found.txts is None:
        return []
    return [
        _Word(text, float(score), *map(float, box.min(axis=0)), *map(float, box.max(axis=0)))
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    ]


def _said(engine: Any, picture: Picture) -> str:
    return "".join(word.text for row in _rows(_words(engine, picture)) for word in row)


def _rows(words: Sequence[_Word]) -> list[list[_Word]]:
    """Put words into lines from top to bottom, each from left to right."""
    rows: list[list[_Word]] = []
    for word in sorted(words, key=lambda word: (word.top + word.bottom) / 2):
        middle = (word.top + word.bottom) / 2
        # The same line, if its middle lies within the line so far.
        if rows and rows[-1][0].top + 0.25 * _tall(rows[-1][0]) < middle < rows[-1][0].bottom - 0.25 * _tall(
            rows[-1][0]
        ):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.left) for row in rows]


def _tall(word: _Word) -> float:
    return word.bottom - word.top


def _wide(word: _Word) -> float:
    return word.right - word.left
