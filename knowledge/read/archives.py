"""ZIP archives: which files are in one, under names as their makers wrote them; run in a child process."""

from __future__ import annotations

import hashlib
import io
import re
import stat
import struct
import zipfile
import zlib
from pathlib import PurePosixPath

from knowledge.read import Unreadable
from knowledge.read.limits import Limits

MANIFEST = "manifest.json"
MOST_ENTRIES = 2_000
# What archivers and desktops add; nobody means to upload it.
_LITTER = re.compile(r"(?:^|/)(?:__MACOSX/|\.[^./]|~\$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_ARCHIVES = frozenset([".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"])
_LOCKED = "it is protected by a password; pack it without one"
_UTF8_NAME = 0x800
_UNICODE_PATH = 0x7075  # Info-ZIP's extra field for a name in UTF-8 (APPNOTE 4.6.9)

Member = tuple[int, str, str]  # its place in the archive, its name, the SHA-256 of its content
Manifests = list[tuple[str, str]]  # the folder each stands in, with its slash, and its text
Refused = tuple[str, str, str]  # its name, a reason as in Unreadable, a message


def list_members(data: bytes, limits: Limits) -> tuple[list[Member], list[Refused], Manifests]:
    """Give an archive's files, those in it that can't be had, and its manifests. Raises Unreadable for the whole."""
    archive = open_archive(data)
    parts = archive.infolist()
    if len(parts) > MOST_ENTRIES:
        raise Unreadable("too_large", f"{len(parts)} files in one archive, at most {MOST_ENTRIES} are read; split it")
    found: list[Member] = []
    refused: list[Refused] = []
    manifests: Manifests = []
    unpacked = 0
    for place, part in enumerate(parts):
        name = _name(part)
        if part.is_dir() or _LITTER.search(name):
            continue
        unpacked += part.file_size
        if unpacked > limits.inflated_mb * 1_000_000:
            message = f"the archive unpacks to more than {limits.inflated_mb} MB; split it"
            refused.append((_harmless(name), "too_large", message))
            continue
        try:
            content = _content(archive, part, name, limits)
        except Unreadable as refusal:
            refused.append((_harmless(name), refusal.reason, str(refusal)))
        else:
            folder, _, last = name.rpartition("/")
            if last == MANIFEST:
                manifests.append((f"{folder}/" if folder else "", content.decode("utf-8-sig", "replace")))
            else:
                found.append((place, name, hashlib.sha256(content).hexdigest()))
    if not found and not refused:
        raise Unreadable("empty", "there is no file in the archive; upload it again")
    return found, refused, manifests


def member_bytes(data: bytes, place: int, limits: Limits) -> bytes:
    """Unpack one file by its place in the archive. Raises Unreadable."""
    archive = open_archive(data)
    part = archive.infolist()[place]
    return _content(archive, part, _name(part), limits)


def open_archive(data: bytes) -> zipfile.ZipFile:
    """Open a ZIP file's directory. Raises Unreadable."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    # zipfile says NotImplementedError of a compression it does not know.
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise Unreadable("broken", f"the file is damaged ({error}); open it and save it again") from error


def is_bomb(inflated: int, packed: int, limits: Limits) -> bool:
    """Tell a size after unpacking that no real document has."""
    return inflated > limits.inflated_mb * 1_000_000 or inflated > max(10_000_000, limits.ratio * packed)


def _content(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str, limits: Limits) -> bytes:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
        raise Unreadable("unsafe", "its name leads out of the archive; pack it again")
    if stat.S_ISLNK(part.external_attr >> 16):
        raise Unreadable("irregular", "it is a link, not a file; pack the file itself")
    if path.suffix.lower() in _ARCHIVES:
        raise Unreadable("nested", "it is an archive inside an archive; unpack it first")
    if part.flag_bits & 1:
        raise Unreadable("encrypted", _LOCKED)
    if part.file_size == 0:
        raise Unreadable("empty", "the file is empty (0 bytes); pack it again")
    if part.file_size > limits.size_mb * 1_000_000 or is_bomb(part.file_size, part.compress_size, limits):
        raise Unreadable("too_large", f"it unpacks to {part.file_size / 1e6:.0f} MB; no real document does")
    try:
        return archive.read(part)
    except RuntimeError as error:
        raise Unreadable("encrypted", _LOCKED) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise Unreadable("broken", f"it can't be unpacked ({error}); pack it again") from error


def _name(part: zipfile.ZipInfo) -> str:
    """Read a name as it was written: UTF-8 where the archive says so, else UTF-8 or the Windows of China."""
    if part.flag_bits & _UTF8_NAME:
        return part.filename.replace("\\", "/")
    extra = part.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _UNICODE_PATH and size > 5:
            return extra[9 : 4 + size].decode("utf-8", "replace").replace("\\", "/")
        extra = extra[4 + size :]
    # zipfile takes undeclared names for those of the first PCs.
    raw = part.orig_filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030", "big5"):
        try:
            return raw.decode(encoding).replace("\\", "/")
        except UnicodeDecodeError:
            continue
    return part.filename.replace("\\", "/")


def _harmless(name: str) -> str:
    """Name what leads out of the archive without leading there."""
    return "/".join(step for step in name.replace("\0", "").split("/") if step not in ("", ".", ".."))
