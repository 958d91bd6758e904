"""Reading one way to reach a person: a telephone number, an e-mail address or a WeChat id."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from handlers.questions import Problem, Question, tidy


class ContactKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    WECHAT = "wechat"


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact, normalised: E.164, a lower-case domain, or a WeChat id as given."""

    kind: ContactKind
    value: str


@dataclass(frozen=True)
class ContactPoint(Question[Contact]):
    """One contact: mainland mobile, Hong Kong, Macao, Taiwan or E.164; e-mail; WeChat id.

    `others`: somebody else's, so never found in what a person says of themselves.
    """

    others: bool = False
    free_text: ClassVar[bool] = True

    def read(self, text: str) -> Contact | Problem:
        return read_contact(text)

    def find(self, text: str) -> Contact | None:
        if self.others:
            return None
        contacts = list(dict.fromkeys(contact for contact, _, _ in _confident(normal(text))))
        return contacts[0] if len(contacts) == 1 else None

    def dump(self, value: Contact) -> Any:
        return {"kind": value.kind.value, "value": value.value}

    def load(self, stored: Mapping[str, str]) -> Contact:
        return Contact(ContactKind(stored["kind"]), stored["value"])

    def show(self, value: Contact) -> str:
        return show_contact(value)


@dataclass(frozen=True)
class Phone(Question[str]):
    """A telephone number of any country, as E.164; national forms of the mainland, Hong Kong, Macao and Taiwan."""

    free_text: ClassVar[bool] = True

    def read(self, text: str) -> str | Problem:
        contact = read_contact(text)
        if isinstance(contact, Problem):
            return contact if contact.key != "problem.contact.bare" else Problem("problem.contact.phone")
        return contact.value if contact.kind is ContactKind.PHONE else Problem("problem.contact.phone_wanted")

    def find(self, text: str) -> str | None:
        contact = ContactPoint().find(text)
        return contact.value if contact and contact.kind is ContactKind.PHONE else None

    def show(self, value: str) -> str:
        return show_contact(Contact(ContactKind.PHONE, value))


@dataclass(frozen=True)
class Email(Question[str]):
    """An e-mail address."""

    def read(self, text: str) -> str | Problem:
        contact = read_contact(text)
        if isinstance(contact, Contact) and contact.kind is ContactKind.EMAIL:
            return contact.value
        return Problem("problem.contact.email")

    def find(self, text: str) -> str | None:
        contact = ContactPoint().find(text)
        return contact.value if contact and contact.kind is ContactKind.EMAIL else None


EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
WECHAT = re.compile(
    r"(?:微信|威信|薇信|[Vv]信|[Ww]e[Cc]hat|(?<![A-Za-z])[Ww][Xx]|(?<![A-Za-z])[Vv][Xx])\s*(?:号|號|id|ID)?\s*(?:是|is)?\s*[:]?\s*"
    r"(?P<id>[A-Za-z][A-Za-z0-9_-]{5,19}|1[3-9]\d{9})(?![A-Za-z0-9_@.-])"
)
NUMBER = re.compile(r"(?<![\dA-Za-z.@])\+?\(?\d[\d\s().-]{4,24}\d(?![\dA-Za-z@])")
MAINLAND = re.compile(r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)|(?<!\d)1[3-9]\d{9}(?!\d)")
BARE_WECHAT = re.compile(r"^[A-Za-z][A-Za-z0-9_-]{5,19}$")
PLACES = {
    "香港": "HK",
    "hong kong": "HK",
    "澳门": "MO",
    "澳門": "MO",
    "macao": "MO",
    "macau": "MO",
    "台湾": "TW",
    "台灣": "TW",
    "taiwan": "TW",
}
PRIVATE_DIGITS = range(15, 20)  # identity cards and bank cards, never asked for in chat


def read_contact(text: str) -> Contact | Problem:
    """Give the one contact in a person's words, or what would make it clear."""
    words = normal(text)
    found = list(dict.fromkeys(contact for contact, _, _ in _confident(words)))
    if _same_number_twice(found):
        found = found[:1]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        return Problem("problem.contact.several", {"given": ", ".join(show_contact(contact) for contact in found[:4])})
    if "@" in words:
        return Problem("problem.contact.email")
    digits = [re.sub(r"\D", "", match[0]) for match in NUMBER.finditer(words)]
    if any(len(run) in PRIVATE_DIGITS for run in digits) or re.search(r"(?<!\d)\d{17}[\dXx](?!\d)", words):
        return Problem("problem.contact.private")
    for match in NUMBER.finditer(words):
        return _regional(match[0], words)
    if any(character.isdigit() for character in words) and not BARE_WECHAT.match(words):
        return Problem("problem.contact.phone")
    if BARE_WECHAT.match(words):
        return Problem("problem.contact.bare", {"given": words})
    return Problem("problem.contact.missing")


