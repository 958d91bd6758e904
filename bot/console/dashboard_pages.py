"""The console's first page: what waits, and the figures of a span of days as charts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from bot.console.access import (
    LONGEST_REASON,
    ConsoleRoute,
    Staff,
    console_page,
    export_path,
    taken_along,
    township_name,
)
from bot.console.bounds import day_of
from bot.web.pages import view_for, words
from bot.web.site import site_of
from handlers import ledger as township_ledger
from handlers import overview as desk
from handlers import township_report
from handlers.registry_desk import NotDone
from storage.staff import Right

router = APIRouter(route_class=ConsoleRoute)

Text = Annotated[str, Form()]
SPANS = (7, 30, 90, 365)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("")
async def dashboard(request: Request, staff: Staff, first: str = "", last: str = "") -> Response:
    """Show the first page; `first` and `last` are days of the county."""
    office = staff.site.desk
    seen = await desk.overview(office, staff.viewer, day_of(first), day_of(last))
    counted, today = seen.counted, office.clock.today()
    days = (seen.last - seen.first).days + 1

    def named(prefix: str, counts: dict[str, int]) -> list[tuple[str, int]]:
        told = [(_word(request, prefix, code), count) for code, count in counts.items()]
        return sorted(told, key=lambda row: -row[1])

    townships = [
        (township_name(request, code) or words(request, "console.none"), count)
        for code, count in counted.people_by_township.items()
    ]
    language = view_for(request).language
    fields = [(office.county.class_name(code, language), count) for code, count in counted.people_by_field.items()]
    return console_page(
        request,
        "console_dashboard.html",
        seen=seen,
        counted=counted,
        today=today,
        spans=[(number, today - timedelta(days=number - 1), today) for number in SPANS],
        days=days,
        waited=_waited(counted.oldest_open, office.clock.now()),
        asked=_by_span(seen.first, seen.last, dict(counted.asked_by_day)),
        kinds=named("console.kind", dict(counted.asked_by_kind)),
        topics=named("booking.topic", dict(counted.asked_by_topic)),
        missing=named("booking.topic", dict(counted.missing_by_topic)),
        channels=named("console.channel", dict(counted.asked_by_channel)),
        townships=sorted(townships, key=lambda row: -row[1]),
        fields=sorted(fields, key=lambda row: -row[1]),
        forms=named("console.form", dict(counted.registered_by_kind)),
        bookings=[(f"{day:%m-%d}", count) for day, count in seen.bookings_by_day.items()],
    )


@router.get("/report.xlsx")
async def report(request: Request, staff: Staff, first: str = "", last: str = "") -> Response:
    """Give the figures of a span by township as a spreadsheet."""
    office = staff.site.desk
    from_, to = desk.span(office, day_of(first), day_of(last))
    book = await township_report.report(office, staff.viewer, from_, to, view_for(request).language)
    name = {"Content-Disposition": f'attachment; filename="townships-{from_}-{to}.xlsx"'}
    return Response(book, media_type=XLSX, headers=name)


@router.post("/ledger.xlsx")
async def ledger(
    request: Request, staff: Staff, first: Text = "", last: Text = "", reason: Text = "", full: Text = ""
) -> Response:
    """Give each form, question and booking of a span as a row; names in full for a reason alone, which is logged."""
    staff.viewer.require(Right.EXPORT)
    if full and not reason.strip():
        raise NotDone("no_reason")
    office = staff.site.desk
    from_, to = desk.span(office, day_of(first), day_of(last))
    path = export_path(staff, "ledger")
    given = reason.strip()[:LONGEST_REASON] if full else ""
    await township_ledger.write(office, staff.viewer, from_, to, view_for(request).language, path, reason=given)
    return taken_along(path, f"ledger-{from_}-{to}.xlsx")


def _by_span(first: date, last: date, counts: dict[date, int]) -> list[tuple[str, int]]:
    """Give a bar a day; a week or a month where days would be too many to see."""
    days = (last - first).days + 1
    all_days = [first + timedelta(days=number) for number in range(days)]
    if days <= 45:
        return [(f"{day:%m-%d}", counts.get(day, 0)) for day in all_days]
    sums: dict[str, int] = {}
    for day in all_days:
        key = f"{day - timedelta(days=day.weekday()):%m-%d}" if days <= 200 else f"{day:%Y-%m}"
        sums[key] = sums.get(key, 0) + counts.get(day, 0)
    return list(sums.items())


def _word(request: Request, prefix: str, code: str) -> str:
    key = f"{prefix}.{code or 'none'}"
    return words(request, key) if site_of(request).desk.texts.has(key) else code or words(request, "console.none")


def _waited(since: datetime | None, now: datetime) -> int:
    """Give how many whole days the oldest open question has waited."""
    return max(0, (now - since).days) if since else 0
