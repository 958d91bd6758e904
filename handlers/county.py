"""The county's profile: who runs the assistant and how a person reaches them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TIMEZONE = "Asia/Shanghai"
TIERS = ("A", "B", "C")
CODE = re.compile(r"[a-z0-9_-]{1,20}")


class BadProfile(Exception):
    """The county's profile can't be read; the message names the file and what to do."""


@dataclass(frozen=True, slots=True)
class Township:
    """A township or subdistrict: an ASCII code, today's name, names before mergers, villages people name instead."""

    code: str
    name: str
    name_en: str = ""
    formerly: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldClass:
    """A class (分类) of the registry by field, with words people say for it."""

    code: str
    name: str
    name_en: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TierRule:
    """Who is in a tier (分级) of the registry: each fact with the words one of which must hold; `handlers/tiers.py`."""

    tier: str
    conditions: tuple[tuple[str, tuple[str, ...]], ...]


STUDENT = "student"  # the class that has the age asked


@dataclass(frozen=True, slots=True)
class County:
    """What the assistant says about its own county; text stands in the `[county]` table.

    `[[townships]]` and `[[fields]]` list what the registry sorts people by, `[[tiers]]` says who is in which tier.
    `page` is the address of the county's own chat page, where personal data stays in the country; `bot` is the
    Telegram bot's user name, which links and QR codes of events lead to.

    English names fall back to the Chinese ones. Telephone numbers are written as people dial them.
    """

    name: str = "本县"
    name_en: str = "our county"
    office: str = "县迎回建办"
    office_en: str = "the county homecoming office"
    phone: str = ""
    hours: str = ""
    hours_en: str = ""
    address: str = ""
    address_en: str = ""
    complaint_phone: str = ""
    page: str = ""
    bot: str = ""
    timezone: str = TIMEZONE
    townships: tuple[Township, ...] = ()
    fields: tuple[FieldClass, ...] = ()
    tiers: tuple[TierRule, ...] = ()

    @classmethod
    def load(cls, path: Path) -> County:
        """Read a profile from a TOML file. Raises `BadProfile`."""
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise BadProfile(f"{path}: {error.strerror}; point LAOXIANG_COUNTY at a profile") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadProfile(f"{path}: not a TOML file in UTF-8 ({error})") from error
        known = {field.name for field in fields(cls)} - {"townships", "fields", "tiers"}
        profile = {key: value for key, value in tables.get("county", {}).items() if key in known}
        for key, value in profile.items():
            if not isinstance(value, str):
                raise BadProfile(f"{path}: county.{key} must be text in quotes, not {value!r}")
        try:
            ZoneInfo(profile.get("timezone", TIMEZONE))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise BadProfile(f"{path}: county.timezone is not a time zone name such as Asia/Shanghai") from error
        return cls(
            **profile,
            townships=_listed(path, tables, "townships", Township),
            fields=_listed(path, tables, "fields", FieldClass),
            tiers=_tiers(path, tables.get("tiers", [])),
        )

    @property
    def field_classes(self) -> tuple[FieldClass, ...]:
        """Give the classes of the registry: the county's own, else the usual ones."""
        return self.fields or USUAL_FIELDS

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def township_name(self, code: str, language: str) -> str:
        """Write a township for a reader; a code that the profile does not list is shown as it is."""
        one = next((one for one in self.townships if one.code == code), Township(code, code))
        return (one.name_en or one.name) if language == "en" else one.name

    def class_name(self, code: str, language: str) -> str:
        """Write a class of the registry for a reader; a code that is none of its classes is shown as it is."""
        one = next((one for one in self.field_classes if one.code == code), FieldClass(code, code))
        return (one.name_en or one.name) if language == "en" else one.name

    def words(self, language: str) -> Mapping[str, str]:
        """Give the profile as parameters for the texts in a language."""
        if language == "en":
            return {
                "county": self.name_en or self.name,
                "office": self.office_en or self.office,
                "phone": self.phone,
                "hours": self.hours_en or self.hours,
                "address": self.address_en or self.address,
                "complaint_phone": self.complaint_phone,
            }
        return {
            "county": self.name,
            "office": self.office,
            "phone": self.phone,
            "hours": self.hours,
            "address": self.address,
            "complaint_phone": self.complaint_phone,
        }


T = TypeVar("T", Township, FieldClass)


