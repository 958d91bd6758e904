"""Pages drawn for tests: PDFs with words, rules, grounds and pictures where one wants them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field


@dataclass
class Page:
    """An A4 page to draw on; places in points from its lower left corner, upright whatever its `rotate`."""

    rotate: int = 0
    drawn: list[str] = field(default_factory=list)
    picture: bytes = b""  # greyscale, 8 bits, `shape` wide and tall
    shape: tuple[int, int] = (0, 0)

    def say(self, words: str, x: float = 70, y: float = 700, size: float = 12, *, color: str = "0 0 0", mode: int = 0):
        """Write a line of any characters of GB 2312."""
        hexed = words.encode("utf-16-be").hex()
        self.drawn.append(f"BT {color} rg {mode} Tr /F1 {size} Tf {x} {y} Td <{hexed}> Tj ET")
        return self

    def paragraph(self, words: str, y: float = 700, width: int = 36, x: float = 70):
        """Write lines of so many characters, broken wherever they end."""
        for row, start in enumerate(range(0, len(words), width)):
            self.say(words[start : start + width], x, y - 20 * row)
        return self

    def ground(self, x: float, y: float, width: float, height: float, color: str = "0 0 0.5"):
        """Paint a rectangle."""
        self.drawn.append(f"{color} rg {x} {y} {width} {height} re f")
        return self

    def table(self, rows: list[list[str]], y: float, x: float = 70, width: float = 110, height: float = 24):
        """Draw a ruled table downwards from `y`; an empty string in the first column belongs to the cell above."""
        columns = len(rows[0])
        for number in range(len(rows) + 1):
            open_left = 0 < number < len(rows) and not rows[number][0]
            left = x + width if open_left else x
            self.drawn.append(f"{left} {y - number * height} m {x + columns * width} {y - number * height} l S")
        for number in range(columns + 1):
            self.drawn.append(f"{x + number * width} {y} m {x + number * width} {y - len(rows) * height} l S")
        for number, row in enumerate(rows):
            for column, words in enumerate(row):
                if words:
                    self.say(words, x + column * width + 4, y - number * height - 17, 10)
        return self

    def scan(self, picture: bytes, shape: tuple[int, int]):
        """Cover the page with a picture."""
        self.picture, self.shape = picture, shape
        self.drawn.insert(0, "q 595 0 0 842 0 0 cm /X Do Q")
        return self


def pdf_of(*pages: Page) -> bytes:
    """Put pages into a file, in a font every reader brings along (ISO 32000-1, 9.7.5)."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{' '.join(f'{6 + 3 * n} 0 R' for n in range(len(pages)))}]/Count {len(pages)}>>".encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/W[1[500]2 95 500]"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 5 0 R>>",
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 -120 1000 880]/ItalicAngle 0"
        b"/Ascent 880/Descent -120/CapHeight 880/StemV 80>>",
    ]
    for number, page in enumerate(pages):
        at = 6 + 3 * number
        box, turn = "0 0 595 842", ""
        if page.rotate == 90:  # written sideways, so that it is upright once turned
            box, turn = "0 0 842 595", "0 1 -1 0 842 0 cm "
        drawn = (turn + "\n".join(page.drawn)).encode()
        picture = zlib.compress(page.picture)
        objects += [
            f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Rotate {page.rotate}/Contents {at + 1} 0 R"
            f"/Resources<</Font<</F1 3 0 R>>/XObject<</X {at + 2} 0 R>>>>>>".encode(),
            b"<</Length %d>>\nstream\n%b\nendstream" % (len(drawn), drawn),
            b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
            b"/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (*page.shape, len(picture), picture),
        ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
