"""Takes the hour of making out of Office files, so that the same text makes the same bytes."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

DAY = (2026, 1, 1, 0, 0, 0)
_MADE = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def settle(path: Path) -> None:
    """Rewrite an Office file with one day for all its parts and for its properties."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["docProps/core.xml"] = _MADE.sub(rb"\g<1>2026-01-01T00:00:00Z", parts["docProps/core.xml"])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            part = zipfile.ZipInfo(name, DAY)
            part.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(part, content)
