"""Greeting, help, privacy notice and language: what every chat can ask of the assistant itself."""

from __future__ import annotations

from handlers.buttons import door
from handlers.conversation import Chat
from handlers.dialogue import Button, Reply
from handlers.language import named
from handlers.questions import word_set
from handlers.voice import Voice

GREETINGS = word_set("你好 您好 你们好 大家好 hi hello hey 嗨 哈喽 在吗 在么 有人吗 早上好 上午好 下午好 晚上好 老乡好")
THANKS = word_set("谢谢 谢谢你 谢谢您 多谢 感谢 好的谢谢 好的 好 知道了 明白了 thanks ty thx ok okay 再见 拜拜 bye") | {
    "thank you",
    "好的,谢谢",
    "good bye",
}


def greet(chat: Chat) -> Reply:
    """Say who runs this, that it is a machine, what it can do, and where a person is."""
    return chat.say("basics.greeting", _what_it_can_do(chat))


def help_with(chat: Chat) -> Reply:
    """List the commands and how to ask."""
    return chat.say("basics.help", _what_it_can_do(chat), reach=reach(chat))


def how_to_ask(chat: Chat) -> Reply:
    return chat.say("basics.how_to_ask", chat.doors("start:ask-person", "help"))


def privacy(chat: Chat) -> Reply:
    """Tell who keeps what, why, how long, and how to see and delete it."""
    return chat.say("basics.privacy", chat.doors("mydata", "ask"), reach=reach(chat))


def you_are_welcome(chat: Chat) -> Reply:
    return chat.say("basics.welcome", chat.doors("ask", "start:ask-person"))


def choose_language(chat: Chat, wanted: str) -> Reply:
    """Switch the language, or offer the choice when none is named."""
    language = named(wanted, chat.desk.texts.languages) if wanted else None
    if language is None:
        # Each language offers itself in its own words.
        choices = [
            [Button(label=chat.desk.texts("language.name", known), data=door(f"lang:{known}"))]
            for known in chat.desk.texts.languages
        ]
        return chat.say("language.choose", choices)
    chat.switch_language(language)
    return chat.say("language.chosen", [] if chat.flow else chat.doors("ask", "help"))


def reach(voice: Voice) -> str:
    """Say how the office is reached, as far as the county's profile tells."""
    county = voice.office.county
    lines = [voice.text("county.office")]
    if county.phone:
        lines.append(voice.text("county.phone"))
    if county.hours or county.hours_en:
        lines.append(voice.text("county.hours"))
    if county.address:
        lines.append(voice.text("county.address"))
    if county.complaint_phone:
        lines.append(voice.text("county.complaints"))
    return "\n".join(lines)


def _what_it_can_do(chat: Chat) -> list[list[Button]]:
    doors = chat.doors("ask", "register", "start:ask-person", "mydata", "privacy", "language")
    return [[*doors[0], *doors[1]], [*doors[2], *doors[3]], [*doors[4], *doors[5]]]
