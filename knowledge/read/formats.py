"""Tell what a file really is, by its bytes; refuse it if its name says otherwise; hand it to its reader."""

from __future__ import annotations

import importlib
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

from knowledge.read import Reading, Unreadable
from knowledge.read.archives import MOST_ENTRIES, is_bomb, open_archive
from knowledge.read.cleaning import cleaned
from knowledge.read.encodings import decode
from knowledge.read.engines import OFFICE
from knowledge.read.limits import Limits, confine
from knowledge.read.office import OLD_FORMATS, convert

_NAMES = {
    ".docx": "docx",
    ".xlsx": "xlsx",
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".csv": "csv",
    ".png": "picture",
    ".jpg": "picture",
    ".jpeg": "picture",
    ".tif": "picture",
    ".tiff": "picture",
    ".bmp": "picture",
    ".webp": "picture",
    **{ending: "rtf" if ending == ".rtf" else "ole" for ending in OLD_FORMATS},
}
_OTHERS = {
    ".ofd": "an OFD file; export it as PDF with text",
    ".ppt": "slides; save their text as .docx",
    ".pptx": "slides; save their text as .docx",
    ".docm": "a Word file with macros; save it as .docx",
    ".xlsm": "an Excel file with macros; save it as .xlsx",
    ".rar": "a RAR archive; pack it as .zip",
    ".7z": "a 7-Zip archive; pack it as .zip",
}
_READERS = {
    "docx": ("knowledge.read.docx", "read_docx"),
    "xlsx": ("knowledge.read.xlsx", "read_xlsx"),
    "csv": ("knowledge.read.csv", "read_csv"),
    "html": ("knowledge.read.html", "read_html"),
    "markdown": ("knowledge.read.markdown", "read_markdown"),
    "text": ("knowledge.read.plain", "read_text"),
}
_WARMED = {form: (module,) for form, (module, _) in _READERS.items()} | {"pdf": ("knowledge.read.pdf", "pdfplumber")}
_SAID = {
    "docx": "a Word file",
    "xlsx": "an Excel file",
    "pdf": "a PDF",
    "html": "a web page",
    "text": "plain text",
    "rtf": "an RTF file",
    "zip": "a compressed archive",
    "ole": "an old Office file",
    "picture": "a picture",
    "binary": "no text",
}
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "the file is protected by a password; remove it and upload the file again"


def warm(name: str) -> None:
    """Import what a file of this name will be read with, so that its child finds it imported."""
    form = _NAMES.get(PurePath(name).suffix.lower(), "")
    for module in _WARMED.get(form, ()):
        importlib.import_module(module)


def read_bytes(
    data: bytes, name: str, limits: Limits | None = None, engine: str = "", workshop: str | None = None
) -> Reading:
    """Read a file's bytes in this process. Raises Unreadable, or NeedsEngine unless `engine` names that one.

    `workshop` is a folder for an engine's temporary files.
    """
    limits = limits or Limits()
    ending = PurePath(name).suffix.lower()
    if ending in _OTHERS:
        raise Unreadable("unsupported", f"this is {_OTHERS[ending]}")
    if ending not in _NAMES:
        known = "Word, Excel, PDF, HTML, Markdown, CSV and text files, pictures, and ZIP archives of these"
        raise Unreadable("unsupported", f"files ending in {ending or 'nothing'} are not read; read are {known}")
    if not data.strip():
        raise Unreadable("empty", "the file has nothing in it; upload it again")
    claimed, found = _NAMES[ending], _what_is(data, limits)
    if found != claimed and not (found == "text" and claimed in ("markdown", "html", "csv")):
        raise Unreadable("mislabelled", f"its content is {_SAID[found]} though its name ends in {ending}; rename it")
    reading = cleaned(_read(data, ending, claimed, limits, engine, workshop))
    if not any(block.text.strip() or block.rows for block in reading.blocks):
        raise Unreadable("empty", "no words were found in it; check that it is the right file")
    return reading


def _read(data: bytes, ending: str, form: str, limits: Limits, engine: str, workshop: str | None) -> Reading:
    if form in ("ole", "rtf"):
        made = convert(data, ending, engine, workshop, limits)
        if engine == OFFICE:
            # What LibreOffice made is a file like any other.
            confine(limits)
        form = OLD_FORMATS[ending].becomes
        _what_is(made, limits)
        return replace(_reader(form)(made), format=ending[1:])
    if form == "picture":
        from knowledge.read.scan import read_picture

        return read_picture(data, engine)
    if form == "pdf":
        from knowledge.read.pdf import read_pdf

        return read_pdf(data, engine)
    return _reader(form)(data)


def _reader(form: str) -> Callable[[bytes], Reading]:
    """Import only the reader that is needed: most children need one."""
    module, function = _READERS[form]
    reader: Callable[[bytes], Reading] = getattr(importlib.import_module(module), function)
    return reader


def _what_is(data: bytes, limits: Limits) -> str:
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return _what_zip(data, limits)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable("encrypted", _LOCKED)
        return "ole"
    if data.startswith(_PICTURES) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return "picture"
    if data.startswith(b"{\\rtf"):
        return "rtf"
    try:
        text = decode(data)
    except Unreadable:
        return "binary"
    if re.match(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b", text[:4000], re.IGNORECASE | re.DOTALL):
        return "html"
    return "text"


def _what_zip(data: bytes, limits: Limits) -> str:
    """Look into an archive without unpacking it: is it an Office file, is it a bomb, does it declare entities?"""
    archive = open_archive(data)
    parts = archive.infolist()
    inflated = sum(part.file_size for part in parts)
    if is_bomb(inflated, len(data), limits) or len(parts) > MOST_ENTRIES:
        raise Unreadable(
            "too_large",
            f"it unpacks to {inflated / 1e6:.1f} MB, {inflated / len(data):.0f} times its size; no real document does",
        )
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("encrypted", _LOCKED)
    names = {part.filename for part in parts}
    if not names & {"word/document.xml", "xl/workbook.xml"}:
        return "zip"
    try:
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as opened:
                    # Whatever its encoding; Office never writes a document type, only attackers do.
                    if b"<!DOCTYPE" in opened.read(8192).replace(b"\0", b"").upper():
                        raise Unreadable("unsafe", "it declares XML entities, which Office never does; save it anew")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable("broken", f"the file is damaged ({error}); open it and save it again") from error
    return "docx" if "word/document.xml" in names else "xlsx"
