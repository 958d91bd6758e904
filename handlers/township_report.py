"""The report by township as a spreadsheet: the task table (任务表) of the action office, figures of a span of days."""

from __future__ import annotations

import io
from datetime import date, timedelta

from handlers.booking_desk import begins
from handlers.desk import Office
from handlers.voice import Voice
from storage import staff, township_figures
from storage.staff import Viewer
from storage.township_figures import FIGURES


async def report(office: Office, who: Viewer, first: date, last: date, language: str) -> bytes:
    """Give an .xlsx with a row a township and their sum, from a day to another, both included; it is logged."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    now = office.clock.now()
    async with office.database.read() as connection:
        figures = await township_figures.by_township(
            connection, who, begins(first), begins(last + timedelta(days=1)), now
        )
    async with office.database.write() as connection:
        await staff.audit(connection, who, "made a report", now, detail={"first": str(first), "last": str(last)})
    voice = Voice(office, language)
    book = Workbook()
    sheet = book.active
    sheet.title = voice.text("report.sheet")
    sheet.append([voice.text("report.title", first=first, last=last)])
    sheet.append([voice.text("report.township"), *(voice.text(f"report.figure.{name}") for name in FIGURES)])
    known = [one.code for one in office.county.townships]
    codes = [code for code in known if who.township in (None, code)]
    codes += sorted(set(figures) - {*known, ""}) + [""] * ("" in figures)
    for code in codes:
        row = figures.get(code, {})
        label = office.county.township_name(code, language) or voice.text("report.none")
        # A name that begins like a formula stays a name.
        sheet.append([label.lstrip("=+-@"), *(row.get(name, 0) for name in FIGURES)])
    sheet.append([voice.text("report.sum"), *(sum(row.get(name, 0) for row in figures.values()) for name in FIGURES)])
    for row in (sheet[1], sheet[2], sheet[sheet.max_row]):
        for cell in row:
            cell.font = Font(bold=True)
    sheet.freeze_panes = "B3"
    sheet.column_dimensions["A"].width = 18
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
