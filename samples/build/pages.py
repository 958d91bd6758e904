"""PDF files with text, written by hand: the same bytes every time, and all the faults of files printed to PDF.

The font is one every reader brings along (Adobe-GB1), so nothing is embedded. Lines break inside sentences and
figures, every page has a header, a footer and a number, and a ruled table may go on overleaf.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

WIDTH = 34  # characters a line
LINES = 26  # lines a page
LEFT, TOP, LEADING = 70, 760, 26
COLUMNS = (70, 110, 290, 390, 450, 525)  # where the table's rules stand


def write_guide(path: Path, text: str, header: str) -> None:
    """Write a text of plain lines."""
    lines = [part for line in text.splitlines() for part in _broken(line)]
    pages = [lines[start : start + LINES] for start in range(0, len(lines), LINES)]
    drawn = [[_drawn(line, LEFT, TOP - LEADING * row, 13) for row, line in enumerate(page)] for page in pages]
    path.write_bytes(_pdf([_page(page, header, number, len(drawn)) for number, page in enumerate(drawn, 1)]))


def write_ruled(path: Path, text: str, header: str) -> None:
    """Write a text that ends in a ruled table of five columns; its header is not repeated overleaf."""
    drawn: list[list[bytes]] = [[]]
    row = 0
    for line in [part for whole in text.splitlines() for part in ([whole] if whole[0] == "|" else _broken(whole))]:
        if row == LINES:
            drawn.append([])
            row = 0
        y = TOP - LEADING * row
        if line[0] == "|":
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            drawn[-1] += [_drawn(cell, x + 4, y, 11) for cell, x in zip(cells, COLUMNS, strict=False)]
            drawn[-1] += [_box(x, y - 9, until - x) for x, until in itertools.pairwise(COLUMNS)]
        else:
            drawn[-1].append(_drawn(line, LEFT, y, 13))
        row += 1
    path.write_bytes(_pdf([_page(page, header, number, len(drawn)) for number, page in enumerate(drawn, 1)]))


def _broken(line: str) -> list[str]:
    """Break a line at the page's width, in the middle of whatever stands there; paragraphs are indented."""
    flush = line[1:2] == "、" or re.match(r"清岚县|清[\u4e00-\u9fff]+发〔|20\d\d年|附表", line)
    line = line if flush else "  " + line
    return [line[start : start + WIDTH] for start in range(0, len(line), WIDTH)]


def _page(drawn: list[bytes], header: str, number: int, total: int) -> bytes:
    """Draw one A4 page: header, footer, content."""
    edges = [_drawn(header, 230, 800, 9), _drawn(f"第 {number} 页 共 {total} 页", 260, 40, 9)]
    return b"\n".join([*edges, *drawn])


def _drawn(words: str, x: int, y: int, size: int) -> bytes:
    return f"BT /F1 {size} Tf {x} {y} Td <{words.encode('utf-16-be').hex()}> Tj ET".encode()


def _box(x: int, y: int, width: int) -> bytes:
    return f"0.6 w {x} {y} {width} {LEADING} re S".encode()


def _pdf(pages: list[bytes]) -> bytes:
    """Put pages into a file (ISO 32000-1, sections 7.5 and 9.7.5)."""
    kids = " ".join(f"{6 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 [500] 2 95 500] "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 5 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -120 1000 880] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 >>",
    ]
    for number, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page))
    return assembled(objects)


def assembled(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """Write objects with their table of places; `trailer` holds further entries of the trailer."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    size = b"<< /Size %d /Root 1 0 R%b >>" % (len(objects) + 1, trailer)
    return out + b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (size, start)
