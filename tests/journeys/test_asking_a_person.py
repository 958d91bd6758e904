"""Leaving a question for a person, from the first word to the answer in one's own chat."""

from __future__ import annotations

import pytest

from handlers.staff import NotAnswerable, answer, open_questions
from tests.journeys.town import Person, Town, labels

UNANSWERABLE = "种猕猴桃的补贴标准是多少"


async def up_to_the_review(person: Person, question: str = UNANSWERABLE) -> None:
    await person.says(question)
    await person.presses("向工作人员提问")
    await person.says("我叫林溪")
    await person.says("138 0013 8000")
    await person.presses("同意")


async def test_a_question_left_ends_with_a_number_that_reads_aloud(town: Town, lin: Person) -> None:
    answered = await lin.says(UNANSWERABLE)
    assert answered.kind == "not_found"
    asked = await lin.presses("向工作人员提问")
    assert UNANSWERABLE in asked.text
    assert "全名" in asked.text
    assert "联系方式" in (await lin.says("我叫林溪")).text
    consent = await lin.says("138 0013 8000")
    assert "版本" in consent.text
    assert await town.open_questions() == []
    review = await lin.presses("同意")
    assert "林溪" in review.text
    assert "+86 138 0013 8000" in review.text
    done = await lin.presses("提交")
    [question] = await town.open_questions()
    assert f"{question.number[:3]} {question.number[3:]}" in done.text
    assert (question.name, question.contact_kind, question.contact) == ("林溪", "phone", "+8613800138000")
    assert question.text == UNANSWERABLE
    assert (await lin.conversation()).flow is None
    assert (await lin.conversation()).answers == {}


async def test_one_breath_answers_several_questions(lin: Person) -> None:
    await lin.says(UNANSWERABLE)
    await lin.presses("向工作人员提问")
    consent = await lin.says("我叫林溪,在深圳做模具,电话13800138000")
    assert "同意" in labels(consent)


async def test_words_that_answered_nothing_may_answer_the_next_question(lin: Person) -> None:
    await lin.says(UNANSWERABLE)
    await lin.presses("向工作人员提问")
    assert "姓名" in (await lin.says("电话13800138000")).text
    assert "同意" in labels(await lin.says("林溪"))


async def test_back_asks_again_what_was_found(lin: Person) -> None:
    await lin.says(UNANSWERABLE)
    await lin.presses("向工作人员提问")
    await lin.says("我叫林溪,电话13800138000")
    again = await lin.presses("返回上一步")
    assert "联系方式" in again.text
    assert "同意" in labels(await lin.says("lin@example.com"))
    review = await lin.says("同意")
    assert "lin@example.com" in review.text


async def test_back_to_the_first_step_says_so(lin: Person) -> None:
    await lin.says("转人工")
    assert "第一步" in (await lin.says("上一步")).text or "第一步" in lin.seen[0].text
    assert "问题" in lin.seen[-1].text


async def test_every_answer_can_be_changed_from_the_review(town: Town, lin: Person) -> None:
    await up_to_the_review(lin)
    assert {"问题", "姓名", "联系方式"} <= set(labels(await lin.presses("修改")))
    assert "全名" in (await lin.presses("姓名")).text
    review = await lin.says("林小溪")
    assert "林小溪" in review.text
    await lin.presses("修改")
    await lin.presses("问题")
    review = await lin.says("猕猴桃基地有没有扶持?")
    assert "猕猴桃基地" in review.text
    await lin.presses("提交")
    [question] = await town.open_questions()
    assert (question.name, question.text) == ("林小溪", "猕猴桃基地有没有扶持?")


async def test_cancel_says_what_was_dropped_and_keeps_nothing(town: Town, lin: Person) -> None:
    await up_to_the_review(lin)
    cancelled = await lin.says("/cancel")
    assert all(label in cancelled.text for label in ("问题", "姓名", "联系方式"))
    assert (await lin.conversation()).answers == {}
    assert await town.open_questions() == []


async def test_the_same_question_is_not_offered_twice(lin: Person) -> None:
    await up_to_the_review(lin)
    await lin.presses("提交")
    assert UNANSWERABLE not in (await lin.says("/person")).text


async def test_no_consent_ends_politely_with_nothing_stored(town: Town, lin: Person) -> None:
    await lin.says(UNANSWERABLE)
    await lin.presses("向工作人员提问")
    await lin.says("林溪 13800138000")
    ended = await lin.presses("不同意")
    assert "没有保存" in ended.text
    assert (await lin.conversation()).answers == {}
    assert (await lin.conversation()).person is None
    assert await town.open_questions() == []


async def test_a_draft_goes_on_days_later(town: Town, lin: Person) -> None:
    await lin.says(UNANSWERABLE)
    await lin.presses("向工作人员提问")
    town.clock.passes(days=5)
    assert "联系方式" in (await lin.says("林溪")).text


async def test_pressing_twice_leaves_one_question(town: Town, lin: Person) -> None:
    await up_to_the_review(lin)
    await lin.presses("提交")
    again = await lin.presses("提交")
    assert "没有重复处理" in again.text
    assert len(await town.open_questions()) == 1


async def test_a_button_of_an_earlier_step_has_passed(lin: Person) -> None:
    await up_to_the_review(lin)
    await lin.presses("同意")
    assert "已经过了" in lin.seen[0].text
    assert "提交" in labels(lin.seen[-1])


