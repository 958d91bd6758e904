"""The front desk: reads one message and sends it to whoever deals with it.

Commands and buttons work anywhere; inside a form everything else is for the open question; the
rest is a question about policies.
"""

from __future__ import annotations

import unicodedata

from handlers import (
    announce_words,
    announcing,
    ask,
    basics,
    event_answers,
    event_words,
    leaving,
    my_bookings,
    my_data,
    referring,
    staff_desk,
    still_right,
    subscribing,
)
from handlers.buttons import BACK, CANCEL, Action, door, parse, typed
from handlers.commands import read_command
from handlers.conversation import Chat
from handlers.desk import Desk
from handlers.dialogue import Button, Message, MessageKind, Reply
from handlers.floor import (
    ASK_PERSON,
    ask_open_question,
    begin_anew,
    cancel,
    change,
    go_on_from_link,
    offer_changes,
    open_flow,
    passed,
    start,
    step_back,
    then_open_question,
    unless_in_a_form,
)
from handlers.flow import proceed
from handlers.forms import conversations
from handlers.handover import PAYLOAD, offer_link
from handlers.journal import REVIEW
from handlers.outcome import Outcome
from handlers.questions import bare, looks_like_question, tidy, word_set
from handlers.wishes import MY_BOOKINGS, WHO, remember_wish, says_something, wish_in
from storage.conversations import Conversation

EVENT_REPLY = "event-reply"
# What /register offers, the most frequent first.
KINDS = (
    "register-native",
    "register-expert",
    "invest",
    "need",
    "donate",
    EVENT_REPLY,
    "nominate",
    "complain",
    "rights",
)

# Words of a form's own buttons, typed when it is over.
ONLY_IN_A_FORM = word_set("提交 确认提交 选好了 完成 同意 不同意 跳过 补充 补充更多 submit done agree decline skip")


async def respond(message: Message, conversation: Conversation, desk: Desk) -> Outcome:
    """Deal with one message. Reads only; everything to be changed is in the outcome."""
    if message.kind is MessageKind.LEFT:
        return Outcome(conversation, effects=(subscribing.closes(message),))
    chat = Chat(message, conversation, desk)
    is_off = await desk.switches.is_off(desk.database, message.channel, desk.clock.now())
    if not message.private:
        # A group is not told again and again.
        return chat.outcome([] if is_off else await _in_a_group(chat))
    if is_off and not subscribing.is_about_topics(message):
        # Somebody in distress is heard wherever they write.
        return chat.outcome([ask.care(chat) if ask.in_distress(message.text) else chat.say("front.channel_off")])
    chat.takes_bookings = await desk.openings.are_there(desk.database, desk.clock.now())
    return chat.outcome(await _in_private(_as_pressed(chat)))


async def _in_private(chat: Chat) -> list[Reply]:
    message = chat.message
    match message.kind:
        case MessageKind.CHOICE:
            return await _pressed(chat, message.choice)
        case MessageKind.TEXT:
            return await _said(chat, message.text)
        case MessageKind.CONTACT:
            if chat.flow:
                return await _answered(chat, message.text)
            return [chat.say("front.contact", chat.doors(f"start:{ASK_PERSON}", "ask"))]
        case MessageKind.EDITED:
            if chat.flow:
                return await then_open_question(chat, chat.say("front.edited"))
            if read_command(message.text):
                return [chat.say("front.edited", chat.doors("help"))]
            answer = ask.answer_question(chat, message.text)
            noted = chat.reply([*chat.parts("front.edited_answer"), *answer.parts])
            return [answer.model_copy(update={"parts": noted.parts})]
    if chat.flow and message.file is not None and chat.memory.get("takes_file"):
        return await _answered(chat, message.file.name)
    return await then_open_question(chat, _unreadable(chat))


