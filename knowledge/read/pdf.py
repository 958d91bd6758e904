"""PDF files: what a reader sees of their text, pages that are pictures by OCR, ruled tables kept."""

from __future__ import annotations

import ctypes
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from knowledge.read import Reading, Unreadable
from knowledge.read.engines import NO_OCR, OCR, NeedsEngine, has_ocr
from knowledge.read.hidden import Hidden
from knowledge.read.layout import Line, Rows, RuledTable, blocks_of, tightened

MOST_PAGES = 1_000
_FEW = 8  # characters on a page that carries only a stamp or a number
_TINY = 2.5  # points: nobody reads type of a millimetre
_PALE = 245  # of 255: white as far as a reader can tell


def read_pdf(data: bytes, engine: str = "") -> Reading:
    """Read a PDF. Raises Unreadable, or NeedsEngine if pages are pictures and can be recognised."""
    document = _opened(data)
    try:
        if len(document) > MOST_PAGES:
            message = f"{len(document)} pages, at most {MOST_PAGES} are read; split it"
            raise Unreadable("too_large", message)
        hidden, warnings = Hidden(), []
        sheets = [sheet for number in range(len(document)) if (sheet := _page(document, number, hidden)) is not None]
        if not sheets:
            raise Unreadable("broken", "none of its pages can be read; export it again")
        pages = {number: list[Line]() for number in range(1, len(document) + 1)}
        pages |= {sheet.number: sheet.lines for sheet in sheets}
        if len(sheets) < len(pages):
            damaged = sorted(set(pages) - {sheet.number for sheet in sheets})
            warnings.append(f"pages that are damaged left out: {_listed(damaged)}")
        bare = [sheet.number for sheet in sheets if sheet.is_picture]
        ruled = [sheet.number for sheet in sheets if sheet.is_ruled and not sheet.is_picture]
        title = document.get_metadata_dict().get("Title") or None
        tables: dict[int, Sequence[RuledTable]] = dict(_tables(data, ruled)) if ruled else {}
        if bare:
            if has_ocr() and engine != OCR:
                raise NeedsEngine(OCR)
            if engine == OCR:
                from knowledge.read.scan import recognise_pages

                recognised, doubts = recognise_pages(document, bare)
                warnings += doubts
                for page in recognised:
                    pages[page.number], tables[page.number] = page.lines, page.tables
            elif not any(pages.values()):
                raise Unreadable("scanned", f"{len(bare)} pages are images and {NO_OCR}")
            else:
                warnings.append(f"pages that are images left out: {_listed(bare)}; {NO_OCR}")
        layered = [sheet.number for sheet in sheets if sheet.has_layer]
        if layered:
            warnings.append(
                f"pages that are images with a text layer behind: {_listed(layered)}; compare a few figures"
            )
        attached = raw.FPDFDoc_GetAttachmentCount(document)
        if attached > 0:
            warnings.append(f"attached files left out: {attached}; upload them by themselves")
    finally:
        document.close()
    scan = len(bare) == len(sheets)
    # What a scanner calls its file is no title.
    title = None if scan else title
    return Reading(
        tuple(blocks_of(list(pages.values()), tables)),
        "scan" if scan else "pdf",
        title,
        (*hidden.warnings(), *warnings),
    )


def _opened(data: bytes) -> Any:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            message = "the file is protected by a password; remove it and upload the file again"
            raise Unreadable("encrypted", message) from error
        raise Unreadable("broken", f"no PDF reader can open it ({error}); export it again") from error


def _page(document: Any, number: int, hidden: Hidden) -> _Page | None:
    try:
        return _Page(document[number], number + 1, hidden)
    except pdfium.PdfiumError:
        return None


def _listed(pages: Sequence[int]) -> str:
    shown = ", ".join(map(str, pages[:10]))
    return f"{shown}, …" if len(pages) > 10 else shown


@dataclass(frozen=True, slots=True)
class _Area:
    left: float
    bottom: float
    right: float
    top: float

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.bottom <= y <= self.top

    @property
    def size(self) -> float:
        return max(0.0, self.right - self.left) * max(0.0, self.top - self.bottom)


