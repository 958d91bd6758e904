"""Every form, in both languages, by buttons, by text and in one sentence, ends in the same record."""

from __future__ import annotations

import pytest

from handlers.dialogue import Attachment, MessageKind
from handlers.fields import fields_of
from handlers.forms import conversations, kinds
from storage.registry_reading import standing as standing_of
from tests.journeys.filling import (
    SCRIPTS,
    answers_open_question,
    fill_to_the_end,
    moved_into,
    open_form,
    records_of,
)
from tests.journeys.town import Person, Town, labels


@pytest.fixture(autouse=True)
def _with_townships(town: Town) -> None:
    moved_into(town)


def test_every_kind_has_a_script_and_its_conversation() -> None:
    assert set(SCRIPTS) == set(kinds())
    assert {kind.flow for kind in kinds().values()} <= set(conversations())


@pytest.mark.parametrize("kind", sorted(SCRIPTS))
def test_no_form_requires_more_than_eight_steps(kind: str) -> None:
    required = [field for field in fields_of(kinds()[kind].form) if not field.skippable and field.asked.when is None]
    assert len(required) <= 7  # and the consent


@pytest.mark.parametrize("way", ["buttons", "text", "sentence"])
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("kind", sorted(SCRIPTS))
async def test_every_way_ends_in_the_same_record(town: Town, kind: str, language: str, way: str) -> None:
    script, person = SCRIPTS[kind], town.person("lin", language=language)
    await person.says(f"/language {language}")
    await open_form(person, script)
    if way == "sentence":
        if (await person.conversation()).asked == "consent":
            await answers_open_question(person, script, way, language)
        await person.says(script.sentence(language))
    await fill_to_the_end(person, script, way, language)
    assert await records_of(town, person) == [script.record]
    assert person.seen[-1].language == language


async def test_one_sentence_fills_what_it_says(lin: Person) -> None:
    await lin.says("我叫林溪，在深圳做模具，老家柳河镇")
    assert "同意" in labels(lin.seen[-1])
    asked = await lin.presses("同意")
    assert "第 3 步，共 8 步" in asked.text
    assert "联系方式" in asked.text


async def test_a_correction_by_name_changes_one_answer(town: Town, lin: Person) -> None:
    await lin.says("我叫林溪，在徐州做模具，老家柳河镇，电话13800138000")
    await lin.presses("同意")
    changed = await lin.says("刚才地址填错了,是苏州不是徐州")
    assert "苏州" in changed.text
    await fill_to_the_end(lin, SCRIPTS["native"], "text", "zh-Hans")
    assert (await records_of(town, lin))[0]["place"]["name"] == "苏州"


async def test_a_sum_without_a_unit_is_asked_back(lin: Person) -> None:
    script = SCRIPTS["invest"]
    await open_form(lin, script)
    for _ in range(3):
        await answers_open_question(lin, script, "buttons", "zh-Hans")
    sure = await lin.says("三百")
    assert "300 万元" in sure.text
    assert "多少" in (await lin.presses("否")).text
    await lin.says("三百")
    assert "全名" in (await lin.says("是")).text


async def test_a_gentle_second_question_shows_an_example(lin: Person) -> None:
    await open_form(lin, SCRIPTS["native"])
    await lin.presses("同意")
    await lin.says("林溪")
    again = await lin.says("哈哈哈")
    assert "没有读到联系方式" in again.text
    assert "例如" in again.text


async def test_a_policy_question_in_the_middle_is_answered_and_the_form_goes_on(lin: Person) -> None:
    await open_form(lin, SCRIPTS["native"])
    await lin.presses("同意")
    await lin.says("厂房租金补贴是多少?")
    assert lin.seen[0].kind == "answered"
    assert "全名" in lin.seen[-1].text


async def test_declining_keeps_nothing_and_says_so(town: Town, lin: Person) -> None:
    await lin.says("我叫林溪，在深圳做模具，老家柳河镇")
    declined = await lin.presses("不同意")
    assert "没有保存" in declined.text
    assert (await lin.conversation()).answers == {}
    assert await records_of(town, lin) == []


async def test_the_full_text_of_the_consent_is_a_button_away(lin: Person) -> None:
    await open_form(lin, SCRIPTS["native"])
    full = await lin.presses("看全文")
    assert "监护人" in full.text
    assert "同意" in labels(full)


async def test_cancel_asks_once_and_keeps_a_draft_for_days(town: Town, lin: Person) -> None:
    await lin.says("我叫林溪，在深圳做模具，老家柳河镇")
    await lin.presses("同意")
    asked = await lin.says("/cancel")
    assert [label[:2] for label in labels(asked)] == ["继续", "先存", "删掉"]
    assert "草稿" in (await lin.says("取消")).text
    town.clock.passes(days=9)
    resumed = await open_form(lin, SCRIPTS["native"])
    assert "接着" in resumed.text
    assert "联系方式" in resumed.text
    await fill_to_the_end(lin, SCRIPTS["native"], "text", "zh-Hans")
    assert (await records_of(town, lin))[0]["name"] == "林溪"


