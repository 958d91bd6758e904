"""Lines that sign a file: the offices that issued it, run together or apart, and the day beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from knowledge.days import days_in
from knowledge.numbering import halved

_OFFICE = re.compile(
    r"[\u4e00-\u9fff～]{2,30}(?:政府|办公室|委员会|局|中心|专班|工作组|领导小组|联席会议|办|部|委|会|院|站|所)"
)
# Two offices that a reader ran together: the second begins with the county's name again.
_END_OF_OFFICE = "府室会局心班组议办部委院"
_QUOTED = re.compile(r"[“\"]([^“”\"]{1,30})[”\"]")
_NUMBER = re.compile(r"^[\u4e00-\u9fff]{1,14}[〔\[(【]\s*\d{4}\s*[〕\])】]第?\d+号\s*")
# What stands over many files names none of them: the red head, the running head of a collection or a website.
RED_HEAD = re.compile(
    r"[\u4e00-\u9fff]{2,24}(?:政府|办公室|委员会|局|中心|专班|[县市区]委)文件"
    r"|[\u4e00-\u9fff]{2,24}(?:文件|政策)(?:汇编|选编)\W?.{0,12}"
    r"|[\u4e00-\u9fff]{2,20}(?:网|网站|公报)(?:主动)?(?:公开)?(?:发布|公布|刊登)"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """The offices that sign, in their order, and the day beside them, if one stands there."""

    offices: tuple[str, ...]
    day: date | None = None


def offices_in(words: str) -> list[str]:
    """Give the offices a line names, if it names nothing else."""
    # A campaign's name in quotes ("迎老乡、回故乡、建家乡"行动办公室) holds commas of its own.
    quoted = [found.group() for found in _QUOTED.finditer(words)]
    plain = _QUOTED.sub("～", halved(words)).strip(" ()")
    county = re.match(r"[\u4e00-\u9fff]{1,6}?[县市区旗]", plain)
    if county:
        plain = re.sub(rf"(?<=[{_END_OF_OFFICE}])(?={county.group()})", "、", plain)
    parts = [part for part in re.split(r"[、\s]+", plain) if part]
    if not parts or not all(_OFFICE.fullmatch(part) for part in parts):
        return []
    return [part.replace("～", quoted.pop(0)) if "～" in part and quoted else part for part in parts]


def signature_in(line: str) -> Signature | None:
    """Read a line that holds offices, perhaps a day ("某县民政局 2025年3月14日印发"), and nothing else."""
    bare = _NUMBER.sub("", halved(line).strip()).strip(" ()")
    bare = re.sub(r"(?:联合)?(?:印发|发布|公布|编印)$", "", bare).strip()
    if len(bare) > 120 or re.search(r"[。;:,]", bare):
        return None
    day: date | None = None
    for found, start, end in days_in(bare):
        # The red head of the next page may follow at once.
        if bare[end:].strip() and not RED_HEAD.fullmatch(bare[end:].strip()):
            return None
        day, bare = found, bare[:start].strip(" ()")
        break
    offices = offices_in(bare)
    return Signature(tuple(offices), day) if offices else None
