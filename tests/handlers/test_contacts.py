"""One way to reach a person, read from what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.contacts import Contact, ContactKind, ContactPoint, read_contact, show_contact, without_contacts
from handlers.questions import Problem

POINT = ContactPoint()


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("13800138000", "+8613800138000"),
        ("138 0013 8000", "+8613800138000"),
        ("138-0013-8000", "+8613800138000"),
        ("\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("0086-13800138000", "+8613800138000"),
        ("我的手机是13800138000,微信同号", "+8613800138000"),
        ("+852 9123 4567", "+85291234567"),
        ("91234567", "+85291234567"),
        ("澳门 66123456", "+85366123456"),
        ("+853 6612 3456", "+85366123456"),
        ("0912-345-678", "+886912345678"),
        ("0571 8888 8888", "+8657188888888"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("0044 20 7946 0958", "+442079460958"),
    ],
)
def test_telephone_numbers_become_e164(typed: str, value: str) -> None:
    assert read_contact(typed) == Contact(ContactKind.PHONE, value)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("lin@example.com", "lin@example.com"),
        ("邮箱 Lin.Xi+home@Example.COM", "Lin.Xi+home@example.com"),
        ("lin\uff20example\u3002com", "lin@example.com"),
    ],
)
def test_addresses_are_normalised(typed: str, value: str) -> None:
    assert read_contact(typed) == Contact(ContactKind.EMAIL, value)


@pytest.mark.parametrize("typed", ["微信:abc123", "微信号 abc123", "WeChat: abc123", "wx abc123", "VX\uff1aabc123"])
def test_wechat_needs_its_name(typed: str) -> None:
    assert read_contact(typed) == Contact(ContactKind.WECHAT, "abc123")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "missing"),
        ("不想说", "missing"),
        ("abc123", "bare"),
        ("a@b", "email"),
        ("1380013800", "digits"),
        ("138001380001", "digits"),
        ("61234567", "region"),
        ("12345678", "region"),
        ("4155552671", "phone"),
        ("12345", "phone"),
        ("440301199001011234", "private"),
        ("11010119900307123X", "private"),
        ("6222021234567890123", "private"),
        ("13800138000 或者 lin@example.com", "several"),
        ("13800138000 13900139000", "several"),
        ("+86 12", "phone"),
    ],
)
def test_what_is_unclear_is_asked_for(typed: str, problem: str) -> None:
    read = read_contact(typed)
    assert isinstance(read, Problem)
    assert read.key == f"problem.contact.{problem}"


def test_only_what_is_beyond_doubt_is_found_in_other_words() -> None:
    assert POINT.find("我叫林溪,电话13800138000") == Contact(ContactKind.PHONE, "+8613800138000")
    assert POINT.find("厂房1000平方米,投资20000000元,2026年开工") is None
    assert POINT.find("91234567") is None
    assert POINT.find("13800138000 13900139000") is None


mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@given(mobile=mobiles, gap=st.sampled_from(["", " ", "-", "\u3000", "\u2013"]), wide=st.booleans())
def test_every_way_of_writing_a_mobile_number_gives_the_same(mobile: str, gap: str, wide: bool) -> None:
    written = gap.join((mobile[:3], mobile[3:7], mobile[7:]))
    if wide:
        written = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in written)
    assert read_contact(written) == Contact(ContactKind.PHONE, f"+86{mobile}")


@given(st.text(max_size=80))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    read = read_contact(text)
    if isinstance(read, Contact):
        assert POINT.load(POINT.dump(read)) == read
        assert show_contact(read)
        assert read_contact(show_contact(read)) == read
    without_contacts(text)
