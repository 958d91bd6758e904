"""The county's profile: who runs the assistant and how a person reaches them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TIMEZONE = "Asia/Shanghai"


class BadProfile(Exception):
    """The county's profile can't be read; the message names the file and what to do."""


@dataclass(frozen=True, slots=True)
class County:
    """What the assistant says about its own county; every field stands in the `[county]` table.

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
    timezone: str = TIMEZONE

    @classmethod
    def load(cls, path: Path) -> County:
        """Read a profile from a TOML file. Raises `BadProfile`."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("county", {})
        except OSError as error:
            raise BadProfile(f"{path}: {error.strerror}; point LAOXIANG_COUNTY at a profile") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadProfile(f"{path}: not a TOML file in UTF-8 ({error})") from error
        known = {field.name for field in fields(cls)}
        profile = {key: value for key, value in table.items() if key in known}
        for key, value in profile.items():
            if not isinstance(value, str):
                raise BadProfile(f"{path}: county.{key} must be text in quotes, not {value!r}")
        try:
            ZoneInfo(profile.get("timezone", TIMEZONE))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise BadProfile(f"{path}: county.timezone is not a time zone name such as Asia/Shanghai") from error
        return cls(**profile)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

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
