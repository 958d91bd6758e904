"""Old Office files (Word 97, WPS, Excel 97, RTF), made into today's by LibreOffice where it is installed."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from knowledge.read import Unreadable
from knowledge.read.engines import OFFICE, NeedsEngine, soffice
from knowledge.read.limits import Limits


@dataclass(frozen=True, slots=True)
class OldFormat:
    """What an ending stands for, the format it is turned into, and the ending LibreOffice knows it by."""

    said: str
    becomes: str
    known_as: str


OLD_FORMATS = {
    ".doc": OldFormat("an old Word file", "docx", ".doc"),
    ".wps": OldFormat("a WPS file", "docx", ".doc"),
    ".rtf": OldFormat("an RTF file", "docx", ".rtf"),
    ".xls": OldFormat("an old spreadsheet", "xlsx", ".xls"),
    ".et": OldFormat("a WPS spreadsheet", "xlsx", ".xls"),
}

# No macros, and nothing is fetched from where a document points to.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""


def convert(data: bytes, ending: str, engine: str, workshop: str | None, limits: Limits) -> bytes:
    """Give the file's content as DOCX or XLSX. Raises NeedsEngine, or Unreadable if that fails."""
    old, program = OLD_FORMATS[ending], soffice()
    if program is None:
        advice = f"save it as .{old.becomes}, or install LibreOffice so that such files are read"
        raise Unreadable("unsupported", f"this is {old.said}; {advice}")
    if engine != OFFICE or workshop is None:
        raise NeedsEngine(OFFICE)
    folder = Path(workshop)
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE)
    # Its own name plays no part: it may be anything.
    source = folder / f"old{old.known_as}"
    source.write_bytes(data)
    command = [
        program,
        f"-env:UserInstallation={profile.as_uri()}",
        *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo"),
        *("--convert-to", old.becomes, "--outdir", str(folder), str(source)),
    ]
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"}
    subprocess.run(  # noqa: S603 - a program found on PATH, with paths of our own making
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=limits.seconds,
        check=False,
    )
    made = folder / f"old.{old.becomes}"
    if not made.is_file():
        message = f"LibreOffice can't read it (damaged, or protected by a password); save it as .{old.becomes}"
        raise Unreadable("broken", message)
    return made.read_bytes()
