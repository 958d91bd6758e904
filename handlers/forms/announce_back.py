"""Give an announcement back to its writer, for whoever was to approve it: with a word why."""

from __future__ import annotations

from handlers import announce_desk, announce_reports
from handlers.conversation import Chat
from handlers.dialogue import Reply
from handlers.flow import Ended, conversation
from handlers.questions import Text
from storage import staff
from storage.database import Connection


@conversation("announce-back")
async def give_back(chat: Chat) -> Reply:
    number = str(chat.memory.get("sent_back", ""))
    async with chat.desk.database.read() as connection:
        who = await staff.viewer_of(connection, chat.message.channel, chat.message.sender)
        if who is None:
            raise Ended(chat.say("announce.not_staff", chat.doors("help")))
        try:
            one = await announce_desk.known(connection, who, number)
            announce_desk.check_back(who, one)
        except announce_desk.NotPossible as refusal:
            raise Ended(chat.say("announce.refused", chat.doors("announce"), why=refusal.told(chat))) from refusal
        except staff.NotAllowed as refusal:
            raise Ended(chat.say("announce.not_allowed", chat.doors("announce"))) from refusal
    note = await chat.ask("note", Text(longest=300, shortest=2))
    viewer = who

    async def send_back(connection: Connection) -> None:
        back = await announce_desk.send_back(connection, chat.desk, viewer, number, note)
        await announce_reports.tell_writer_back(connection, chat.desk, back)

    chat.do(send_back)
    return chat.say("announce.back_done", chat.doors("announce"), number=number)
