"""What a file says about itself: title, number, issuer, kind, days, visibility. A manifest's word beats the text's."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import PurePath

from knowledge.clearance import cleared_in
from knowledge.days import day_in
from knowledge.documents import Document, Visibility
from knowledge.endings import HEARSAY, repeals_unnamed_in
from knowledge.errors import KnowledgeError
from knowledge.numbering import Level, halved, mark_of
from knowledge.own_days import own_days
from knowledge.read import Block, BlockKind, Reading
from knowledge.relations import relations_in
from knowledge.signatures import RED_HEAD, offices_in, signature_in

DOC_NO = re.compile(r"[\u4e00-\u9fff]{1,12}\s*[〔\[(【]\s*\d{4}\s*[〕\])】]\s*第?\s*\d+\s*号")

# The first word found in the title decides.
_KINDS = (
    ("faq", r"常见问题|问答|FAQ|答疑"),
    ("interpretation", r"解读|说明|图解"),
    ("correction", r"更正|勘误"),
    (
        "supplement",
        r"补充(?!医疗|养老|保险|耕地)|关于(?:修改|修订|调整)《"
        r"|关于(?:调整|变更|推迟|延期|更改).{2,40}(?:安排|时间|日程|地点|日期|会场)的?(?:通知|公告|通告)"
        r"|关于.{2,40}(?:延期|改期)(?:举办|举行|召开)?的(?:通知|公告|通告)",
    ),
    ("extension", r"延(?:长|续|期).{0,60}(?:有效期|期限|执行)|有效期.{0,8}延(?:长|续|期)|关于继续(?:执行|施行|实施)"),
    ("repeal_list", r"清理结果|(?:废止|失效|继续有效).*(?:文件|目录)"),
    ("leaflet", r"明白纸|宣传|一览|折页|倡议|公开信|一封信|欢迎[您你]|(?:您|你们?)回(?:家|来)|邀请函|海报"),
    ("news", r"讲话|新闻|报道|致辞|简讯|喜讯|动态$|纪实|侧记"),
    ("measures", r"措施|办法|细则|规定|规程|规则|方案|意见|指引|指南|政策|流程|须知"),
    ("list", r"清单|目录|名录|标准"),
    ("notice", r"通知|公告|通告|函"),
)
# What people write into a manifest for each kind, besides the kinds' own names and the words above.
_TOLD = (
    ("faq", r"faq|q&a|问答"),
    ("interpretation", r"interpret|explan|解读|解释"),
    ("correction", r"correct|errat|更正"),
    ("supplement", r"supplement|amend|change|补充|变更|调整"),
    ("extension", r"exten|延期|延长"),
    ("repeal_list", r"repeal|clear|清理|废止"),
    ("leaflet", r"leaflet|flyer|brochure|promo|宣传|传单|折页"),
    ("news", r"news|speech|story|新闻|讲话|报道"),
    ("list", r"list|limit|catalog|director|清单|目录|名录"),
    ("notice", r"notice|event|announce|通知|公告|通告|活动"),
    ("measures", r"measure|rule|polic|main|package|guide|procedure|措施|办法|细则|规定|规程|政策|指引|指南|主文件"),
)
_PLAIN = ("measures", "list", "notice", "other")
_ISSUER_IN_TITLE = re.compile(r"^([\u4e00-\u9fff、“”]{2,60}?)关于")
_TITLE_END = (
    r"(?:通知|办法|措施|细则|公告|规程|规定|指南|指引|解读|问答|问题|目录|名录|清单|意见|方案)"
    r"(?:[(\uff08].{2,10}[)\uff09])?"
)
_ISSUED = re.compile(r"关于印发《(.+)》的通知")
_INTERNAL = re.compile(
    r"内部(?:资料|文件|使用|掌握|工作|参考|材料|传阅|明电|口径)|不予公开|不公开|依申请公开|注意保存|(?:请勿|不得|严禁)外传"
    r"|^\W*(?:绝密|机密|秘密|工作秘密)\W*(?:★.*|\d+年)?$|仅供内部"
)
_REPORTED = re.compile(r"(?:本报|本刊|本网|本台)讯|[\u4e00-\u9fff]{0,8}(?:记者|通讯员)[\s::]")
_LABEL = (
    r"(?:发布机构|发布单位|制定机关|印发单位|来源|发文机关|发文单位|编制单位|主办单位?|文号|发文字号"
    r"|(?:发布|印发|成文|公布|发文|更新|编制)(?:日期|时间))"
)
_CLOSING_MARK = re.compile(
    r"此件(?:不予?公开|依申请公开|内部)|公开(?:属性|方式|形式|选项)\W{0,2}(?:不予公开|不公开|依申请公开)"
)
_LABELLED_ISSUER = re.compile(
    r"(?:发布机构|发布单位|制定机关|印发单位|来源|发文机关|发文单位|编制单位|主办单位|主办)\s*:\s*"
    r"([\u4e00-\u9fff“”、 ]{2,80}?)(?=\s*(?:发布|印发|编制|更新|成文|公布|发文|$)|\s{2}|[^\u4e00-\u9fff“”、 ])"
)
_OFFICE = re.compile(r"由\s*([\u4e00-\u9fff]{2,24}?)\s*(?:会同[\u4e00-\u9fff、]+?)?\s*负责\s*(?:具体)?\s*解释")


class BadManifest(KnowledgeError):
    """A manifest entry that can't be understood; the message names the key and the value."""


