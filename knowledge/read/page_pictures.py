"""A page of a PDF as a picture, to be looked at beside what was read of it; drawn in a child process with limits.

`python -m knowledge.read.page_pictures FILE PAGE` writes PNG to standard output.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from knowledge.read import Unreadable
from knowledge.read.files import check, reader_environment
from knowledge.read.limits import Limits, confine

WIDTH = 900  # pixels
SECONDS = 20


def picture_of_page(file: Path, page: int) -> bytes:
    """Give a page (from 1) of a PDF as PNG. Raises Unreadable for what can't be drawn."""
    check(file)
    command = [sys.executable, "-m", "knowledge.read.page_pictures", str(file), str(page)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, on a file we keep
            command, capture_output=True, timeout=SECONDS + 5, env=reader_environment(), check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("too_slow", f"page {page} was not drawn within {SECONDS} seconds") from error
    if done.returncode != 0 or not done.stdout:
        raise Unreadable("broken", f"page {page} can't be drawn; open the file itself")
    return done.stdout


def main() -> None:
    """Draw one page and end."""
    file, page = Path(sys.argv[1]), int(sys.argv[2])
    confine(Limits(seconds=SECONDS))
    import pypdfium2

    document = pypdfium2.PdfDocument(file)
    drawn = document[page - 1]
    picture = drawn.render(scale=WIDTH / drawn.get_width()).to_pil()
    picture.convert("P", palette=1, colors=64).save(sys.stdout.buffer, "PNG", optimize=True)


if __name__ == "__main__":
    main()
