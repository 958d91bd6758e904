"""Which files there are to read in what staff give: files, folders, and ZIP archives of files."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from knowledge.errors import KnowledgeError
from knowledge.read import Unreadable
from knowledge.read.archives import MANIFEST
from knowledge.read.files import Source, check, list_archive
from knowledge.read.limits import Limits

# Control characters, and those that turn the reading direction: a name is to look like what it is.
_TRICKS = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read, or one that can't be, with its name as staff see it.

    `name` is its path in the folder it was found in, an archive counting as a folder
    ("资料.zip/办法.docx"). `content` is the SHA-256 of its bytes, empty if it is refused. `entry`
    is what an archive's own manifest says of it.
    """

    source: Source
    name: str
    content: str = ""
    refusal: Unreadable | None = None
    entry: Mapping[str, object] = field(default_factory=dict)


def find(path: Path, limits: Limits | None = None) -> Iterator[Found]:
    """Give the files at a path in order of name; hidden ones and the locks of Office are passed over."""
    limits = limits or Limits()
    if not path.is_dir():
        yield from _expanded(path, path.name, limits)
        return
    root = path.resolve()
    for inner in sorted(path.rglob("*")):
        parts = inner.relative_to(path).parts
        if any(part.startswith((".", "~$")) for part in parts) or (inner.is_dir() and not inner.is_symlink()):
            continue
        name = inner.relative_to(path).as_posix()
        if inner.is_symlink() and not Path(os.path.realpath(inner)).is_relative_to(root):
            refusal = Unreadable("irregular", "it is a link that leads out of the folder; put the file itself here")
            yield Found(Source(inner, inner.name), shown(name), refusal=refusal)
        elif not inner.is_dir():
            yield from _expanded(inner, name, limits)


def entries_of(manifest: str, name: str) -> Mapping[str, Mapping[str, object]]:
    """Read a manifest (DESIGN §7): file name to metadata. Raises KnowledgeError if it is no such thing."""
    try:
        listed = json.loads(manifest)["files"]
        return {str(item["file"]): dict(item.get("metadata") or {}) for item in listed}
    except (ValueError, KeyError, TypeError) as error:
        raise KnowledgeError(f'{name}: not of the form {{"files":[{{"file","metadata"}}]}}: {error!r}') from error


def shown(name: str) -> str:
    """Give a file's name so that it can be printed and stored, whatever bytes it is made of."""
    try:
        name.encode()
    except UnicodeEncodeError:
        # Bytes that are no UTF-8: a name written on an old Chinese Windows.
        raw = name.encode("utf-8", "surrogateescape")
        try:
            name = raw.decode("gb18030")
        except UnicodeDecodeError:
            name = raw.decode("utf-8", "replace")
    return _TRICKS.sub("\ufffd", name)


def _expanded(path: Path, name: str, limits: Limits) -> Iterator[Found]:
    """Give a file, or the files in it if it is an archive."""
    source = Source(path, path.name)
    try:
        # Passages are read line by line, so their file may be of any size.
        check(path, replace(limits, size_mb=100_000) if path.suffix.lower() == ".jsonl" else limits)
        if path.suffix.lower() != ".zip":
            with path.open("rb") as opened:
                yield Found(source, shown(name), hashlib.file_digest(opened, "sha256").hexdigest())
            return
        archive = list_archive(path, limits)
        # Who may see a file stands there: rather read none than a secret one as public.
        manifest = {
            f"{folder}{file}": entry
            for folder, text in archive.manifests
            for file, entry in entries_of(text, f"{folder}{MANIFEST}").items()
        }
    except KnowledgeError as error:
        refusal = error if isinstance(error, Unreadable) else Unreadable("manifest", str(error))
        yield Found(source, shown(name), refusal=refusal)
        return
    except OSError as error:
        message = f"it can't be opened ({error.strerror}); check its permissions"
        yield Found(source, shown(name), refusal=Unreadable("missing", message))
        return
    used: set[str] = set()
    for member in archive.members:
        inner = _unused(shown(f"{name}/{member.name}"), used)
        entry = manifest.get(member.name, {})
        yield Found(Source(path, member.name, member.place), inner, member.content, entry=entry)
    for member_name, reason in archive.refused:
        yield Found(source, _unused(shown(f"{name}/{member_name}"), used), refusal=reason)


def _unused(name: str, used: set[str]) -> str:
    """Tell two members of one name apart: an archive may hold them, a library may not."""
    number, tried = 1, name
    while tried in used:
        number += 1
        stem, dot, ending = name.rpartition(".")
        tried = f"{stem} ({number}){dot}{ending}"
    used.add(tried)
    return tried
