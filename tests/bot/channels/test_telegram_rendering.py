"""How replies look in Telegram, and the law that nothing is lost or refused on the way."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.sources import source_line
from bot.channels.telegram_view import LIMIT, WIDEST_TABLE, columns, pieces
from handlers.dialogue import Button, Heading, Invitation, Items, Paragraph, Part, Quote, Reply, Source, Table
from handlers.texts import Texts
from tests.simulated_telegram.entities import parse_html, units
from tests.simulated_telegram.rules import check_markup, check_text

TEXTS = Texts.load()
SOURCE = Source(
    document="回乡投资促进措施",
    file="措施.docx",
    clause="第三条",
    doc_no="望政办发〔2025〕12号",
    effective=date(2025, 4, 1),
)
NARROW = Table(header=("档次", "标准"), rows=(("一档", "2元/m²"), ("十二档", "0.5")))
WIDE = Table(
    header=("项目", "补贴标准", "条件"),
    rows=(("厂房租金", "每月每平方米2元,连续补贴三年", "实缴税款达到租金的两倍"), ("物流", "运费的30%", "")),
)

words = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n <>&。，👨‍👩‍👧\u0301"), max_size=80)
long_words = st.builds(lambda text, times: text * times, words, st.integers(1, 150))
labels = st.text(st.characters(categories=("L", "N", "So")), min_size=1, max_size=40)
buttons = st.builds(
    Button, label=labels, data=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=64)
)
sources = st.builds(Source, document=labels, file=labels, clause=labels, note=words)
tables = st.integers(1, 5).flatmap(
    lambda width: st.builds(
        Table,
        header=st.tuples(*[words] * width),
        rows=st.lists(st.tuples(*[words] * width), max_size=6).map(tuple),
    )
)
parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Paragraph, text=long_words),
    st.builds(Heading, text=words),
    st.builds(Items, items=st.lists(words, max_size=8).map(tuple), ordered=st.booleans()),
    st.builds(Quote, text=long_words, source=sources, table=st.none() | tables),
    tables,
)
replies = st.builds(
    Reply,
    parts=st.lists(parts, max_size=6).map(tuple),
    buttons=st.lists(st.lists(buttons, min_size=1, max_size=10).map(tuple), max_size=8).map(tuple),
    ask_contact=st.just("") | labels,
    language=st.sampled_from(["zh-Hans", "en"]),
)


def solid(text: str) -> str:
    """Give a text without what may stand between two of its parts."""
    return "".join(text.split())


def shown(*parts: Part, language: str = "zh-Hans") -> list[str]:
    return [piece.html for piece in pieces(Reply(parts=parts, language=language), TEXTS)]


@given(replies)
def test_telegram_takes_every_piece_of_every_reply(reply: Reply) -> None:
    for piece in pieces(reply, TEXTS):
        plain, _ = check_text({"text": piece.html, "parse_mode": "HTML"})
        assert solid(plain) == solid(piece.plain)
        check_markup(piece.markup)


@given(replies.filter(lambda reply: not any(isinstance(part, Table) for part in reply.parts)))
def test_no_word_is_lost_or_moved(reply: Reply) -> None:
    rest = solid("".join(parse_html(piece.html)[0] for piece in pieces(reply, TEXTS)))
    for word in expected(reply):
        assert word in rest
        rest = rest[rest.index(word) + len(word) :]


def expected(reply: Reply) -> list[str]:
    """Give what a reader must find, in this order."""
    found: list[str] = []
    for part in reply.parts:
        match part:
            case Paragraph() | Heading():
                found.append(part.text)
            case Items():
                found.extend(part.items)
            case Quote():
                found.append(part.text)
                if part.table and part.table.rows:
                    found.extend(cell for row in part.table.rows for cell in row)
                found.append(source_line(part.source, TEXTS, reply.language))
    return [solid(word) for word in found]


@given(
    st.builds(
        lambda before, pattern: "字" * before + pattern * (LIMIT // len(pattern) + 1),
        st.integers(0, 20),
        st.text(st.sampled_from("字a。，\n 👍👩\u200d\u0301<&"), min_size=1, max_size=12),
    )
)
@example("👍" * 5000)
@example("字" * 9000)
@example("<" * 5000)
def test_a_long_text_is_cut_inside_nothing(text: str) -> None:
    reply = Reply(parts=(Quote(text=text, source=SOURCE),))
    texts = [parse_html(piece.html)[0] for piece in pieces(reply, TEXTS)]
    assert all(0 < units(text) <= LIMIT for text in texts)
    # A surrogate pair cut in two would have raised on its way into UTF-8.
    assert solid("".join(texts)).startswith(solid(text))


def test_words_of_documents_are_escaped() -> None:
    assert shown(Paragraph(text="<b>不是粗体</b> & 甲 < 乙")) == ["&lt;b&gt;不是粗体&lt;/b&gt; &amp; 甲 &lt; 乙"]


def test_headings_items_and_quotes_have_their_looks() -> None:
    (html,) = shown(
        Heading(text="租金补贴"),
        Items(items=("营业执照", "租赁合同"), ordered=True),
        Items(items=("其他",)),
        Quote(text="第三条 按每平方米2元补贴。", source=SOURCE),
    )
    assert html == (
        "<b>租金补贴</b>\n\n1. 营业执照\n2. 租赁合同\n\n• 其他\n\n"
        "<blockquote>第三条 按每平方米2元补贴。</blockquote>\n"
        "<i>《回乡投资促进措施》（望政办发〔2025〕12号） 第三条 · 2025-04-01起施行 · 措施.docx</i>"
    )


def test_a_narrow_table_stands_in_columns() -> None:
    (html,) = shown(NARROW)
    assert html == "<pre>档次    标准\n一档    2元/m²\n十二档  0.5</pre>"


def test_a_wide_table_is_told_row_by_row() -> None:
    (html,) = shown(WIDE)
    assert html.startswith("项目：厂房租金\n补贴标准：每月每平方米2元,连续补贴三年\n")
    assert "\n\n项目：物流\n补贴标准：运费的30%" in html
    assert shown(WIDE, language="en")[0].startswith("项目: 厂房租金")


def test_a_quoted_table_stands_between_quote_and_source() -> None:
    narrow, wide = (shown(Quote(text="", table=table, source=SOURCE))[0] for table in (NARROW, WIDE))
    assert narrow.startswith("<pre>")
    assert wide.startswith("<blockquote>项目：厂房租金")
    assert narrow.endswith("</i>")


@given(tables)
def test_a_table_is_never_wider_than_a_telephone(table: Table) -> None:
    for html in shown(table):
        if html.startswith("<pre>"):
            assert all(columns(line) <= WIDEST_TABLE for line in parse_html(html)[0].split("\n"))


def test_a_long_reply_is_split_between_paragraphs_and_its_buttons_come_last() -> None:
    paragraphs = tuple(Paragraph(text=f"{n}" + "字" * 1500) for n in range(5))
    row = (Button(label="再看", data="go:more"),)
    sent = pieces(Reply(parts=paragraphs, buttons=(row,)), TEXTS)
    assert [piece.plain[0] for piece in sent] == ["0", "2", "4"]
    assert [piece.markup is not None for piece in sent] == [False, False, True]


def test_a_long_paragraph_is_split_after_a_sentence() -> None:
    first, *_ = shown(Paragraph(text="这一句话有十个字呀。" * 600))
    assert first.endswith("。")


def test_a_long_quote_becomes_several_quotes() -> None:
    sent = shown(Quote(text="条文。" * 3000, source=SOURCE))
    assert len(sent) == 3
    assert all(html.startswith("<blockquote>") and "</blockquote>" in html for html in sent)


def test_a_heading_goes_along_with_what_it_heads() -> None:
    sent = shown(Paragraph(text="字" * 4000), Heading(text="第二章"), Paragraph(text="字" * 200))
    assert sent[1].startswith("<b>第二章</b>")


def test_wide_labels_stand_below_each_other() -> None:
    row = tuple(Button(label=label, data="x") for label in ("是", "否", "问政策文件里的内容", "向工作人员提一个问题"))
    (piece,) = pieces(Reply(parts=(Paragraph(text="?"),), buttons=(row,)), TEXTS)
    assert piece.markup is not None
    labels = [[button["text"] for button in row] for row in piece.markup["inline_keyboard"]]
    assert labels == [["是", "否", "问政策文件里的内容"], ["向工作人员提一个问题"]]


def test_asking_for_a_contact_replaces_the_letters() -> None:
    row = (Button(label="取消", data="f:cancel"),)
    reply = Reply(parts=(Paragraph(text="电话？"),), buttons=(row,), ask_contact="发送我的号码")
    (piece,) = pieces(reply, TEXTS)
    assert piece.markup == {
        "keyboard": [[{"text": "发送我的号码", "request_contact": True}], [{"text": "取消"}]],
        "resize_keyboard": True,
        "one_time_keyboard": True,
    }


@pytest.mark.parametrize("parts", [(), (Paragraph(text=" \n"),), (Items(items=()),)])
def test_a_reply_without_words_is_nothing_unless_it_has_buttons(parts: tuple[Part, ...]) -> None:
    assert pieces(Reply(parts=parts), TEXTS) == []
    row = (Button(label="帮助", data="go:help"),)
    (piece,) = pieces(Reply(parts=parts, buttons=(row,)), TEXTS)
    check_text({"text": piece.html, "parse_mode": "HTML"})


def test_what_is_to_be_passed_on_is_a_message_of_its_own() -> None:
    page = "https://wangchuan.example/?start=r-register-native"
    invitation = Invitation(text="您好", start="r-register-native", page=page)
    reply = Reply(
        parts=(Paragraph(text="先说"), invitation, Paragraph(text="后说")),
        buttons=((Button(label="好", data="go:ask"),),),
    )
    first, passed_on, last = pieces(reply, TEXTS, bot="laoxiang_bot")
    assert (first.plain, last.plain) == ("先说", "后说")
    assert passed_on.plain.splitlines() == [
        "您好",
        page,
        "https://t.me/laoxiang_bot?start=r-register-native",
    ]
    assert passed_on.markup is None