def describe(identity: str, file: str, reading: Reading, entry: Mapping[str, object] | None = None) -> Document:
    """Describe a document from a manifest's entry (DESIGN §7 keys) and, where it is silent, from its text.

    Raises BadManifest for a date or visibility that can't be read.
    """
    return understand(identity, file, reading, entry)[0]


def understand(
    identity: str, file: str, reading: Reading, entry: Mapping[str, object] | None = None
) -> tuple[Document, tuple[tuple[str, str], ...]]:
    """Describe a document, and tell as (code, words) what its text leaves open (see OwnDays; repeals_unnamed).

    Raises BadManifest for a date or visibility that can't be read.
    """
    entry = entry or {}
    blocks = [block for block in reading.blocks if block.kind is not BlockKind.TABLE]
    lines = [*_labelled(reading.blocks), *(line for block in blocks for line in block.text.split("\n"))]
    whole = full_title(reading, file)
    issued = _ISSUED.search(whole)
    title = _word(entry, "title") or (issued.group(1) if issued else whole)
    kind = _kind(_word(entry, "kind"), title)
    if kind == "other" and any(_REPORTED.match(line.strip()) for line in lines[:8]):
        kind = "news"
    days = own_days(lines, title, {key: _day(entry, key) for key in ("published", "effective", "expires")})
    relations = relations_in(title, kind, lines, [row for block in reading.blocks for row in block.rows])
    if kind == "repeal_list":
        relations = tuple(dict.fromkeys((*cleared_in(reading.blocks), *relations)))
    doc_no = _word(entry, "doc_no") or _doc_no(lines)
    document = Document(
        id=identity,
        file=file,
        title=title,
        kind=kind,
        doc_no=doc_no,
        issuer=_word(entry, "issuer") or _issuer(whole, lines) or _issuer_by_number(doc_no, whole),
        office=_office("\n".join(lines)),
        published=days.published,
        effective=days.effective,
        expires=days.expires,
        visibility=_visibility(entry, lines),
        relations=relations,
    )
    unnamed = () if kind in HEARSAY else repeals_unnamed_in(lines)
    return document, (*days.doubts, *(("repeals_unnamed", sentence) for sentence in unnamed))


def _labelled(blocks: Sequence[Block]) -> list[str]:
    """Give what a page's head table says of the file as lines ("发布机构:望川县教育局")."""
    rows = [row for block in blocks[:4] if block.kind is BlockKind.TABLE for row in block.rows[:6]]
    return [
        f"{label}:{value.strip()}"
        for row in rows
        for name, value in itertools.pairwise(row)
        if re.fullmatch(_LABEL, label := re.sub(r"[\s::]", "", name)) and not re.match(_LABEL, value)
    ]