async def _said(chat: Chat, text: str) -> list[Reply]:
    if command := read_command(text):
        return await _commanded(chat, *command)
    if not any(unicodedata.category(character)[0] in "LN" for character in text):
        if chat.flow and tidy(text) and chat.memory.get("free_text"):
            return await _answered(chat, text)
        return await then_open_question(chat, chat.say("front.no_words", unless_in_a_form(chat)))
    if chat.flow:
        return await _answered(chat, text)
    plain = bare(text)
    if plain.isdecimal() and len(plain) <= 2:
        return [chat.say("front.no_number", chat.doors("ask", f"start:{ASK_PERSON}"), number=plain)]
    if plain in ONLY_IN_A_FORM:
        return [chat.say("front.nothing_to_answer", chat.doors("ask", "register"))]
    if plain in basics.GREETINGS:
        return [basics.greet(chat)]
    if plain in basics.THANKS:
        return [basics.you_are_welcome(chat)]
    if (form := referring.form_for_another(text)) is not None and (offered := referring.offer(chat, form)):
        return [offered]
    wish = wish_in(text)
    if wish != EVENT_REPLY and (told := await event_answers.answer(chat, text)) and not ask.in_distress(text):
        return [told]
    if wish is not None:
        return await _wished(chat, wish, text)
    return [ask.answer_question(chat, text)]


async def _asked(chat: Chat, text: str) -> Reply:
    """Answer a question: one about an event from its row, all others from the documents."""
    return await event_answers.answer(chat, text) or ask.answer_question(chat, text)


async def _wished(chat: Chat, wish: str, text: str) -> list[Reply]:
    """Open the form somebody asks for, with what they said already; ask which where that is open."""
    if wish == MY_BOOKINGS:
        return [await my_bookings.show_bookings(chat)]
    # A booking that was named earlier is not the one these words mean.
    chat.memory.pop("booking", None)
    chat.memory.pop("event", None)
    remember_wish(chat, text)
    if wish == WHO:
        return await start(chat, KINDS[0]) if says_something(text) else [_which_form(chat)]
    return await start(chat, wish)


def _which_form(chat: Chat) -> Reply:
    rows = [*chat.doors(*(f"start:{kind}" for kind in (*KINDS, ASK_PERSON)))]
    if (flow := open_flow(chat)) is not None:
        rows.insert(0, [leaving.going_on(chat, flow)])
    return chat.asks_instead(chat.reply(chat.parts("register.who"), rows, kind="form"))


async def _answered(chat: Chat, words: str) -> list[Reply]:
    """Lay words before the open question; a question of the person's own is answered first."""
    flow = open_flow(chat)
    if flow is None:
        return [passed(chat)]
    leaving.stays(chat)
    step = await proceed(flow, chat, words)
    if ask.in_distress(words):
        # No form matters now; it stays open for whenever they come back to it.
        return [ask.care(chat)]
    if step.problem is not None and (form := referring.form_for_another(words)) is not None:
        offered = referring.offer(chat, form)
        return [*([offered] if offered else []), *await ask_open_question(chat)]
    if step.problem is not None and looks_like_question(words):
        told = await event_answers.answer(chat, words)
        passing = told.model_copy(update={"buttons": ()}) if told else ask.answer_in_passing(chat, words)
        return [passing, *await ask_open_question(chat)]
    return [step.reply] if step.reply else []