async def test_a_button_of_an_earlier_form_has_passed(town: Town, lin: Person) -> None:
    await up_to_the_review(lin)
    old = next(button for button in lin.buttons if button.label == "提交")
    await lin.says("/cancel")
    await up_to_the_review(lin, "厂房里能不能养猪")
    await lin.sends(kind="choice", choice=old.data)
    assert "已经过了" in lin.seen[0].text
    assert await town.open_questions() == []


async def test_a_number_already_given_is_not_given_twice(town: Town, lin: Person) -> None:
    town.ids.numbers = ["284917", "284917", "555000"]
    for person in (lin, town.person("wang")):
        await up_to_the_review(person)
        await person.presses("提交")
    assert {question.number for question in await town.open_questions()} == {"284917", "555000"}


async def test_a_question_in_the_middle_is_answered_and_the_form_goes_on(lin: Person) -> None:
    await lin.says(UNANSWERABLE)
    await lin.presses("向工作人员提问")
    await lin.says("厂房租金补贴是多少?")
    answer_shown, asked_again = lin.seen
    assert answer_shown.kind == "answered"
    assert "每月每平方米2元" in answer_shown.text
    assert "全名" in asked_again.text
    assert "联系方式" in (await lin.says("林溪")).text


async def test_what_the_files_do_not_say_is_said_and_the_form_goes_on(lin: Person) -> None:
    await lin.says(UNANSWERABLE)
    await lin.presses("向工作人员提问")
    await lin.says("这个要给单位看吗?")
    assert "没有找到" in lin.seen[0].text
    assert "全名" in lin.seen[-1].text


@pytest.mark.parametrize("steps", [0, 1])
async def test_distress_comes_before_any_form(lin: Person, steps: int) -> None:
    await lin.says("/person")
    for words in ["猕猴桃有补贴吗?"][:steps]:
        await lin.says(words)
    care = await lin.says("我不想活了")
    assert len(lin.seen) == 1
    assert "12356" in care.text
    assert (await lin.conversation()).flow == "ask-person"


async def test_asking_for_a_person_is_not_itself_the_question(lin: Person) -> None:
    await lin.says("我要找工作人员谈")
    assert "问题" in (await lin.presses("向工作人员提问")).text
    assert "我要找" not in lin.seen[-1].text


async def test_a_question_mark_in_the_question_itself_is_the_answer(town: Town, lin: Person) -> None:
    await lin.says("/person")
    asked = await lin.says("厂房租金补贴是多少?")
    assert "全名" in asked.text


async def test_help_in_the_middle_repeats_the_open_question(lin: Person) -> None:
    await lin.says("/person")
    await lin.says("猕猴桃有补贴吗?")
    await lin.says("/help")
    assert "/mydata" in lin.seen[0].text
    assert "全名" in lin.seen[-1].text


async def test_another_language_asks_the_open_question_anew(lin: Person) -> None:
    await lin.says("/person")
    await lin.says("猕猴桃有补贴吗?")
    await lin.says("/language")
    await lin.presses("English")
    assert "full name" in lin.seen[-1].text
    consent = await lin.says("Emily Li, emily@example.com")
    assert "Agree" in labels(consent)


async def test_another_flow_in_the_middle_asks_which_shall_go_on(lin: Person) -> None:
    await lin.says("/person")
    await lin.says("猕猴桃有补贴吗?")
    await lin.says("/mydata")
    choice = await lin.sends(kind="choice", choice="go:start:forget-me")
    assert [label[:2] for label in labels(choice)] == ["继续", "放下"]
    assert "全名" in (await lin.presses("继续")).text
    await lin.sends(kind="choice", choice="go:start:forget-me")
    assert "删除" in (await lin.presses("放下")).text


async def test_buttons_may_be_typed(town: Town, lin: Person) -> None:
    await lin.says(UNANSWERABLE)
    await lin.says("向工作人员提问")
    await lin.says("林溪 13800138000")
    assert "提交" in labels(await lin.says("1"))
    await lin.says("提交")
    assert len(await town.open_questions()) == 1


async def test_a_long_story_is_not_lost(town: Town, lin: Person) -> None:
    story = "厂房租金补贴到底怎么算，去年交的今年没见着。" * 500
    refused = await lin.says(story)
    assert "500" in refused.text
    assert "2000" in refused.text
    asked = await lin.presses("向工作人员提问")
    assert story[:100] in asked.text


async def test_care_is_not_too_long_a_story_to_be_heard(lin: Person) -> None:
    care = await lin.says("厂子倒了，欠了一身债。" * 100 + "我不想活了")
    assert "12356" in care.text


async def test_the_answer_of_the_staff_waits_in_the_persons_chat(town: Town, lin: Person) -> None:
    await up_to_the_review(lin)
    await lin.presses("提交")
    [question] = await open_questions(town.desk)
    await answer(town.desk, f"{question.number[:3]} {question.number[3:]}", "目前没有,请关注农业局通知。")
    assert await open_questions(town.desk) == []
    [waiting] = await town.outbox()
    assert UNANSWERABLE in waiting.text
    assert "目前没有" in waiting.text
    assert "仅" in waiting.text
    with pytest.raises(NotAnswerable, match="already"):
        await answer(town.desk, question.number, "again")


async def test_an_unknown_number_is_said_to_be_unknown(town: Town) -> None:
    with pytest.raises(NotAnswerable, match="no question"):
        await answer(town.desk, "123456", "hello")