def full_title(reading: Reading, file: str) -> str:
    """Give the title as it stands, issuing formula and all ("…关于印发《…》的通知")."""
    blocks = [block for block in reading.blocks if block.kind is not BlockKind.TABLE]
    # A sheet's first row may run on: "…名录 文号:… 发布机构:…".
    title = re.split(rf"\s*[((]?{_LABEL}\s*[::]", _title(reading, blocks, file))[0] or PurePath(file).stem
    # The formula may stand above a title that the format marks as such.
    for block in blocks[:8]:
        issued = _ISSUED.search(re.sub(r"\s+", "", block.text))
        if issued and issued.group(1) in title:
            return re.sub(r"\s+", "", block.text)
    return title


def _alone(title: str, reading: Reading, head: Sequence[Block]) -> str:
    """Give a title without what a reader ran into it: a running head before it, the issuer and a day after it."""
    own = [re.sub(r"\s+", "", block.text) for block in head if block.text.strip()]
    for line in (re.sub(r"\s+", "", reading.title or ""), *own):
        if len(line) >= 8 and line != title and line in title and re.search(rf"{_TITLE_END}$", line):
            return line
    signed = re.match(rf"(.{{4,}}?{_TITLE_END})(?=[\u4e00-\u9fff])", title)
    return signed[1] if signed and signature_in(title[signed.end() :]) else title


def _title(reading: Reading, blocks: Sequence[Block], file: str) -> str:
    # A workbook's headings are the names of its sheets.
    head = [block for block in _head(blocks) if reading.format != "xlsx" or block.kind is not BlockKind.HEADING]
    for wanted in (BlockKind.TITLE, BlockKind.HEADING):
        titled = [
            block.text.strip()
            for block in head
            if block.kind is wanted
            and mark_of(block.text) is None
            and not RED_HEAD.fullmatch(re.sub(r"\s+", "", block.text))
        ]
        if titled:
            return re.sub(r"\s+", "", titled[0]) if _is_chinese(titled[0]) else titled[0]
    # Plain text: the lines before the number or the first sentence make the title, often broken in two.
    found = ""
    for block in head[:8]:
        line = re.sub(r"\s+", "", block.text)
        if RED_HEAD.fullmatch(line):
            continue
        if DOC_NO.fullmatch(line) or _INTERNAL.search(line):
            if found:
                break
            continue
        if line.endswith(("。", ":", ":", ";")) or len(line) > 60:
            break
        found += line
        if re.search(rf"{_TITLE_END}$", found):
            break
    if found:
        return _alone(found, reading, head[:8])
    return (reading.title or "").strip() or PurePath(file).stem


def _head(blocks: Sequence[Block]) -> list[Block]:
    """Give the blocks before the first article or numbered part."""
    head: list[Block] = []
    for block in blocks:
        mark = mark_of(block.text)
        if mark and mark[0] in (Level.CHAPTER, Level.ARTICLE, Level.HEADING, Level.PART):
            break
        head.append(block)
    return head[:20]


def _kind(told: str | None, title: str) -> str:
    """Give a document's kind as a manifest tells it, in whatever words, unless its title says more."""
    by_title = _kind_of(title)
    if told is None:
        return by_title
    words = told.lower()
    known = (kind for kind, pattern in _TOLD if kind == words or re.search(pattern, words))
    kind = next(known, None) or next((kind for kind, pattern in _KINDS if re.search(pattern, told)), "other")
    # "notice" and "measures" say nothing of what a file does to others; its title may.
    return by_title if kind in _PLAIN and by_title != "other" and (kind == "other" or by_title not in _PLAIN) else kind


def _kind_of(title: str) -> str:
    return next((kind for kind, pattern in _KINDS if re.search(pattern, title)), "other")


