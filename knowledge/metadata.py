"""What a file says about itself: title, number, issuer, kind, days, visibility. A manifest's word beats the text's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import PurePath

from knowledge.days import TERM, after_term, day_in, days_in
from knowledge.documents import Document, Visibility
from knowledge.errors import KnowledgeError
from knowledge.numbering import Level, halved, mark_of
from knowledge.read import Block, BlockKind, Reading
from knowledge.relations import relations_in

DOC_NO = re.compile(r"[\u4e00-\u9fff]{1,12}\s*[〔\[(【]\s*\d{4}\s*[〕\])】]\s*第?\s*\d+\s*号")

# The first word found in the title decides.
_KINDS = (
    ("faq", r"常见问题|问答|FAQ|答疑"),
    ("interpretation", r"解读|说明|图解"),
    ("correction", r"更正|勘误"),
    ("supplement", r"补充"),
    ("repeal_list", r"清理结果|废止.*(?:文件|目录)|失效.*文件"),
    ("leaflet", r"明白纸|宣传|一览|折页|倡议|公开信"),
    ("news", r"讲话|新闻|报道|致辞|简讯"),
    ("measures", r"措施|办法|细则|规定|规程|规则|方案|意见|指引|指南|政策|流程|须知"),
    ("list", r"清单|目录|名录|标准"),
    ("notice", r"通知|公告|通告|函"),
)
_ISSUER_IN_TITLE = re.compile(r"^([\u4e00-\u9fff]{2,30}?)关于")
_ISSUED = re.compile(r"关于印发《(.+)》的通知")
_INTERNAL = re.compile(r"内部(?:资料|文件|使用|掌握|工作)|不予公开|不公开|注意保存")
_SIGNATURE = re.compile(r"[\u4e00-\u9fff]{2,30}(?:政府|办公室|委员会|局|中心|专班|工作组|办|部|院)")
_DATED = re.compile(r"(?:(?:发布|印发|成文|公布|发文|更新)(?:日期|时间)|^\W*(?:数据)?截至|更新至)\s*:?\s*(.{6,20})")
_OFFICE = re.compile(r"由\s*([\u4e00-\u9fff]{2,24}?)\s*(?:会同[\u4e00-\u9fff、]+?)?\s*负责\s*(?:具体)?\s*解释")
_EFFECT = re.compile(r"自(?P<day>[^,。;]{2,40}?)(?:起|之日起|后)?\s*(?:正式|开始)?\s*(?:施行|实施|执行|生效|试行)")
_EXPIRY = re.compile(
    r"(?:有效期|试行期|执行期|施行期)(?:限)?\s*(?:为|至|到)?\s*(?P<term>[^,。;]{1,30})|(?:执行|施行|试行|实施)(?:至|到)(?P<until>[^,。;]{6,20})"
)
_OWN = re.compile(r"本(?:办法|措施|细则|规定|规程|通知|意见|方案|政策|指南|目录|清单|制度|公告|文件)")


class BadManifest(KnowledgeError):
    """A manifest entry that can't be understood; the message names the key and the value."""


def describe(identity: str, file: str, reading: Reading, entry: Mapping[str, object] | None = None) -> Document:
    """Describe a document from a manifest's entry (DESIGN §7 keys) and, where it is silent, from its text.

    Raises BadManifest for a date or visibility that can't be read.
    """
    entry = entry or {}
    blocks = [block for block in reading.blocks if block.kind is not BlockKind.TABLE]
    lines = [line for block in blocks for line in block.text.split("\n")]
    whole = full_title(reading, file)
    issued = _ISSUED.search(whole)
    title = _word(entry, "title") or (issued.group(1) if issued else whole)
    kind = _word(entry, "kind") or _kind_of(title if issued is None else issued.group(1))
    published = _day(entry, "published") or _published(lines)
    effective = _day(entry, "effective") or _effective(lines, published)
    text = "\n".join(lines)
    return Document(
        id=identity,
        file=file,
        title=title,
        kind=kind,
        doc_no=_word(entry, "doc_no") or _doc_no(lines),
        issuer=_word(entry, "issuer") or _issuer(whole, lines),
        office=_office(text),
        published=published,
        effective=effective or published,
        expires=_day(entry, "expires") or _expires(lines, effective or published),
        visibility=_visibility(entry, lines),
        relations=relations_in(title, kind, lines, [row for block in reading.blocks for row in block.rows]),
    )


def full_title(reading: Reading, file: str) -> str:
    """Give the title as it stands, issuing formula and all ("…关于印发《…》的通知")."""
    blocks = [block for block in reading.blocks if block.kind is not BlockKind.TABLE]
    title = _title(reading, blocks, file)
    # The formula may stand above a title that the format marks as such.
    for block in blocks[:8]:
        issued = _ISSUED.search(re.sub(r"\s+", "", block.text))
        if issued and issued.group(1) in title:
            return re.sub(r"\s+", "", block.text)
    return title