def show_contact(contact: Contact) -> str:
    """Write a contact so that a person can check it: "+86 138 0013 8000", "微信 abc123"."""
    if contact.kind is ContactKind.WECHAT:
        return f"微信/WeChat {contact.value}"
    if contact.kind is ContactKind.EMAIL:
        return contact.value
    # Its tables are 60 ms of import: only for those who leave a number.
    import phonenumbers

    number = phonenumbers.parse(contact.value)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def without_contacts(text: str) -> str:
    """Cut the confident contacts, and the words that announce them, out of what somebody said."""
    words = normal(text)
    for _, start, end in sorted(_confident(words), key=lambda found: -found[1]):
        words = words[:start] + "," + words[end:]
    return re.sub(
        # Latin words are whole words, or Patel would lose his "tel".
        r"(?:我的)?(?:电话|電話|手机|手機|号码|號碼|联系方式|微信|邮箱|郵箱|邮件|电邮"
        r"|(?<![^\W\d_])(?:tel|phone|mobile|e-?mail|wechat))"
        r"\s*(?:号码?|号|是|为|is)?\s*:?\s*(?=,|$)",
        "",
        words,
        flags=re.I,
    ).strip(" ,")


def normal(text: str) -> str:
    """Bring full-width digits, letters and signs, and the many dashes, to their plain forms."""
    words = unicodedata.normalize("NFKC", tidy(text))
    words = re.sub(r"[‐‑‒–—―−]", "-", words)
    return re.sub(r"(?<=[A-Za-z0-9])。(?=[A-Za-z])", ".", words)


def _confident(words: str) -> Iterator[tuple[Contact, int, int]]:
    """Find contacts nobody could read otherwise, with where they stand."""
    taken: list[tuple[int, int]] = []
    for match in EMAIL.finditer(words):
        if (address := _email(match[0])) is not None:
            taken.append(match.span())
            yield Contact(ContactKind.EMAIL, address), *match.span()
    for match in WECHAT.finditer(words):
        if not _overlaps(match.span(), taken):
            taken.append(match.span())
            yield Contact(ContactKind.WECHAT, match["id"]), *match.span()
    for match in NUMBER.finditer(words):
        if _overlaps(match.span(), taken):
            continue
        if (number := _unmistakable(match[0])) is not None:
            yield Contact(ContactKind.PHONE, number), *match.span()
            continue
        for inner in MAINLAND.finditer(match[0]):
            span = (match.start() + inner.start(), match.start() + inner.end())
            if (number := _unmistakable(inner[0])) is not None:
                yield Contact(ContactKind.PHONE, number), *span


def _unmistakable(written: str) -> str | None:
    """Give E.164 for a number that says its country, or is a mainland or Taiwan mobile number."""
    digits = re.sub(r"\D", "", written)
    if written.lstrip(" (").startswith("+") or digits.startswith("00"):
        international = digits.removeprefix("00")
        # New mainland and Macao ranges open before the library's tables know them.
        known = re.fullmatch(r"861[3-9]\d{9}|8536\d{7}", international)
        return f"+{international}" if known else _valid(f"+{international}", None)
    if re.fullmatch(r"(?:86)?1[3-9]\d{9}", digits):
        return "+86" + digits[-11:]
    if re.fullmatch(r"09\d{8}", digits):
        return "+886" + digits[1:]
    if re.fullmatch(r"8536\d{7}|8869\d{8}", digits):
        return "+" + digits
    if re.fullmatch(r"852\d{8}", digits):
        return _valid("+" + digits, None)
    return None


def _regional(written: str, words: str) -> Contact | Problem:
    """Read a number without a country code by the place named beside it, by its length, or ask."""
    digits = re.sub(r"\D", "", written)
    for place, region in PLACES.items():
        if place not in words.casefold():
            continue
        if region == "MO" and re.fullmatch(r"6\d{7}", digits):
            return Contact(ContactKind.PHONE, f"+853{digits}")
        number = _valid(digits, region)
        return Contact(ContactKind.PHONE, number) if number else Problem("problem.contact.region")
    if len(digits) == 8:
        # 6… is a mobile number in Hong Kong and in Macao; 2… to 8… may be a mainland landline.
        hong_kong = _valid(digits, "HK") if digits[0] in "579" else None
        return Contact(ContactKind.PHONE, hong_kong) if hong_kong else Problem("problem.contact.region")
    if digits.startswith("0") and (number := _valid(digits, "CN")) is not None:
        return Contact(ContactKind.PHONE, number)
    if digits.startswith("1") and len(digits) in (10, 12):
        return Problem("problem.contact.digits", {"count": len(digits)})
    return Problem("problem.contact.phone")


def _valid(written: str, region: str | None) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(written: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(written.strip("."), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _same_number_twice(found: list[Contact]) -> bool:
    return len(found) == 2 and len({contact.value.removeprefix("+86") for contact in found}) == 1


def _overlaps(span: tuple[int, int], taken: list[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)
