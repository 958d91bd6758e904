"""Hours and bookings told in a line each, for the commands of `laoxiang slots`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from handlers.desk import Office
    from storage.bookings import Booking
    from storage.slots import Host, Rule


def booking_line(office: Office, one: Booking) -> str:
    """Write a booking in one line, by the county's clock and in the office's language."""
    from handlers import booking_words
    from handlers.voice import Voice

    return booking_words.line_for_staff(Voice(office, office.language), one)


def host_line(one: Host) -> str:
    """Write whom one can book: id, name, township, topics, ways to meet."""
    closed = "" if one.active else "已停约 / closed"
    topics = ",".join(one.topics) or "全部事项 / all topics"
    return "  ".join(
        part for part in (one.id, one.name, one.township or "", topics, ",".join(one.modes), closed) if part
    )


def rule_line(rule: Rule) -> str:
    """Write recurring hours: id, rule, window, length."""
    terms = rule.terms
    hours, minutes = divmod(int(rule.starts[:2]) * 60 + int(rule.starts[3:]) + rule.minutes, 60)
    told = [rule.id, rule.rrule, f"{rule.starts}–{hours:02}:{minutes:02}", f"{terms.slot_minutes} min"]
    if terms.capacity > 1:
        told.append(f"×{terms.capacity}")
    if terms.needs_confirmation:
        told.append("需确认 / to confirm")
    if rule.valid_until:
        told.append(f"到 / until {rule.valid_until}")
    return "  ".join(told)
