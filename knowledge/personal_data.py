"""Personal data left in documents: where it stands, and how it reads masked.

The line of an office is no personal data: natives need it. A number with an area code, a hotline and an
office's mail address are left as they are. A mobile number or a free-mail address is left only where the
words beside it give it as an office's ("咨询电话:…", "县人才服务中心 …") and name no person; in doubt it is masked
and staff are warned (docs/decisions/0008). Masks keep the length, so that places in a text stay.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from knowledge.numbering import halved


class Personal(StrEnum):
    PHONE = "phone"
    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    EMAIL = "email"
    WECHAT = "wechat"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something personal stands in a text."""

    kind: Personal
    start: int
    end: int


Rows = tuple[tuple[str, ...], ...]

_MOBILE = re.compile(
    r"(?<![\d.])(?:(?:\+|00)?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?![\d.]|\s*(?:元|万|亿|平方|亩|吨|千瓦))"
)
_ID_CARD = re.compile(
    r"(?<![\dA-Za-z])\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
# Named as one, a number is masked whatever its check digit: one mistyped still leads to a person.
_NAMED_ID_CARD = re.compile(
    r"(?:身份证|证件)(?:号码?|编号)?\s*(?:为|是)?\s*[::]?\s*(?P<id>\d{17}[\dXx]|\d{15})(?![\dA-Za-z])"
)
_BANK_CARD = re.compile(r"(?<![\d.])[3-6]\d{3}(?:[ -]?\d{4}){2}(?:[ -]?\d{1,4}){1,2}(?![\d.])")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]+\.)+[A-Za-z]{2,}")
_FREE_MAIL = re.compile(
    r"@(?:(?:vip\.)?(?:qq|163|126|yeah|foxmail|sina|sohu|tom|21cn|aliyun|gmail|outlook|hotmail|live|yahoo|icloud|me|139|189|wo)"
    r"\.(?:com|cn|net|com\.cn))$",
    re.IGNORECASE,
)
_WECHAT = re.compile(
    r"(?:微信|wechat|weixin)\s*(?:号|ID|id|账号|号码)?\s*(?:为|是)?\s*[::]?\s*(?P<id>[A-Za-z][-\w]{5,19})",
    re.IGNORECASE,
)
_OF_OFFICE = re.compile(
    r"(?:咨询|服务|办公|值班|监督|举报|投诉|报名|受理|业务|对外|公开|政策|招商|热线|客服|报料|维权|救助|应急|预约|窗口|工作|报送|投稿|征集|反馈)"
    r"(?:[(（]?[^,;:]{0,6}[)）]?)?(?:电话|热线|手机|专线|号码|邮箱|信箱|邮件|微信|方式)|热线|专线|"
    r"(?:办公室|中心|窗口|专班|大厅|服务站|服务点|联络站|政府|委员会|局|所|站|科|股|社区|商会|协会|慈善会|基金会|公司|医院|学校)"
    r"(?:[(（][^()（）]{0,12}[)）])?(?:的?(?:联系)?(?:电话|手机|邮箱|信箱|电子邮箱|微信))?\s*(?:为|是)?\s*[::]?\s*$"
)
_PERSON = re.compile(
    r"联\s*系\s*人|联络员|负责人|经办人|姓\s*名|承办人|责任人|包联|户主|申请人|法定代表人|本人|[\u4e00-\u9fff](?:先生|女士|同志|老师|主任|书记|经理|总|局长|科长|镇长|乡长|县长|站长|会计)"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施洪季"
)
# A name stands right before the number: "王小明 138…", "张三(138…".
_NAME_BEFORE = re.compile(
    rf"(?:^|[\s,、;:()])[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}\s*[,:、(]?\s*(?:电话|手机|微信|邮箱)?\s*[:]?\s*$"
)
_NAME_AFTER = re.compile(rf"联系人|负责人|[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}(?:$|[),\s]|先生|女士|主任|老师)")
_ORGANISATION = re.compile(
    r"(?:户名|账户名称|开户名称|收款(?:单位|人)|单位名称)\s*[::]?\s*[\u4e00-\u9fff()]{2,30}(?:会|局|中心|公司|政府|委员会|院|校|专户|财政)"
)
_PUBLIC_ACCOUNT = re.compile(r"公众号|服务号|订阅号|小程序|企业微信|视频号")
_ANY = re.compile(r"\d(?:[- ]?\d){10}|@|微信|wechat|weixin", re.IGNORECASE)


def find(text: str, beside: str = "") -> list[Place]:
    """Find personal data in a text; `beside` are words that belong to it (a table's heading, its row's office)."""
    plain = halved(text)
    if not _ANY.search(plain):
        return []
    return sorted(_not_overlapping(_places(plain, halved(beside))), key=lambda place: place.start)