def _doc_no(lines: Sequence[str]) -> str | None:
    for line in lines[:12]:
        bare = re.sub(r"\s+", "", line)
        if labelled := re.search(rf"(?:文号|发文字号):({DOC_NO.pattern})", halved(bare)):
            return canonical_number(labelled.group(1))
        found = DOC_NO.search(bare)
        # A number inside a sentence is a reference to another file.
        if found and len(bare) <= len(found.group()) + 12 and "《" not in bare:
            return canonical_number(found.group())
    return None


def canonical_number(text: str) -> str:
    return re.sub(r"[\[(【((]", "〔", re.sub(r"[\])】))]", "〕", re.sub(r"\s+", "", text)))


def _issuer(title: str, lines: Sequence[str]) -> str | None:
    named = _ISSUER_IN_TITLE.match(title)
    if named and (offices := offices_in(named.group(1))):  # "望川县关于…" names a county, no office
        return "、".join(offices)
    for line in reversed(lines[-12:]):
        if mark_of(line) is None and (signed := signature_in(line)):
            return "、".join(signed.offices)
    for line in lines[:12]:
        if (found := _LABELLED_ISSUER.search(halved(line).strip())) and len(found.group(1).strip()) > 1:
            return "、".join(offices_in(found.group(1)) or [found.group(1).strip()])
    for line in lines[:8]:
        for part in (line, line.removeprefix(title)):
            if mark_of(part) is None and (signed := signature_in(part)):
                return "、".join(signed.offices)
    return None


# How an office's file numbers begin after the county's own character, and what it is called.
_OFFICE_BY_NUMBER = (
    (r"政办(?:发|函|字|规)?", "人民政府办公室"),
    (r"政(?:发|函|字|规)", "人民政府"),
    (r"委办(?:发|字)?", "委办公室"),
    (r"人社", "人力资源和社会保障局"),
    (r"人才办?", "人才工作办公室"),
    (r"教(?:体|育)?(?:发|字|规)", "教育局"),
    (r"卫健?", "卫生健康局"),
    (r"财", "财政局"),
    (r"工信", "工业和信息化局"),
    (r"农(?:业)?", "农业农村局"),
    (r"民(?:政)?(?:发|字)", "民政局"),
    (r"商", "商务局"),
    (r"自然资|自资", "自然资源局"),
    (r"审批", "行政审批局"),
    (r"文(?:旅|广旅)", "文化和旅游局"),
    (r"住建", "住房和城乡建设局"),
    (r"科", "科学技术局"),
)


def _issuer_by_number(doc_no: str | None, title: str) -> str | None:
    """Name the issuer by the letters of its number ("望政办发" in a file of 望川县), where nothing else does."""
    county = re.match(r"[\u4e00-\u9fff]{1,6}?[县市区旗]", title)
    if doc_no is None or county is None or not doc_no.startswith(county.group()[0]):
        return None
    letters = doc_no[1:]
    return next((county.group() + name for begins, name in _OFFICE_BY_NUMBER if re.match(begins, letters)), None)


def _office(text: str) -> str | None:
    found = _OFFICE.search(halved(text))
    return found.group(1) if found else None


def _visibility(entry: Mapping[str, object], lines: Sequence[str]) -> Visibility:
    said = _word(entry, "visibility")
    if said:
        try:
            return Visibility(said)
        except ValueError:
            raise BadManifest(f"visibility {said!r} is neither 'public' nor 'internal'") from None
    if re.search(r"internal|内部", _word(entry, "kind") or "", re.IGNORECASE):
        return Visibility.INTERNAL
    # A mark stands alone; an article that speaks of what is not public marks nothing.
    head = [halved(line).strip() for line in lines[:6] if mark_of(line) is None]
    marked = any(_INTERNAL.search(line) for line in head if len(line) <= 60)
    closing = any(_CLOSING_MARK.search(re.sub(r"\s", "", halved(line))) for line in (*lines[:12], *lines[-12:]))
    return Visibility.INTERNAL if marked or closing else Visibility.PUBLIC


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
