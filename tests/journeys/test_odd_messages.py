"""What people also send: each gets a sensible reply, and nothing typed is lost."""

from __future__ import annotations

import pytest

from handlers.dialogue import MessageKind
from tests.journeys.town import Person, Town, labels

ODD = [
    ({"text": "😀😀😀"}, "没有读到文字"),
    ({"text": ""}, "没有读到文字"),
    ({"text": "\u200b"}, "没有读到文字"),
    ({"text": "/nosuchcommand"}, "没有这个命令"),
    ({"text": "/"}, "没有读到文字"),
    ({"kind": MessageKind.UNSUPPORTED, "media": "voice"}, "语音"),
    ({"kind": MessageKind.UNSUPPORTED, "media": "sticker"}, "贴纸"),
    ({"kind": MessageKind.UNSUPPORTED, "media": "something_new"}, "只会读文字"),
    ({"kind": MessageKind.FILE, "media": "photo"}, "图片"),
    ({"kind": MessageKind.CHOICE, "choice": "f:ask-person:0:name:back"}, "已经过了"),
    ({"kind": MessageKind.CHOICE, "choice": "something of last year"}, "已经过了"),
    ({"kind": MessageKind.CHOICE, "choice": "go:start:no-such-form"}, "已经过了"),
    ({"kind": MessageKind.CHOICE, "choice": "go:more:xx.9"}, "已经过了"),
]
# These mean something else to an open form.
ODD_OUTSIDE_FORMS = [
    ({"kind": MessageKind.CONTACT, "text": "+8613800138000"}, "没有保存"),
    ({"text": "取消"}, "没有正在填写"),
    ({"text": "上一步"}, "没有上一步"),
    ({"text": "谢谢"}, "不客气"),
    ({"text": "47"}, "没有第 47 个"),
]


@pytest.mark.parametrize(("doing", "expected"), [*ODD, *ODD_OUTSIDE_FORMS])
async def test_odd_messages_get_a_reply_and_a_next_step(lin: Person, doing: dict[str, str], expected: str) -> None:
    await lin.sends(**doing)
    assert expected in lin.seen[0].text
    assert labels(lin.seen[-1])


@pytest.mark.parametrize(("doing", "expected"), ODD)
async def test_odd_messages_get_a_reply_and_a_form_goes_on(lin: Person, doing: dict[str, str], expected: str) -> None:
    await lin.says("/person")
    await lin.says("猕猴桃有补贴吗?")
    await lin.sends(**doing)
    assert expected in lin.seen[0].text
    assert "全名" in lin.seen[-1].text
    assert "联系方式" in (await lin.says("林溪")).text


async def test_a_shared_contact_answers_the_form(lin: Person) -> None:
    await lin.says("/person")
    await lin.says("猕猴桃有补贴吗?")
    asked = await lin.says("林溪")
    assert asked.ask_contact
    assert "同意" in labels(await lin.sends(kind=MessageKind.CONTACT, text="+85291234567"))


async def test_an_edited_question_is_answered_anew(lin: Person) -> None:
    await lin.says("种猕猴桃的补贴标准是多少")
    reply = await lin.sends(kind=MessageKind.EDITED, text="厂房租金补贴是多少")
    assert "修改了问题" in reply.text
    assert "每月每平方米2元" in reply.text


async def test_an_edit_inside_a_form_asks_for_a_new_message(lin: Person) -> None:
    await lin.says("/person")
    await lin.says("猕猴桃有补贴吗?")
    await lin.sends(kind=MessageKind.EDITED, text="别的问题")
    assert "新消息" in lin.seen[0].text
    assert "全名" in lin.seen[-1].text


async def test_somebody_who_left_gets_no_reply(lin: Person) -> None:
    await lin.sends(kind=MessageKind.LEFT)
    assert lin.seen == []


async def test_a_group_hears_policies_and_no_personal_question(town: Town) -> None:
    group = town.person("group", private=False)
    answered = await group.says("厂房租金补贴是多少?")
    assert answered.kind == "answered"
    assert "向工作人员提问" not in labels(answered)
    assert (await group.says("/ask@laoxiang_bot 厂房租金补贴是多少?")).kind == "answered"
    for words in ("/person", "转人工", "/mydata", "/cancel"):
        assert "私聊" in (await group.says(words)).text
    await group.sends(kind=MessageKind.UNSUPPORTED, media="sticker")
    assert group.seen == []
    assert "recent" not in (await group.conversation()).memory