def find_in_rows(rows: Sequence[Sequence[str]]) -> list[Place]:
    """Find personal data in a table's cells (header first); places count within their cells."""
    return [place for row in _with_context(rows) for cell, beside in row for place in find(cell, beside)]


@functools.lru_cache(maxsize=5_000)
def mask(text: str, beside: str = "") -> str:
    """Give a text with its personal data masked; everything else stays as it is."""
    for place in find(text, beside):
        text = text[: place.start] + _masked(place.kind, text[place.start : place.end]) + text[place.end :]
    return text


def mask_rows(rows: Rows) -> Rows:
    """Give a table (header first) with the personal data in its cells masked."""
    return tuple(tuple(mask(cell, beside) for cell, beside in row) for row in _with_context(rows))


def _with_context(rows: Sequence[Sequence[str]]) -> Iterator[list[tuple[str, str]]]:
    """Give each cell with what tells whose it is: its heading, and whether the table has a column of persons."""
    header = rows[0] if rows else ()
    persons = [
        i for i, name in enumerate(header) if re.search(r"姓\s*名|联系人|负责人|联络员|经办人|责任人|人员$", name)
    ]
    for number, row in enumerate(rows):
        cells = []
        for i, cell in enumerate(row):
            heading = header[i] if number and i < len(header) else ""
            person = " 姓名" if any(p < len(row) and row[p].strip() for p in persons) else ""
            # The name of the row's office says whose line it is only where nobody is named.
            label = "" if person or i == 0 or not number else row[0].strip()
            cells.append((cell, f"{label} {heading}{person}".strip()))
        yield cells


def _places(text: str, beside: str) -> Iterator[Place]:
    for found in _ID_CARD.finditer(text):
        if _is_id_number(found.group()):
            yield Place(Personal.ID_CARD, *found.span())
    for found in _NAMED_ID_CARD.finditer(text):
        yield Place(Personal.ID_CARD, *found.span("id"))
    for found in _BANK_CARD.finditer(text):
        digits = re.sub(r"\D", "", found.group())
        if 15 <= len(digits) <= 19 and _luhn(digits) and not _ORGANISATION.search(_line(text, found.start()) + beside):
            yield Place(Personal.BANK_CARD, *found.span())
    for found in _MOBILE.finditer(text):
        if not _is_of_office(text, found.start(), beside):
            yield Place(Personal.PHONE, *found.span())
    for found in _EMAIL.finditer(text):
        if _FREE_MAIL.search(found.group()) and not _is_of_office(text, found.start(), beside):
            yield Place(Personal.EMAIL, *found.span())
    for found in _WECHAT.finditer(text):
        before = text[max(0, found.start() - 8) : found.end()]
        if not _PUBLIC_ACCOUNT.search(before) and not _is_of_office(text, found.start("id"), beside):
            yield Place(Personal.WECHAT, *found.span("id"))


def _is_of_office(text: str, start: int, beside: str) -> bool:
    """Tell whether words give a number as an office's: they say so right before it, and nobody is named with it."""
    segment = re.split(r"[。;\n]", text[:start])[-1]
    label = re.split(r",", segment)[-1]
    # Several numbers may follow one label: "咨询电话:0000-8100020、13…".
    label = re.sub(r"(?:\+?86[- ]?)?[\d-]{7,}\s*[/、或和]?\s*", "", label)
    after = re.match(r"\s*[(,]?\s*([^。;\n]{0,10})", re.sub(r"^[\w.+@-]+(?: ?\d{4})*", "", text[start:]))
    named = any((_PERSON.search(segment), _PERSON.search(beside), _NAME_BEFORE.search(label)))
    named = named or bool(after and _NAME_AFTER.match(after.group(1)))
    return not named and bool(_OF_OFFICE.search(label) or _OF_OFFICE.search(beside))


def _line(text: str, start: int) -> str:
    return text[text.rfind("\n", 0, start) + 1 : start]


def _is_id_number(number: str) -> bool:
    """Check a citizen's number (GB 11643-1999): a day of birth that exists, and the check digit."""
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))
    return "10X98765432"[total % 11] == number[-1].upper()


def _luhn(digits: str) -> bool:
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


def _not_overlapping(places: Iterator[Place]) -> Iterator[Place]:
    taken: list[Place] = []
    for place in places:
        if all(place.end <= other.start or place.start >= other.end for other in taken):
            taken.append(place)
            yield place


def _masked(kind: Personal, words: str) -> str:
    """Mask all but what shows what it was: a mobile's first three digits, a mail address's host."""
    if kind is Personal.EMAIL:
        name, _, host = words.rpartition("@")
        return "*" * len(name) + "@" + host
    kept = 3 if kind is Personal.PHONE and not words.startswith(("+", "0")) else 0
    return words[:kept] + re.sub(r"\w", "*", words[kept:])
