"""Tell what a file really is, by its bytes; refuse it if its name says otherwise; hand it to its reader."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import PurePath

from knowledge.read import Reading, Unreadable
from knowledge.read.files import Limits
from knowledge.read.plain import decode, read_markdown, read_text

_NAMES = {
    ".docx": "docx",
    ".xlsx": "xlsx",
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
}
_OTHERS = {
    ".doc": "an old Word file; save it as .docx",
    ".wps": "a WPS file; save it as .docx",
    ".xls": "an old spreadsheet; save it as .xlsx",
    ".et": "a WPS spreadsheet; save it as .xlsx",
    ".ofd": "an OFD file; export it as PDF with text",
    ".rtf": "an RTF file; save it as .docx",
    ".ppt": "slides; save their text as .docx",
    ".pptx": "slides; save their text as .docx",
}
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_bytes(data: bytes, name: str, limits: Limits | None = None) -> Reading:
    """Read a file's bytes in this process. Raises Unreadable."""
    ending = PurePath(name).suffix.lower()
    if ending in _OTHERS:
        raise Unreadable("unsupported", f"this is {_OTHERS[ending]}")
    if ending not in _NAMES:
        known = ", ".join(_NAMES)
        raise Unreadable("unsupported", f"files ending in {ending or 'nothing'} are not read, only {known}")
    if not data.strip():
        raise Unreadable("empty", "the file has nothing in it; upload it again")
    claimed, found = _NAMES[ending], _what_is(data, limits or Limits())
    if found != claimed and not (found == "text" and claimed in ("markdown", "html")):
        raise Unreadable("mislabelled", f"its content is {_SAID[found]} though its name ends in {ending}; rename it")
    reading = _reader(claimed)(data)
    if not any(block.text.strip() or block.rows for block in reading.blocks):
        raise Unreadable("empty", "no words were found in it; check that it is the right file")
    return reading


_SAID = {
    "docx": "a Word file",
    "xlsx": "an Excel file",
    "pdf": "a PDF",
    "html": "a web page",
    "text": "plain text",
    "zip": "a compressed archive",
    "ole": "an old Office file",
    "picture": "a picture",
    "binary": "no text",
}


def _what_is(data: bytes, limits: Limits) -> str:
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return _what_zip(data, limits)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable("encrypted", "the file is protected by a password; remove it and upload the file again")
        return "ole"
    if data.startswith(_PICTURES):
        return "picture"
    try:
        text = decode(data)
    except Unreadable:
        return "binary"
    if re.match(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b", text[:4000], re.IGNORECASE | re.DOTALL):
        return "html"
    return "text"


def _what_zip(data: bytes, limits: Limits) -> str:
    """Look into an archive without unpacking it: is it an Office file, and is it a bomb?"""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Unreadable("broken", f"the file is damaged ({error}); open it and save it again") from error
    parts = archive.infolist()
    inflated = sum(part.file_size for part in parts)
    if inflated > limits.inflated_mb * 1_000_000 or inflated > max(1_000_000, limits.ratio * len(data)):
        raise Unreadable(
            "too_large",
            f"it unpacks to {inflated / 1e6:.1f} MB, {inflated / len(data):.0f} times its size; no real document does",
        )
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("encrypted", "the file is protected by a password; remove it and upload the file again")
    names = set(archive.namelist())
    return "docx" if "word/document.xml" in names else "xlsx" if "xl/workbook.xml" in names else "zip"


def _reader(form: str) -> Callable[[bytes], Reading]:
    """Import only the reader that is needed: a child lives for one file."""
    if form == "docx":
        from knowledge.read.docx import read_docx

        return read_docx
    if form == "xlsx":
        from knowledge.read.xlsx import read_xlsx

        return read_xlsx
    if form == "pdf":
        from knowledge.read.pdf import read_pdf

        return read_pdf
    if form == "html":
        from knowledge.read.html import read_html

        return read_html
    return read_markdown if form == "markdown" else read_text
