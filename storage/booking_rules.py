"""Whether a booking may move on, and whether to another time: the rules alone, for storage and for buttons."""

from __future__ import annotations

from datetime import datetime

from storage.booking_tables import MOVES, SELF, Booking, State


def why_not(booking: Booking, to: State, *, by: str, at: datetime) -> str | None:
    """Say why a booking may not move to a state now; None if it may. For people to read: `booking.state` and times."""
    if to not in MOVES[booking.state]:
        return "there is no such step"
    if booking.state is State.HELD and to in {State.CONFIRMED, State.PENDING}:
        if by != SELF:
            return "only the person confirms what they hold"
        if (to is State.PENDING) != booking.needs_confirmation:
            return "staff have to confirm it" if booking.needs_confirmation else "staff need not confirm it"
        if booking.held_until is None or booking.held_until <= at:
            return "the hold is over"
    if to is State.EXPIRED and by != SELF:
        over = booking.held_until if booking.state is State.HELD else booking.starts_at
        return None if over is not None and over <= at else "it is not over yet"
    if to is State.EXPIRED:
        return None if booking.state is State.HELD else "it was confirmed"
    if by == SELF and booking.state is not State.HELD:
        if to is not State.CANCELLED:
            return "only staff may"
        if booking.cancel_until < at:
            return "it is too late for that"
    if to in {State.NO_SHOW, State.DONE}:
        return None if booking.starts_at <= at else "it has not begun"
    return None if at < booking.starts_at else "it has begun"


def why_not_moved(booking: Booking, *, by: str, at: datetime) -> str | None:
    """Say why a booking may not be moved to another time now; None if it may."""
    if booking.state not in {State.PENDING, State.CONFIRMED}:
        return f"it is {booking.state.value}"
    if by == SELF and booking.cancel_until < at:
        return "it is too late for that"
    return None if at < booking.starts_at else "it has begun"
