"""A person's full name, read from what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.names import Name, read_name
from handlers.questions import Problem


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("林溪", "林溪"),
        (" 林溪 。", "林溪"),
        ("我叫林溪", "林溪"),
        ("您好,我是林溪", "林溪"),
        ("姓名:林溪", "林溪"),
        ("姓名\uff1a林溪", "林溪"),
        ("我叫林溪,在深圳做模具,周末能回来", "林溪"),
        ("林溪 13800138000", "林溪"),
        ("林溪,微信:abc123", "林溪"),
        ("陳大文", "陳大文"),
        ("欧阳娜娜", "欧阳娜娜"),
        ("李·艾米丽", "李·艾米丽"),
        ("买买提\u2022艾力", "买买提·艾力"),
        ("阿不都热依木江·买买提", "阿不都热依木江·买买提"),
        ("Emily Li", "Emily Li"),
        ("My name is Emily Li, e-mail emily@example.com", "Emily Li"),
        ("Dr. Emily Li", "Emily Li"),
        ("O'Neil-Smith", "O'Neil-Smith"),
        ("Nguyễn Thị Hoa", "Nguyễn Thị Hoa"),
        ("王建国总经理", "王建国"),
        ("姓名:李工", "李工"),
        ("周会", "周会"),
    ],
)
def test_names_are_read_out_of_what_was_said(typed: str, name: str) -> None:
    assert read_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "missing"),
        ("13800138000", "missing"),
        ("不想说", "missing"),
        ("王总", "title"),
        ("李经理", "title"),
        ("欧阳老师", "title"),
        ("王工", "title"),
        ("老王", "title"),
        ("Mr. Wang", "title"),
        ("这个要给单位看吗", "not_a_name"),
        ("Why do you need it?", "not_a_name"),
        ("我先考虑一下再说", "not_a_name"),
        ("林", "length"),
        ("林" * 41, "length"),
        ("林溪1号", "characters"),
        ("😀😀", "characters"),
        ("··", "length"),
    ],
)
def test_what_is_no_full_name_is_asked_for_again(typed: str, problem: str) -> None:
    read = read_name(typed)
    assert isinstance(read, Problem)
    assert read.key == f"problem.name.{problem}"


def test_only_an_introduction_is_found_in_other_words() -> None:
    assert Name().find("你好,我叫林溪,想回乡办厂") == "林溪"
    assert Name().find("厂房租金补贴") is None
    assert Name().find("我叫王总") is None


@pytest.mark.parametrize("name", ["Raj Patel", "Ann Zwechat", "José Étel"])
def test_a_name_that_ends_like_a_word_for_a_contact_is_whole(name: str) -> None:
    assert read_name(f"my name is {name}") == name
    assert read_name(f"my name is {name}, tel 13800138000") == name


latin = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzéüñß"), min_size=2, max_size=12)


@given(given_name=latin, surname=latin)
def test_a_latin_name_of_two_words_stays_as_written(given_name: str, surname: str) -> None:
    read = read_name(f"{given_name} Z{surname}")
    if isinstance(read, str):
        assert surname in read


@given(st.text(max_size=60))
def test_a_name_read_has_the_right_shape_and_reads_as_itself(text: str) -> None:
    read = read_name(text)
    if isinstance(read, str):
        assert 2 <= len(read) <= 40
        assert not any(character.isdigit() or character in "\n@?" for character in read)
        assert read_name(f"姓名:{read}") == read
