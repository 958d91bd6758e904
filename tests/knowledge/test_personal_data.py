"""Personal data in documents is masked; the lines of offices are not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.personal_data import Personal, find, find_in_rows, mask, mask_rows
from tests.knowledge.county import County

# Numbers of a form that nobody was given: the tests' own birthday, an issuer that does not exist.
MOBILE = "13800138000"
ID_NUMBER = "11010519491231002X"
CARD = "6222021234567890128"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"联系人:王小明,{MOBILE}", Personal.PHONE),
        (f"王小明 {MOBILE}", Personal.PHONE),
        (f"张主任手机{MOBILE}", Personal.PHONE),
        (f"手机:{MOBILE}", Personal.PHONE),
        (f"联系人:李主任 联系电话:0000-8100020、{MOBILE}", Personal.PHONE),
        (f"咨询电话:{MOBILE}(王芳)", Personal.PHONE),
        (f"咨询电话:{MOBILE},联系人王芳", Personal.PHONE),
        ("王小明 138 0013 8000", Personal.PHONE),
        ("王小明 +86 138-0013-8000", Personal.PHONE),
        (f"身份证号:{ID_NUMBER}", Personal.ID_CARD),
        (f"账号:{CARD}", Personal.BANK_CARD),
        ("6222 0212 3456 7890 128", Personal.BANK_CARD),
        ("邮箱:wangxm@qq.com", Personal.EMAIL),
        ("微信:wangxm_88", Personal.WECHAT),
    ],
)
def test_personal_data_is_found_and_masked(text: str, kind: Personal):
    assert [place.kind for place in find(text)] == [kind]
    masked = mask(text)
    assert len(masked) == len(text)
    for secret in (MOBILE, "8000", ID_NUMBER, CARD, "7890", "wangxm"):
        assert secret not in masked
    assert find(masked) == []


@pytest.mark.parametrize(
    "text",
    [
        "咨询电话:0000-8100020",
        "联系人:王芳,电话0000-8100020",
        "请拨打12345、12356、110、120或者96110。",
        "全国热线400-800-1234",
        f"咨询电话:{MOBILE}",
        f"服务热线 {MOBILE}",
        f"迎回建办公室联系电话:{MOBILE}",
        f"县人才服务中心 {MOBILE}",
        f"投诉举报电话:0000-8100096、{MOBILE}",
        "报名邮箱:qlxrcb@163.com",
        "邮箱:rcb@qinglan.gov.cn",
        "关注微信公众号:qinglanfabu",
        f"户名:清岚县慈善会 账号:{CARD}",
        "总投资13800000000元",
        "项目编号:20251380013800012345",
        "110105194912310021",  # no check digit
        "统一社会信用代码:91350211M000100Y43",
        "文号清政办发〔2025〕12号,2025年3月10日印发",
    ],
)
def test_what_natives_need_is_left_alone(text: str):
    assert mask(text) == text


def test_a_column_of_names_makes_its_numbers_personal():
    rows = (("单位", "联络员", "电话"), ("东河镇", "王芳", MOBILE), ("西河镇", "李强", "0000-8100021"))

    assert mask_rows(rows) == (rows[0], ("东河镇", "王芳", "138********"), rows[2])
    assert [place.kind for place in find_in_rows(rows)] == [Personal.PHONE]


def test_a_column_of_office_lines_stays():
    rows = (("单位", "咨询电话"), ("东河镇", MOBILE), ("西河镇", "0000-8100021"))

    assert mask_rows(rows) == rows


@given(st.text(alphabet="王芳电话:,。13800 邮箱@qq.com微信咨询0-_\n", max_size=60))
def test_masking_keeps_the_length_and_is_done_once(text: str):
    masked = mask(text)

    assert len(masked) == len(text)
    assert mask(masked) == masked


@given(st.integers(0, 99_999_999), st.sampled_from(["王芳", "联系人李强", "张伟:"]))
def test_no_mobile_beside_a_name_gets_through(tail: int, who: str):
    assert f"{tail:08d}" not in mask(f"{who} 139{tail:08d}")


def test_an_answer_quotes_a_person_masked_and_an_office_in_full():
    guide = f"""望川县返乡落户指南
第一条 返乡落户到县公安局户籍窗口办理,咨询电话:0000-8100033。
第二条 返乡落户申请由专人受理,联系人王芳,手机{MOBILE}。
第三条 本指南自2026年1月1日起施行。
望川县公安局
2025年12月1日"""
    county = County({"落户.txt": guide})

    quotes = "\n".join(
        citation.quote for citation in county.asks("返乡落户找谁,联系人是谁", on=date(2026, 3, 1)).citations
    )
    assert "联系人王芳" in quotes
    assert MOBILE not in quotes
    assert "0000-8100033" in quotes


@pytest.mark.parametrize(
    "text", ["罗某 身份证000000199001010017", "证件号码：00000019900101001X", "身份证号 000000900101001"]
)
def test_a_number_named_as_an_identity_card_is_masked_whatever_its_check_digit(text: str):
    assert "0101" not in mask(text)
    assert mask(text).startswith(text[:3])