class _Page:
    """A page's lines as they stand when it is held the right way up, without what can't be seen."""

    def __init__(self, page: Any, number: int, hidden: Hidden) -> None:
        self.number = number
        self._hidden = hidden
        self._box = _Area(*page.get_bbox())
        self._dark: list[_Area] = []  # painted grounds on which white words can be read
        self._pictures: list[_Area] = []
        rules = self._survey(page)
        self.has_layer = False
        self.lines = list(self._read(page))
        few = sum(len(line.text) for line in self.lines) < _FEW
        self.is_picture = few and self._is_covered
        self.is_ruled = rules >= 4
        page.close()

    @property
    def _is_covered(self) -> bool:
        return any(area.size > 0.4 * self._box.size for area in self._pictures) or (
            sum(area.size for area in self._pictures) > 0.6 * self._box.size
        )

    def _survey(self, page: Any) -> int:
        """Note pictures and painted grounds; give the number of drawn paths."""
        rules = 0
        for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
            if rules + len(self._pictures) > 20_000:
                break
            area = _Area(*item.get_bounds()) if hasattr(item, "get_bounds") else _Area(*item.get_pos())
            if item.type == raw.FPDF_PAGEOBJ_IMAGE:
                self._pictures.append(area)
                continue
            rules += 1
            red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
            painted = raw.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
            if painted and alpha.value > 25 and min(red.value, green.value, blue.value) < _PALE and area.size > 20:
                self._dark.append(area)
        return rules

    def _read(self, page: Any) -> Iterator[Line]:
        text = page.get_textpage()
        try:
            yield from self._lines(text)
        finally:
            text.close()

    def _lines(self, text: Any) -> Iterator[Line]:
        """Give the lines as the text layer orders them, each where it stands on the upright page."""
        start = 0
        # By character, not as one string: what pdfium leaves out of that would shift every place.
        content = "".join(chr(raw.FPDFText_GetUnicode(text, place) or 0xFFFE) for place in range(text.count_chars()))
        seen = self._seen(text, len(content))
        turn = self._turn(text, len(content))
        for said in re.split(r"(\r\n|\r|\n)", content):
            end = start + len(said)
            places = [i for i in range(start, end) if seen[i]]
            if len(places) < end - start:
                self._hidden.words("".join(content[i] for i in range(start, end) if not seen[i]))
            words = tightened(re.sub(r"[\x02\ufffe\u00ad]", "", "".join(content[i] for i in places))).strip()
            words = words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            start = end
            if not words:
                continue
            shown = [i for i in places if not content[i].isspace()]
            first, last = (self._upright(text.get_charbox(i, loose=True), turn) for i in (shown[0], shown[-1]))
            tall = self._height(turn)
            yield Line(
                words,
                self.number,
                first.left,
                last.right,
                tall - first.top,
                first.top - first.bottom,
                (tall - first.top) / tall if tall else 0.5,
            )

    def _seen(self, text: Any, count: int) -> list[bool]:
        """Tell for every character whether a reader sees it; neighbours of one text object share the answer."""
        seen = [True] * count
        before, answer = None, True
        for place in range(count):
            item = raw.FPDFText_GetTextObject(text, place)
            if not item:
                # A blank or a break that only the text layer knows.
                seen[place] = answer
                continue
            key = ctypes.cast(item, ctypes.c_void_p).value
            if key != before:
                before, answer = key, self._is_seen(text, item, place)
            seen[place] = answer
        return seen

    def _is_seen(self, text: Any, item: Any, place: int) -> bool:
        box = _Area(*text.get_charbox(place, loose=True))
        x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        mode = raw.FPDFTextObj_GetTextRenderMode(item)
        if mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP):
            # Behind a picture of the page it is what a scanner recognised.
            self.has_layer = self.has_layer or self._is_covered
            return self._is_covered
        if not self._box.holds(x, y) or min(box.right - box.left, box.top - box.bottom) <= 0:
            return False
        if max(box.top - box.bottom, box.right - box.left) < _TINY:
            return False
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if not raw.FPDFText_GetFillColor(text, place, red, green, blue, alpha):
            return True
        if alpha.value < 10:
            return False
        pale = min(red.value, green.value, blue.value) >= _PALE and mode == raw.FPDF_TEXTRENDERMODE_FILL
        return not pale or any(area.holds(x, y) for area in (*self._dark, *self._pictures))

    def _turn(self, text: Any, count: int) -> int:
        """Give the quarter turns, clockwise, after which most of the page's words stand upright."""
        angles = Counter(
            round(raw.FPDFText_GetCharAngle(text, place) / math.pi * 2) % 4
            for place in range(0, count, max(1, count // 200))
        )
        return int(angles.most_common(1)[0][0]) if angles else 0

    def _height(self, turn: int) -> float:
        return self._box.right - self._box.left if turn % 2 else self._box.top - self._box.bottom

    def _upright(self, charbox: Sequence[float], turn: int) -> _Area:
        """Turn a place on the page as it was written to where it stands on the upright page."""
        left, bottom, right, top = charbox
        page = self._box
        if turn == 1:
            return _Area(page.top - top, left - page.left, page.top - bottom, right - page.left)
        if turn == 2:
            return _Area(page.right - right, page.top - top, page.right - left, page.top - bottom)
        if turn == 3:
            return _Area(bottom - page.bottom, page.right - right, top - page.bottom, page.right - left)
        return _Area(left - page.left, bottom - page.bottom, right - page.left, top - page.bottom)


def _tables(data: bytes, pages: Sequence[int]) -> Iterator[tuple[int, list[RuledTable]]]:
    """Find ruled tables with pdfplumber, by page number."""
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data), pages=list(pages)) as document:
        for page in document.pages:
            found = []
            for table in page.find_tables():
                rows = _rows(table)
                if len(rows) >= 2 and len(rows[0]) >= 2:
                    _, top, _, bottom = table.bbox
                    found.append(RuledTable(top - page.bbox[1], bottom - page.bbox[1], rows))
            if found:
                yield page.page_number, found
            # Its characters are held by the thousand.
            page.close()


def _rows(table: Any) -> Rows:
    """Give a table's rows with the words of a merged cell in every place it covers."""
    words = {
        cell: tightened(re.sub(r"\s*\n\s*", "", text or "")).strip()
        for row, texts in zip(table.rows, table.extract(), strict=True)
        for cell, text in zip(row.cells, texts, strict=True)
        if cell is not None
    }
    lefts = sorted({round(cell[0], 1) for cell in words})
    tops = sorted({round(cell[1], 1) for cell in words})

    def at(x: float, y: float) -> str:
        return next((text for (x0, top, x1, bottom), text in words.items() if x0 <= x < x1 and top <= y < bottom), "")

    return tuple(tuple(at(left + 1, top + 1) for left in lefts) for top in tops)