async def test_any_answer_can_be_changed_on_the_way(town: Town, lin: Person) -> None:
    await lin.says("我叫林溪，在深圳做模具，老家柳河镇")
    await lin.presses("同意")
    listed = await lin.says("修改")
    assert labels(listed) == ["姓名", "继续「老乡登记」"]
    # What is shown is what is asked: its numbers are presses, though the form waits for a telephone number.
    assert "全名" in (await lin.says("1")).text
    assert "联系方式" in (await lin.says("林小溪")).text
    await fill_to_the_end(lin, SCRIPTS["native"], "text", "zh-Hans")
    assert (await records_of(town, lin))[0]["name"] == "林小溪"


async def test_another_form_can_be_chosen_on_the_way_and_the_first_goes_on(lin: Person) -> None:
    await open_form(lin, SCRIPTS["native"])
    await lin.presses("同意")
    which = await lin.says("/register")
    assert labels(which)[:2] == ["继续「老乡登记」", "我是在外老乡"]
    assert "没有填完" in (await lin.presses("我想捐赠")).text
    assert "全名" in (await lin.presses("继续")).text


async def test_what_is_half_filled_is_among_my_data(lin: Person) -> None:
    await open_form(lin, SCRIPTS["native"])
    await lin.presses("同意")
    await lin.says("林溪")
    await lin.says("/mydata")
    assert "还没提交的「老乡登记」" in lin.seen[0].text


async def test_start_over_begins_the_form_anew(lin: Person) -> None:
    await lin.says("我叫林溪，在深圳做模具，老家柳河镇")
    await lin.presses("同意")
    assert "版本" in (await lin.says("重填")).text


async def test_what_is_known_is_not_asked_twice(town: Town, lin: Person) -> None:
    await open_form(lin, SCRIPTS["native"])
    await fill_to_the_end(lin, SCRIPTS["native"], "text", "zh-Hans")
    await open_form(lin, SCRIPTS["need"])
    recalled = await lin.presses("同意")
    assert "带进来" in recalled.text
    for _ in range(2):
        await answers_open_question(lin, SCRIPTS["need"], "text", "zh-Hans")
    assert "企业名字" in lin.seen[-1].text  # neither field, name nor contact


async def test_registering_again_replaces_under_the_same_number(town: Town, lin: Person) -> None:
    script = SCRIPTS["native"]
    await open_form(lin, script)
    await fill_to_the_end(lin, script, "text", "zh-Hans")
    first = lin.seen[-1].text
    await open_form(lin, script)
    await lin.presses("同意")
    await fill_to_the_end(lin, script, "text", "zh-Hans")
    assert lin.seen[-1].text == first
    assert len(await records_of(town, lin)) == 1


async def test_a_serving_civil_servant_hears_it_before_anything_is_asked(town: Town, lin: Person) -> None:
    await lin.says("周末工程师报名")
    await lin.presses("同意")
    told = await lin.presses("公务员")
    assert "不能领取报酬" in told.text
    assert (await lin.conversation()).flow is None
    assert await records_of(town, lin) == []


async def test_a_child_is_not_registered_and_a_minor_names_a_guardian(town: Town, lin: Person) -> None:
    await lin.says("我叫林溪，在深圳读书，老家柳河镇，电话13800138000")
    await lin.presses("同意")
    await lin.says("在校学生")
    refused = await lin.presses("不满 14")
    assert "不能登记" in refused.text
    assert await records_of(town, lin) == []
    await lin.says("我叫林溪，在深圳读书，老家柳河镇，电话13800138000")
    await lin.presses("同意")
    await lin.says("在校学生")
    assert "监护人" in (await lin.presses("14 到 17")).text
    await lin.says("林建国")
    await lin.says("13900001111")
    await lin.presses("跳过")
    assert "林建国" in lin.seen[-1].text
    await lin.presses("提交")
    async with town.database.read() as connection:
        standing = await standing_of(connection, str((await lin.conversation()).person))
    assert standing is not None
    assert standing.state == "unconfirmed"


async def test_a_paper_is_taken_as_a_file(town: Town, lin: Person) -> None:
    script = SCRIPTS["complain"]
    await open_form(lin, script)
    while (await lin.conversation()).asked != "review":
        await answers_open_question(lin, script, "text", "zh-Hans")
    await lin.presses("补充")
    await lin.presses("证据")
    file = Attachment(name="照片.jpg", channel="test", id="f1", size=1000)
    review = await lin.sends(kind=MessageKind.FILE, media="photo", file=file)
    assert "照片.jpg" in review.text
    await lin.presses("提交")
    assert (await records_of(town, lin))[0]["evidence"]["id"] == "f1"


async def test_an_anonymous_report_leads_to_nobody(town: Town, lin: Person) -> None:
    await open_form(lin, SCRIPTS["complain"])
    await lin.says("去年的奖励一直没有到账")
    await lin.presses("不具名")
    await lin.presses("提交")
    assert await records_of(town, lin) == []
    assert "没有保存" in (await lin.says("/mydata")).text or "0 个" in lin.seen[-1].text


async def test_an_english_sentence_says_the_field_too(town: Town) -> None:
    emily = town.person("emily", language="en")
    await open_form(emily, SCRIPTS["native"])
    await emily.presses("Agree")
    asked = await emily.says(
        "My name is Emily Lin, I live in Toronto and work in finance, from Liuhe, emily@example.com"
    )
    assert "Step 7 of 8" in asked.text
