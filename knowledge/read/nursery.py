"""The process that reading children are forked from, one for each file: `python -m knowledge.read.nursery`.

Starting Python and importing a reader takes 0.1–0.5 s, forking takes 7 ms. So this process, which never looks
into a file itself, imports what the next file's format needs and forks; every file still has a child, and limits,
of its own. Requests are lines of JSON on standard input; each is answered on standard output by a line with a
status and a length, then so many bytes: the child's JSON, or nothing if it died.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from typing import Any

from knowledge.read.child import attend
from knowledge.read.formats import warm
from knowledge.read.limits import Limits

SLOW = "slow"


def main() -> None:
    """Serve until standard input ends. Where nothing can be forked, serve one request and end."""
    if not hasattr(os, "fork"):
        request = json.loads(sys.stdin.buffer.readline())
        _answer("0", attend(request))
        return
    while line := _next_line():
        request = json.loads(line)
        warm(request["name"])
        _answer(*_delegate(request))


def _next_line() -> bytes:
    """Read one line without a buffer of our own, so that a child inherits none of it."""
    line = bytearray()
    while not line.endswith(b"\n"):
        more = os.read(0, 65536)
        if not more:
            return b""
        line += more
    return bytes(line)


def _delegate(request: dict[str, Any]) -> tuple[str, bytes]:
    """Have a child of its own do what is asked; give how it ended and what it said."""
    seconds = Limits(**request["limits"]).for_engine(request["engine"]).seconds
    # A collection in the child would touch, and so copy, every object imported here.
    gc.freeze()
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _live(request, theirs)
    os.close(theirs)
    said, slow = _listen(ours, time.monotonic() + seconds)
    os.close(ours)
    # The whole group: a converter of old files is the child's child.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return (SLOW, b"") if slow else (str(os.waitstatus_to_exitcode(status)), said)


def _live(request: dict[str, Any], out: int) -> None:
    """Be the child: a group of its own, deaf and mute but for the pipe; never returns."""
    code = 1
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            # What libraries complain about may hold words of the file.
            os.dup2(nowhere, standard)
        said = memoryview(attend(request))
        while said:
            said = said[os.write(out, said) :]
        code = 0
    finally:
        # No clean-up of what belongs to the nursery.
        os._exit(code)


def _listen(pipe: int, until: float) -> tuple[bytes, bool]:
    """Hear the child out, until its time is over or the one who asked is gone."""
    said = bytearray()
    while True:
        left = until - time.monotonic()
        ready = select.select([pipe, 0], [], [], left)[0] if left > 0 else []
        if not ready:
            return b"", True
        if pipe in ready:
            more = os.read(pipe, 1 << 20)
            if not more:
                return bytes(said), False
            said += more
        elif not os.read(0, 1):
            return b"", True


def _answer(status: str, said: bytes) -> None:
    sys.stdout.buffer.write(f"{status} {len(said)}\n".encode() + said)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
