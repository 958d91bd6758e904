"""What somebody takes back in a sentence: "周三下午三点，不对，周四" is Thursday at three; used by `spoken_times`."""

from __future__ import annotations

import re

from handlers.spoken_clock_times import find_times
from handlers.spoken_day_words import TAKEN, find_days
from handlers.spoken_hours import find_parts
from handlers.spoken_leftovers import is_denied

WITHDRAWN = re.compile(
    r"(?:^|[,.;!?。、\s]+|(?<=[点半刻分午晚早上日天一二三四五六号]))"
    r"(?:啊|等等)?,*(?:不对|不是|(?:我?[说搞记打写弄看]|口)错(?:了|字)?|错了|口误|更正|(?<=,)不+(?=[,周星礼上下明后今]))"
    r"[,.:;!?。\s]*(?:应该是|应该|应为|改成|是)?[,:\s]*"
    r"|[,.;!?\s-]*(?:\b(?:no,? wait|wait,? no|sorry|actually|scratch that|correction|oops|make that|make it|i meant)\b"
    r"[,.:!\s-]*)+"
)


def without_withdrawn(text: str) -> str:
    """Take out of a prepared text what its second half puts right; what that half leaves open stays said.

    Where it is not plain what was put right, the text stays as it is, and is asked about.
    """
    marks = list(WITHDRAWN.finditer(text))
    if len(marks) != 1:
        return text
    before, after = text[: marks[0].start()], text[marks[0].end() :]
    days, rest = find_days(after)
    parts, rest = find_parts(rest)
    times, _ = find_times(rest)
    if is_denied(before) or not (days or parts or times):
        return text
    kept = before
    if days:
        kept = find_days(kept)[1].replace(TAKEN, " ")
    if parts:
        kept = find_parts(kept)[1].replace(TAKEN, " ")
    if parts or times:
        kept = _without_times(kept)
    return f"{kept},{after}"


def _without_times(text: str) -> str:
    """Take the clock times out; a day is no time, and what stands by it stays."""
    rest = find_days(text)[1]
    _, parted = find_parts(rest)
    _, left = find_times(parted)
    return "".join(
        old if new != TAKEN or was == TAKEN else " " for old, was, new in zip(text, parted, left, strict=True)
    )
