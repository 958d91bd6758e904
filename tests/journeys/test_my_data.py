"""Seeing, taking along and deleting what is stored about oneself."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from handlers.dialogue import File
from handlers.places import Place, in_language
from handlers.registry_desk import invite
from storage.staff import Role, viewer_of
from tests.journeys.filling import SCRIPTS, Answer, fill_to_the_end, moved_into, open_form, records_of
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


async def test_what_was_registered_is_corrected_under_its_number(town: Town, lin: Person) -> None:
    moved_into(town)
    await open_form(lin, SCRIPTS["need"])
    await fill_to_the_end(lin, SCRIPTS["need"], "text", "zh-Hans")
    number = lin.seen[-1].text.split("编号 ")[1][:7]
    await lin.says("/mydata")
    review = await lin.presses("修改：企业技术需求")
    if "版本" in review.text:
        review = await lin.presses("同意")
    assert "望川模具厂" in review.text
    await lin.presses("修改")
    await lin.presses("企业名称")
    await lin.says("青石铸造厂")
    assert number in (await lin.presses("提交")).text
    [record] = await records_of(town, lin)
    assert record["firm"] == "青石铸造厂"


async def test_everything_comes_as_two_files(town: Town, lin: Person) -> None:
    moved_into(town)
    await open_form(lin, SCRIPTS["native"])
    await fill_to_the_end(lin, SCRIPTS["native"], "text", "zh-Hans")
    await lin.says("/mydata")
    files = [part for part in (await lin.presses("导出为文件")).parts if isinstance(part, File)]
    assert [file.name for file in files] == ["我的资料.txt", "我的资料.json"]
    assert "柳河镇" in files[0].content.decode()
    told = json.loads(files[1].content)
    assert told["registrations"][0]["record"]["name"] == "林溪"
    assert told["profile"]["contacts"] == [["phone", "+8613800138000"]]
    assert "tier" not in files[1].content.decode()


async def test_one_tap_withdraws_a_consent_and_what_stood_on_it_goes(town: Town, lin: Person) -> None:
    moved_into(town)
    await open_form(lin, SCRIPTS["native"])
    await fill_to_the_end(lin, SCRIPTS["native"], "text", "zh-Hans")
    await lin.says("/mydata")
    await lin.presses("撤回同意")
    assert "已撤回" in (await lin.presses("在外人才登记")).text
    assert await records_of(town, lin) == [{}]
    await lin.says("/mydata")
    copy = await lin.presses("查看全部内容")
    assert "林溪" not in copy.text
    assert "撤回时间" in copy.text


async def test_a_code_binds_an_account_to_a_role_once(town: Town, lin: Person) -> None:
    moved_into(town)
    _, code = await invite(town.desk, Role.TOWNSHIP, "柳河镇")
    assert "不是工作人员" in (await lin.says("/staff")).text
    assert "柳河镇" in (await lin.says(f"/staff {code}")).text
    assert "乡镇联络员" in (await lin.says("/staff")).text
    wang = town.person("wang")
    assert "用过" in (await wang.says(f"/staff {code}")).text
    async with town.database.read() as connection:
        viewer = await viewer_of(connection, "test", "lin")
    assert viewer is not None
    assert (viewer.role, viewer.township) == (Role.TOWNSHIP, "liuhe")


async def test_my_data_in_the_middle_of_a_form_returns_to_it(lin: Person) -> None:
    await lin.says("/person")
    await lin.says("猕猴桃有补贴吗?")
    await lin.says("/mydata")
    assert "全名" in lin.seen[-1].text
    assert "取消" in labels(lin.seen[-1])


async def test_withdrawing_a_consent_can_be_said(town: Town, lin: Person) -> None:
    await lin.says("/person")
    for words in ("林溪在问一件事", "林溪", "lin@example.com", "同意", "提交"):
        await lin.says(words)
    assert "撤回哪一项" in (await lin.says("撤回同意")).text


async def test_a_forms_own_words_mean_nothing_when_it_is_over(lin: Person) -> None:
    for words in ("选好了", "提交", "同意", "done"):
        assert "没有正在填写" in (await lin.says(words)).text or "Nothing is being" in lin.seen[-1].text


async def test_somebody_abroad_reads_where_they_live_in_their_language(town: Town, lin: Person) -> None:
    moved_into(town)
    living = Answer({"name": "美国 Los Angeles", "code": "US"}, "", "I live in Los Angeles, USA")
    script = replace(SCRIPTS["native"], answers={**SCRIPTS["native"].answers, "place": living})
    await lin.says("/language en")
    await open_form(lin, script)
    await fill_to_the_end(lin, script, "text", "en")
    await lin.says("/mydata")
    told = (await lin.presses("Show all of it")).text
    assert told.count("Los Angeles, United States") == 2  # in the entry and in the form
    assert "Native township: Liuhe" in told
    assert "Where it comes from: what you told us" in told


@pytest.mark.parametrize(
    ("code", "name", "shown"),
    [
        ("CN/深圳", "深圳", "Shenzhen"),
        ("CN/西安", "西安", "Xi'an"),
        ("CN/乌鲁木齐", "乌鲁木齐", "Urumqi"),
        ("CN/香港", "香港", "Hong Kong"),
        ("DE", "德国", "Germany"),
        ("", "Nowhereville", "Nowhereville"),
    ],
)
def test_a_stored_place_is_written_in_english(code: str, name: str, shown: str) -> None:
    assert in_language(Place(name, code), "en") == shown
    assert in_language(Place(name, code), "zh-Hans") == name
