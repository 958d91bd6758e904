"""What somebody wants to hear of: topics as boxes to tick, one tap that stops them, a file they follow."""

from __future__ import annotations

from handlers.buttons import Action, parse
from handlers.commands import read_command
from handlers.conversation import Chat
from handlers.dialogue import Button, Message, MessageKind, Reply
from handlers.outcome import Effect
from storage import conversations, people, subscriptions
from storage.database import Connection
from storage.subscription_tables import EVERYTHING, Topic
from storage.subscriptions import OFFERED

VERSION = "1"  # of the words above the boxes
TOPICS = frozenset({*(topic.value for topic in Topic), EVERYTHING})


def is_about_topics(message: Message) -> bool:
    """Tell whether somebody wants to stop messages, or to see which they get: heard wherever it is said."""
    button = parse(message.choice) if message.kind is MessageKind.CHOICE else None
    if isinstance(button, Action):
        return button.name in {"stop", "topic", "topics"}
    command = read_command(message.text) if message.kind is MessageKind.TEXT else None
    return command is not None and command[0] == "topics"


async def show_topics(chat: Chat) -> Reply:
    """Show every topic with its box, and what agreeing to one means."""
    person = await chat.known_person()
    heard = dict.fromkeys((topic.value for topic in OFFERED), False)
    if person is not None:
        async with chat.desk.database.read() as connection:
            heard = {**heard, **await subscriptions.standing(connection, person)}
    return _boxes(chat, heard)


async def toggle(chat: Chat, name: str) -> Reply | None:
    """Tick or untick one topic; the boxes change where they stand. None for a topic there is not."""
    if name not in {topic.value for topic in OFFERED}:
        return None
    person, at = await chat.identify(), chat.desk.clock.now()
    async with chat.desk.database.read() as connection:
        heard = dict(await subscriptions.standing(connection, person))
    wanted = not heard[name]
    message = chat.message

    async def settle(connection: Connection) -> None:
        await people.ensure_person(connection, person, message.channel, message.sender, at)
        if wanted:
            await subscriptions.agree(connection, person, Topic(name), VERSION, at, chat.language)
        else:
            await subscriptions.stop(connection, person, name, VERSION, at)

    chat.keep_after(settle)
    shown = _boxes(chat, {**heard, name: wanted, EVERYTHING: heard[EVERYTHING] and not wanted})
    return shown.model_copy(update={"replaces": message.below})


async def stop(chat: Chat, argument: str) -> Reply:
    """Stop a topic, or everything, with the one tap under an announcement; it counts from this moment."""
    name = argument.partition(".")[0]
    name = name if name in TOPICS else EVERYTHING
    # About what somebody has with us there is one stop: of everything.
    name = EVERYTHING if name == Topic.SERVICE else name
    person, at = await chat.known_person(), chat.desk.clock.now()
    if person is not None:

        async def end(connection: Connection) -> None:
            await subscriptions.stop(connection, person, name, VERSION, at)

        chat.keep_after(end)
    if name == EVERYTHING:
        return chat.say("topics.stopped_all", chat.doors("topics"))
    again = Button(label=chat.text("topics.again"), data=Action("topic", name).data)
    everything = Button(label=chat.text("topics.stop_all"), data=Action("stop", EVERYTHING).data)
    return chat.say(
        "topics.stopped", [[again], [everything], *chat.doors("topics")], topic=chat.text(f"topics.name.{name}")
    )


async def follow(chat: Chat, document: str) -> Reply:
    """Note that somebody wants to hear when a file changes, and say what that means."""
    person, at, message = await chat.identify(), chat.desk.clock.now(), chat.message

    async def note(connection: Connection) -> None:
        await people.ensure_person(connection, person, message.channel, message.sender, at)
        await subscriptions.agree(connection, person, Topic.POLICY, VERSION, at, chat.language)
        await subscriptions.follow(connection, person, document, at)

    chat.keep_after(note)
    back = Button(label=chat.text("topics.stop_policy"), data=Action("stop", Topic.POLICY.value).data)
    return chat.say("topics.followed", [[back], *chat.doors("topics", "ask")])


def closes(message: Message) -> Effect:
    """Note that a chat is closed: it is left out of announcements until somebody writes there again."""

    async def note(connection: Connection) -> None:
        if message.private:
            # The message that tells of it is stored as the chat's last, and is no word of the person's.
            written = await conversations.last_written(connection, message.channel, message.chat)
            at = max(message.at, written or message.at)
            await subscriptions.note_blocked(connection, [(message.channel, message.chat)], at)

    return note


def _boxes(chat: Chat, heard: dict[str, bool]) -> Reply:
    rows = [
        [
            Button(
                label=chat.text(f"topics.name.{topic.value}"),
                data=Action("topic", topic.value).data,
                ticked=heard.get(topic.value, False),
            )
        ]
        for topic in OFFERED
    ]
    if any(heard.get(topic.value) for topic in OFFERED):
        rows.append([Button(label=chat.text("topics.stop_all"), data=Action("stop", EVERYTHING).data)])
    key = "topics.none_now" if heard.get(EVERYTHING) else "topics.intro"
    return chat.say(key, rows, version=VERSION)
