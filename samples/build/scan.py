"""The scanned file: a page as a picture, a little askew, without a text layer."""

from __future__ import annotations

import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

# Where Debian's fonts-noto-cjk puts it. The committed file was made with it; nobody needs to make it again.
FONT = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
SIZE = (1240, 1754)  # A4 at 150 dots an inch
TILT = 0.8  # degrees
DAY = time.gmtime(0)


def write_scan(path: Path, text: str) -> bool:
    """Write the page; give False, writing nothing, where the font is missing."""
    if not FONT.is_file():
        return False
    page = Image.new("L", SIZE, 250)
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(FONT), 36, index=2)
    for row, line in enumerate(text.splitlines()):
        draw.text((150, 200 + 74 * row), line, font=font, fill=30)
    page = page.rotate(TILT, resample=Image.Resampling.BICUBIC, fillcolor=250)
    page.save(path, "PDF", resolution=150, quality=45, creationDate=DAY, modDate=DAY, producer="", title="")
    return True
