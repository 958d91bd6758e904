"""How texts name other files and their parts: 《title》(number) 第三条第二款, and the day something counts from."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from datetime import date

from knowledge.days import day_in
from knowledge.numbering import article_of, halved

_NO = r"[\u4e00-\u9fff]{1,12}〔\d{4}〕\d+号"
_TITLE = r"[^《》]+(?:《[^》]+》[^《》]*)?"
_BESIDE = r"[^()]*?\d{4}[^()]*?号"
NAMED = re.compile(rf"《(?P<title>{_TITLE})》\s*(?:\((?P<no>{_BESIDE})[^()]*\))?|(?P<bare>{_NO})")
_N = r"[〇零一二三四五六七八九十百\d]+"
ARTICLES = re.compile(rf"第{_N}条(?:第{_N}款)?(?:第\(?{_N}\)?[款项])?")
# What a repeal may be limited to: articles, one of their paragraphs or items, a run of them, a chapter, an annex.
_PART = rf"{ARTICLES.pattern}|第{_N}章|附件\s*{_N}"
_PARTS = re.compile(rf"(?P<first>第{_N}条)(?:至|到|-|—)(?P<last>第{_N}条)|{_PART}")
OBJECTS = re.compile(rf"(?:(?:《{_TITLE}》\s*(?:\({_BESIDE}[^()]*\))?|{_NO})(?:{_PART}|[、和及的至到]|以及)*)+")

_SHORT = re.compile(
    rf"《(?P<title>{_TITLE})》[^《》。;]{{0,40}}?以下(?:统?简?称)(?:为)?\s*[:\"“]?\s*《?(?P<short>[^《》。;,()\"”]{{2,24}})"
)


def canonical(line: str) -> str:
    """Give a line in half-width, with one form of brackets in document numbers."""
    line = re.sub(r"[\[【(〔]\s*(\d{4})\s*[\]】)〕]\s*第?\s*(\d+)\s*号", r"〔\1〕\2号", halved(line))
    return line.strip()


def named_in(sentence: str) -> Iterator[tuple[str | None, str | None]]:
    for found in NAMED.finditer(sentence):
        yield found["title"], number_in(found)


def short_names_in(text: str) -> dict[str, str]:
    """Give the short names a text lays down with the titles they stand for ("《…》(…,以下简称《若干措施》)")."""
    return {found["short"].strip(): found["title"] for found in _SHORT.finditer(canonical(text))}


def with_full_titles(text: str, short_names: Mapping[str, str]) -> str:
    """Put titles in the place of the short names that stand for them."""
    for short, title in short_names.items():
        text = text.replace(f"《{short}》", f"《{title}》")
    return text


def is_number(line: str) -> bool:
    """Tell a line that is a document number and nothing else: a file's own."""
    return bool(re.fullmatch(_NO, re.sub(r"\s", "", line)))


def parts_in(words: str) -> list[str | None]:
    """Give the parts of a file that words name, a run of articles one by one ("第三条至第五条")."""
    found: list[str | None] = []
    for part in _PARTS.finditer(words):
        first, last = article_of(part["first"] or ""), article_of(part["last"] or "")
        if first is not None and last is not None:
            found += [f"第{number}条" for number in range(first, min(last, first + 200) + 1)]
        else:
            found.append(re.sub(r"\s", "", part.group()))
    return found


def number_in(named: re.Match[str]) -> str | None:
    """Give the document number beside a title, or the number that stands for the file, without words run into it."""
    number = named["no"] or named["bare"]
    if not number:
        return None
    words = r"废止|执行|根据|按照|依据|落实|贯彻|更正|修改|修订|调整|补充|关于|印发|解读|[原以按和及与由将对为]"
    return re.sub(rf"^.*(?:{words})(?=[\u4e00-\u9fff]{{3,}}〔)", "", number)


def since_in(sentence: str) -> date | None:
    found = re.search(r"自(.{6,24}?)(?:起|之日)", sentence)
    return day_in(found.group(1)) if found else None


@functools.lru_cache(maxsize=20_000)
def plain_name(name: str) -> str:
    """Reduce a title or number to what must agree: no brackets, spaces, edition remarks or issuing formula."""
    name = re.sub(r"\((?:试行|暂行|修订|\d{4}年?版?)\)", "", halved(name))
    issued = re.search(r"关于印发《(.+)》的通知", name)
    name = issued.group(1) if issued else name
    return re.sub(r"[\s《》〔〕\[\]()【】“”\"、,。·\-—]|第(?=\d+号)", "", name)


def is_short_for(one: str, other: str) -> bool:
    """Tell whether one title is the other without its county or its issuing words.

    Not so the rules, notes and supplements that carry a file's whole title in their own.
    """
    short, long = sorted((one, other), key=len)
    if len(short) < 6 or short not in long:
        return False
    before, _, after = long.partition(short)
    affix = re.fullmatch(r"(?:的?(?:通知|公告|意见|决定|试行|暂行))?", after)
    return affix is not None and not re.search(r"补充|更正|修改|修订|调整|延长|废止|解读|说明|实施", before)
