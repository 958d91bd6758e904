"""Seeing, taking along and deleting what is stored about oneself."""

from __future__ import annotations

from tests.journeys.test_asking_a_person import up_to_the_review
from tests.journeys.town import Person, Town, labels


async def test_nothing_is_stored_about_somebody_who_only_came_in(lin: Person) -> None:
    await lin.says("/start")
    assert "没有保存" in (await lin.says("/mydata")).text


async def test_the_copy_holds_what_was_left(lin: Person) -> None:
    await up_to_the_review(lin)
    await lin.presses("提交")
    assert "1 个" in (await lin.says("/mydata")).text
    copy = await lin.presses("查看全部内容")
    assert all(words in copy.text for words in ("林溪", "+8613800138000", "猕猴桃"))


async def test_deleting_asks_first_and_then_leaves_nothing(town: Town, lin: Person) -> None:
    await up_to_the_review(lin)
    await lin.presses("提交")
    await lin.says("/mydata")
    sure = await lin.presses("删除我的资料")
    assert "不能恢复" in sure.text
    assert "没有改动" in (await lin.presses("不删除")).text
    assert len(await town.open_questions()) == 1
    await lin.says("/mydata")
    await lin.presses("删除我的资料")
    assert "已删除" in (await lin.presses("确定删除")).text
    assert await town.open_questions() == []
    assert (await lin.conversation()).person is None
    assert "没有保存" in (await lin.says("/mydata")).text


async def test_my_data_in_the_middle_of_a_form_returns_to_it(lin: Person) -> None:
    await lin.says("/person")
    await lin.says("猕猴桃有补贴吗?")
    await lin.says("/mydata")
    assert "全名" in lin.seen[-1].text
    assert "取消" in labels(lin.seen[-1])
