"""Cancel a booking: up to its limit, after asking once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from handlers import booking_words
from handlers.conversation import Chat
from handlers.dialogue import Reply
from handlers.flow import Ended, conversation
from handlers.forms.move_booking import which_booking
from handlers.questions import YesNo
from storage import bookings
from storage.bookings import SELF, State
from storage.database import Connection


@dataclass(frozen=True)
class Sure(YesNo):
    """Whether a booking shall really go; `told` is what the question says of it."""

    told: Mapping[str, object] = field(default_factory=dict)

    @property
    def params(self) -> Mapping[str, object]:
        return self.told


@conversation("cancel-booking")
async def cancel_booking(chat: Chat) -> Reply:
    booking = await which_booking(chat)
    now = chat.desk.clock.now()
    time = booking_words.time_of(chat, booking, now)
    if not await chat.ask("sure", Sure(told={"number": booking.number, "time": time})):
        raise Ended(chat.say("cancel-booking.kept", chat.doors("bookings", "ask"), number=booking.number, time=time))

    async def call_off(connection: Connection) -> None:
        await bookings.cancel(connection, booking.number, by=SELF, at=now)

    chat.do(call_off)
    gone = replace(booking, state=State.CANCELLED, sequence=booking.sequence + 1, changed_at=now)
    told = chat.parts("cancel-booking.done", number=booking.number, time=time)
    return chat.reply([*told, booking_words.calendar_file(chat, gone)], chat.doors("start:book", "bookings", "ask"))
