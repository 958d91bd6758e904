"""The engines some files need (text recognition, LibreOffice): whether they are installed, and how to ask for one."""

from __future__ import annotations

import importlib.util
import shutil

OCR, OFFICE = "ocr", "office"
NO_OCR = "no OCR engine is installed; run 'pip install laoxiang[ocr]' or upload a text version"


class NeedsEngine(Exception):
    """The file can be read with an engine that is installed, under that engine's limits."""

    def __init__(self, engine: str) -> None:
        super().__init__(engine)
        self.engine = engine


def soffice() -> str | None:
    """Find LibreOffice."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def has_ocr() -> bool:
    """Tell whether text can be recognised in pictures."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))