async def _commanded(chat: Chat, command: str, argument: str) -> list[Reply]:
    match command:
        case "start":
            if argument in conversations() and not chat.flow:
                return await start(chat, argument)
            if (form := referring.passed_on(chat, argument)) is not None:
                return await start(chat, form)
            if argument.startswith(PAYLOAD):
                return await go_on_from_link(chat, argument.removeprefix(PAYLOAD))
            if argument.startswith(event_words.PAYLOAD):
                return await _act(chat, Action("event", argument.removeprefix(event_words.PAYLOAD)))
            if argument.startswith(still_right.CLAIM) and not chat.flow:
                return [await still_right.show_entry(chat, argument.removeprefix(still_right.CLAIM))]
            return await then_open_question(chat, basics.greet(chat))
        case "register":
            return [_which_form(chat)]
        case "anew" if chat.flow:
            return await begin_anew(chat)
        case "handover" if chat.flow:
            return [offer_link(chat, "abroad.page")]
        case "staff":
            return await then_open_question(chat, await staff_desk.greet_staff(chat, argument))
        case "today" | "requests" | "hours" | "openday" | "away" | "feed":
            action = staff_desk.COMMANDS.get(command, command)
            return await then_open_question(chat, await staff_desk.work(chat, action, argument), buttons=True)
        case "cancel":
            return [cancel(chat)]
        case "back":
            return await step_back(chat)
        case "edit":
            return await _answered(chat, "edit") if chat.open_key == REVIEW else [offer_changes(chat)]
        case "person":
            return await start(chat, ASK_PERSON)
        case "book":
            if argument and not chat.flow:
                remember_wish(chat, argument)
            return await start(chat, "book")
        case "bookings" | "mybookings":
            return await _act(chat, Action("bookings"))
        case "ask" if argument:
            return await then_open_question(chat, await _asked(chat, argument))
        case "events" | "checkin" | "topics" | "announce":
            return await _act(chat, Action(command, argument))
        case "ask" | "help" | "privacy" | "language" | "mydata" | "withdraw" | "refer":
            return await _act(chat, Action(command, argument))
    return await then_open_question(chat, chat.say("front.unknown_command", unless_in_a_form(chat)))


async def _pressed(chat: Chat, data: str) -> list[Reply]:
    button = parse(data)
    if isinstance(button, Action):
        return await _act(chat, button)
    if button is None or not chat.is_current(button):
        return await then_open_question(chat, passed(chat))
    if button.choice == CANCEL:
        return [cancel(chat)]
    if button.choice == BACK:
        return await step_back(chat)
    return await _answered(chat, button.choice)


async def _act(chat: Chat, action: Action) -> list[Reply]:
    match action.name:
        case "start":
            return await start(chat, action.argument)
        case "drop":
            chat.leave()
            return await start(chat, action.argument)
        case "continue" if chat.flow:
            leaving.stays(chat)
            return await ask_open_question(chat)
        case "change" if chat.flow:
            return await change(chat, action.argument)
        case "keep" if (flow := open_flow(chat)) is not None:
            return [leaving.keep_draft(chat, flow)]
        case "discard" if chat.flow:
            return [cancel(chat, discard=True)]
        case "register":
            return [_which_form(chat)]
        case "refer" if (offered := referring.offer(chat, action.argument or referring.NATIVE)) is not None:
            return await then_open_question(chat, offered)
        case "more":
            return await then_open_question(chat, ask.show_more(chat, action.argument) or passed(chat))
        case "row":
            return await then_open_question(chat, ask.show_row(chat, action.argument) or passed(chat))
        case "help":
            return await then_open_question(chat, basics.help_with(chat))
        case "ask":
            return await then_open_question(chat, basics.how_to_ask(chat))
        case "privacy":
            return await then_open_question(chat, basics.privacy(chat))
        case "mydata":
            return await then_open_question(chat, await my_data.show_my_data(chat), buttons=True)
        case "copy":
            return await then_open_question(chat, await my_data.copy_my_data(chat), buttons=True)
        case "withdraw":
            withdrawn = my_data.withdraw(chat, action.argument) if action.argument else my_data.offer_withdrawal(chat)
            return await then_open_question(chat, await withdrawn, buttons=True)
        case "amend" if not chat.flow:
            return await ask_open_question(chat) if await my_data.amend(chat, action.argument) else [passed(chat)]
        case "bookings":
            return await then_open_question(chat, await my_bookings.show_bookings(chat), buttons=True)
        case "events":
            return await then_open_question(chat, await event_answers.show_events(chat), buttons=True)
        case "event":
            return await _sign_up(chat, action.argument)
        case "leave-event":
            chat.memory["event_reply"] = action.argument
            return await start(chat, action.name)
        case "checkin":
            return await then_open_question(chat, await staff_desk.check_in(chat, action.argument))
        case "day" | "requests" | "day-picture" | "mark" | "feed" | "publish":
            worked = await staff_desk.work(chat, action.name, action.argument)
            return await then_open_question(chat, worked, buttons=True)
        case "calendar":
            return await then_open_question(chat, await my_bookings.calendar(chat, action.argument))
        case "move-booking" | "cancel-booking":
            chat.memory["booking"] = action.argument
            return await start(chat, action.name)
        case "take-offer":
            return await then_open_question(chat, await my_bookings.take_offer(chat, action.argument), buttons=True)
        case "refuse-offer":
            return await then_open_question(chat, await my_bookings.refuse_offer(chat, action.argument))
        case "announce":
            return await then_open_question(chat, await announcing.show_list(chat), buttons=True)
        case "announcement" if (shown := await announcing.pressed(chat, action.argument)) is not None:
            return shown
        case announce_words.FROM:
            return await _pressed(chat, door(await announcing.answer_under(chat, action.argument)))
        case "topics":
            return await then_open_question(chat, await subscribing.show_topics(chat), buttons=True)
        case "topic" if (boxes := await subscribing.toggle(chat, action.argument)) is not None:
            return [boxes]
        case "stop":
            # In the middle of a form the way back must stay one tap away, too.
            return await then_open_question(chat, await subscribing.stop(chat, action.argument), buttons=True)
        case "follow" if action.argument:
            return await then_open_question(chat, await subscribing.follow(chat, action.argument))
        case "still":
            return await then_open_question(chat, await still_right.answered(chat, action.argument))
        case "claim":
            return await then_open_question(chat, await still_right.claimed(chat, action.argument))
        case "export":
            return await then_open_question(chat, await my_data.export_my_data(chat), buttons=True)
        case "language" | "lang":
            chosen = basics.choose_language(chat, action.argument)
            # The choice itself must stay the last thing shown, or its buttons could not be typed.
            return await then_open_question(chat, chosen) if not chosen.buttons else [chosen]
    return await then_open_question(chat, passed(chat))