def _title(reading: Reading, blocks: Sequence[Block], file: str) -> str:
    # A workbook's headings are the names of its sheets.
    head = [block for block in _head(blocks) if reading.format != "xlsx" or block.kind is not BlockKind.HEADING]
    for wanted in (BlockKind.TITLE, BlockKind.HEADING):
        titled = [block.text.strip() for block in head if block.kind is wanted and mark_of(block.text) is None]
        if titled:
            return re.sub(r"\s+", "", titled[0]) if _is_chinese(titled[0]) else titled[0]
    # Plain text: the lines before the number or the first sentence make the title, often broken in two.
    found = ""
    for block in head[:6]:
        line = re.sub(r"\s+", "", block.text)
        if DOC_NO.fullmatch(line) or _INTERNAL.search(line):
            if found:
                break
            continue
        if line.endswith(("。", ":", ":", ";")) or len(line) > 60:
            break
        found += line
        if re.search(
            r"(?:通知|办法|措施|细则|公告|规程|规定|指南|解读|问答|问题|目录|清单|意见|方案)(?:\(.{2,10}\))?$",
            found,
        ):
            break
    return found or (reading.title or "").strip() or PurePath(file).stem


def _head(blocks: Sequence[Block]) -> list[Block]:
    """Give the blocks before the first article or numbered part."""
    head: list[Block] = []
    for block in blocks:
        mark = mark_of(block.text)
        if mark and mark[0] in (Level.CHAPTER, Level.ARTICLE, Level.HEADING, Level.PART):
            break
        head.append(block)
    return head[:20]


def _kind_of(title: str) -> str:
    return next((kind for kind, pattern in _KINDS if re.search(pattern, title)), "other")


def _doc_no(lines: Sequence[str]) -> str | None:
    for line in lines[:12]:
        bare = re.sub(r"\s+", "", line)
        found = DOC_NO.search(bare)
        # A number inside a sentence is a reference to another file.
        if found and len(bare) <= len(found.group()) + 12 and "《" not in bare:
            return _canonical_number(found.group())
    return None


def _canonical_number(text: str) -> str:
    return re.sub(r"[\[(【((]", "〔", re.sub(r"[\])】))]", "〕", re.sub(r"\s+", "", text)))


def _issuer(title: str, lines: Sequence[str]) -> str | None:
    named = _ISSUER_IN_TITLE.match(title)
    if named:
        return named.group(1)
    for line in reversed(lines[-12:]):
        bare = re.sub(r"\s+", "", line)
        if _SIGNATURE.fullmatch(bare):
            return bare
    for line in lines[:12]:
        found = re.match(
            r"(?:发布机构|发布单位|制定机关|印发单位|来源|发文机关|编制单位|主办)\s*:\s*([\u4e00-\u9fff]{2,30}?)(?=发布|印发|$|[^\u4e00-\u9fff])",
            halved(line).strip(),
        )
        if found:
            return found.group(1)
    return None


def _office(text: str) -> str | None:
    found = _OFFICE.search(halved(text))
    return found.group(1) if found else None


def _published(lines: Sequence[str]) -> date | None:
    for line in [*lines[:15], *lines[-15:]]:
        found = _DATED.search(halved(line))
        if found and (day := day_in(found.group(1))):
            return day
    # A line that is a day and nothing else is the day of signing; an annex may follow it.
    for line in lines:
        bare = re.sub(r"[\s()()]", "", line)
        for day, start, end in days_in(bare):
            if start == 0 and end == len(bare):
                return day
    return None


def _effective(lines: Sequence[str], published: date | None) -> date | None:
    for sentence in _final_sentences(lines):
        for found in _EFFECT.finditer(sentence):
            said = found.group("day")
            if day := day_in(said):
                return day
            if published and re.search(r"(?:发布|印发|公布|下发)", said):
                later = re.search(r"(\d+)日", sentence[found.start() : found.end()])
                return published + timedelta(days=int(later.group(1))) if later else published
    return None


def _expires(lines: Sequence[str], start: date | None) -> date | None:
    for sentence in _final_sentences(lines):
        for found in _EXPIRY.finditer(sentence):
            said = found.group("term") or found.group("until") or ""
            if day := day_in(said):
                return day
            if start and (term := TERM.search(said)):
                return after_term(start, term.group())
        if "止" in sentence and re.search(r"有效期|施行|执行", sentence):
            days = [day for day, _, _ in days_in(sentence)]
            if len(days) >= 2:
                return days[-1]
    return None


def _final_sentences(lines: Sequence[str]) -> list[str]:
    """Give the sentences that may speak of this file's own days: its own name first, later before earlier."""
    sentences = [part for line in lines for part in re.split(r"[。;]", halved(line)) if part]
    # "自《…》施行之日起" and sentences on other files must not date this one.
    spoken = [part for part in sentences if not re.search(r"》[^,]{0,12}(?:施行|有效期|执行)", part)]
    own = [part for part in spoken if _OWN.search(part)]
    return [*reversed(own), *reversed([part for part in spoken[-40:] if part not in own])]


def _visibility(entry: Mapping[str, object], lines: Sequence[str]) -> Visibility:
    said = _word(entry, "visibility")
    if said:
        try:
            return Visibility(said)
        except ValueError:
            raise BadManifest(f"visibility {said!r} is neither 'public' nor 'internal'") from None
    return Visibility.INTERNAL if any(_INTERNAL.search(line) for line in lines[:6]) else Visibility.PUBLIC


def _word(entry: Mapping[str, object], key: str) -> str | None:
    value = entry.get(key)
    return str(value).strip() or None if value is not None else None


def _day(entry: Mapping[str, object], key: str) -> date | None:
    said = _word(entry, key)
    if said is None:
        return None
    day = day_in(said)
    if day is None:
        raise BadManifest(f"{key} {said!r} is not a day like 2025-04-01")
    return day


def _is_chinese(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))