def _listed(path: Path, tables: Mapping[str, Any], name: str, kind: type[T]) -> tuple[T, ...]:
    """Read one of the lists of a profile. Raises `BadProfile` for an entry that can't be one."""
    entries = tables.get(name, [])
    listed: list[T] = []
    known = {field.name for field in fields(kind)}
    for entry in entries if isinstance(entries, list) else [entries]:
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in entry.items() if key in known
        }
        if not CODE.fullmatch(str(values.get("code", ""))) or not values.get("name"):
            raise BadProfile(f"{path}: every [[{name}]] needs a name and a code of up to 20 small letters and digits")
        if values["code"] in {one.code for one in listed}:
            raise BadProfile(f"{path}: [[{name}]] has the code {values['code']} twice")
        listed.append(kind(**values))
    return tuple(listed)


def _tiers(path: Path, entries: Any) -> tuple[TierRule, ...]:
    """Read the rules for tiers. Raises `BadProfile`."""
    rules = []
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
        conditions = {
            name: tuple(map(str, value)) if isinstance(value, list) else (str(value),)
            for name, value in (entry.items() if isinstance(entry, dict) else ())
            if name != "tier"
        }
        if not isinstance(entry, dict) or entry.get("tier") not in TIERS or not conditions:
            known = ", ".join(TIERS)
            raise BadProfile(f"{path}: [[tiers]] {number} needs a tier ({known}) and at least one thing that must hold")
        rules.append(TierRule(entry["tier"], tuple(conditions.items())))
    return tuple(rules)


USUAL_FIELDS = (
    FieldClass(
        "farming",
        "现代农业",
        "Farming",
        ("种植", "养殖", "农场", "果园", "茶叶", "农产品", "合作社", "agriculture", "farm", "farmer", "food"),
    ),
    FieldClass(
        "making",
        "工业制造",
        "Manufacturing",
        (
            *("制造", "模具", "机械", "工厂", "办厂", "数控", "五金", "纺织", "化工"),
            *("mould", "moulds", "mold", "molds", "machinery", "factory", "plastics", "textiles"),
        ),
    ),
    FieldClass(
        "digital",
        "信息技术",
        "IT",
        (
            *("软件", "程序员", "互联网", "编程", "计算机", "人工智能", "码农", "电子"),
            *("software", "programmer", "developer", "computers", "internet", "ai", "electronics"),
        ),
    ),
    FieldClass(
        "trade",
        "商贸电商",
        "Trade",
        (
            *("电商", "贸易", "外贸", "物流", "批发", "零售", "开店", "快递", "网店"),
            *("e-commerce", "logistics", "retail", "wholesale", "import", "export"),
        ),
    ),
    FieldClass(
        "building",
        "建筑工程",
        "Construction",
        ("建筑", "工程队", "装修", "施工", "造价", "土木", "房地产", "architect", "civil_engineering", "real_estate"),
    ),
    FieldClass(
        "tourism",
        "文化旅游",
        "Culture and tourism",
        (
            "民宿",
            "旅游",
            "餐饮",
            "酒店",
            "农家乐",
            "文化",
            "艺术",
            "tourism",
            "hotel",
            "hotels",
            "restaurant",
            "culture",
        ),
    ),
    FieldClass(
        "teaching",
        "教育科研",
        "Education and research",
        (
            *("教育", "老师", "教师", "教授", "科研", "研究", "大学任教"),
            *("education", "teacher", "teaching", "professor", "research", "researcher", "lecturer"),
        ),
    ),
    FieldClass(
        "health",
        "医卫养老",
        "Health and care",
        (
            *("医生", "医疗", "护士", "医院", "养老", "药", "中医"),
            *("doctor", "medical", "medicine", "nurse", "nursing", "health", "hospital"),
        ),
    ),
    FieldClass(
        "finance",
        "金融法律",
        "Finance and law",
        (
            *("金融", "银行", "投资公司", "律师", "会计", "审计", "保险", "基金"),
            *("finance", "bank", "banking", "lawyer", "law", "accountant", "accounting", "insurance"),
        ),
    ),
    FieldClass("public", "党政群团", "Public service", ("公务员", "机关", "政府部门", "部队", "事业单位")),
    FieldClass(STUDENT, "在校学生", "Student", ("学生", "读书", "上大学", "读研", "读博", "大学生", "在读", "college")),
    FieldClass("other", "其他", "Other", ("其它", "自由职业", "退休在家")),
)