async def _sign_up(chat: Chat, code: str) -> list[Reply]:
    """Open the sign-up for the event a link or button names; one half filled for another event makes room for it."""
    if not await event_answers.is_known(chat, code):
        return await then_open_question(chat, passed(chat))
    if chat.flow == EVENT_REPLY and code.upper() not in (chat.memory.get("event"), chat.journal.value("which_event")):
        chat.leave()
    chat.memory["event"] = code.upper()
    return await start(chat, EVENT_REPLY)


async def _in_a_group(chat: Chat) -> list[Reply]:
    """Answer policy questions only: a group is no place for personal data."""
    message = chat.message
    match message.kind:
        case MessageKind.CHOICE:
            button = parse(message.choice)
            if isinstance(button, Action) and button.name == "more":
                return [ask.show_more(chat, button.argument) or passed(chat, [])]
            return [chat.say("front.group")]
        case MessageKind.TEXT | MessageKind.EDITED:
            command = read_command(message.text)
            if command and command[0] == "ask" and command[1]:
                return [await _asked(chat, command[1])]
            if command:
                return [chat.say("front.group")]
            if any(unicodedata.category(character)[0] in "LN" for character in message.text):
                return [await _asked(chat, message.text)]
    return []


def _as_pressed(chat: Chat) -> Chat:
    """Take the typed label or number of a shown button for a press of it."""
    message, shown = (
        chat.message,
        [Button(label=label, data=data) for label, data in chat.memory.get("shown", [])],
    )
    free_text = bool(chat.flow and chat.memory.get("free_text"))
    if message.kind is MessageKind.TEXT and (button := typed(message.text, shown, label_only=free_text)):
        chat.message = message.model_copy(update={"kind": MessageKind.CHOICE, "choice": button.data, "text": ""})
    return chat


def _unreadable(chat: Chat) -> Reply:
    media = chat.message.media or ("file" if chat.message.kind is MessageKind.FILE else "other")
    key = f"front.media.{media}"
    name = chat.text(key if chat.desk.texts.has(key) else "front.media.other")
    return chat.say("front.unreadable", unless_in_a_form(chat), media=name)


def apologise(message: Message, conversation: Conversation, desk: Desk) -> Reply:
    """Say that a message could not be dealt with, for when dealing with it failed."""
    chat = Chat(message, conversation, desk)
    return chat.say("front.failed", chat.doors("help") if message.private else ())
