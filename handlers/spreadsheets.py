"""People as spreadsheets: out as text cells in which no formula can stand, in row by row with what is wrong in each."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from handlers.choices import FieldClasses
from handlers.contacts import Contact, read_contact
from handlers.county import County
from handlers.names import read_name
from handlers.places import Place, Residence
from handlers.questions import Problem, Surroundings
from handlers.townships import HomeTownship, NativeTownship
from storage.people_lists import Row
from storage.registry_tables import Known

# What makes a spreadsheet program compute a cell of a CSV file instead of showing it (OWASP, CSV injection).
COMPUTED = ("=", "+", "-", "@", "\t", "\r")
TEXT_MARK = "'"
LONGEST_CELL = 32_000  # Excel's limit is 32,767
COLUMNS = (
    "编号",
    "姓名",
    "联系方式",
    "籍贯乡镇",
    "现居地",
    "行业领域",
    "分级",
    "怎样联系",
    "登记",
    "状态",
    "最近核对",
    "建立",
)
HEADERS = {
    "name": ("姓名", "名字", "name"),
    "contact": ("联系方式", "手机", "手机号", "手机号码", "电话", "联系电话", "phone", "mobile", "contact"),
    "email": ("邮箱", "电子邮箱", "email", "e-mail"),
    "wechat": ("微信", "微信号", "wechat"),
    "township": ("籍贯乡镇", "乡镇", "籍贯", "township"),
    "place": ("现居地", "居住地", "城市", "现住地", "place", "city"),
    "field": ("行业领域", "行业", "领域", "field"),
}
LARGEST_BYTES = 20_000_000
Tell = Callable[[Problem], str]


class BadSheet(Exception):
    """The file can't be read as a list of people; the message says why and what to do."""


class Writer(Protocol):
    """Writes rows of text."""

    def row(self, cells: Sequence[str]) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of a spreadsheet: the row's number, what it tells, and what is wrong with it."""

    number: int
    known: Known
    problems: Sequence[str] = field(default=())


def writer(path: Path) -> Writer:
    """Give a writer by the file's name: .xlsx or .csv."""
    if path.suffix.lower() == ".xlsx":
        return _Workbook(path)
    if path.suffix.lower() == ".csv":
        return _Commas(path)
    raise BadSheet(f"{path.name}: end the name with .xlsx or .csv")


def cells_of(row: Row, county: County, *, tier: bool) -> list[str]:
    """Write a person as the cells of `COLUMNS`."""
    townships = {one.code: one.name for one in county.townships}
    classes = {one.code: one.name for one in county.field_classes}
    return [
        row.person_id,
        row.name,
        "; ".join(value for _, value in row.contacts),
        townships.get(row.township, row.township),
        row.place,
        "、".join(classes.get(name, name) for name in row.fields),
        row.tier if tier else "",
        row.preference,
        "、".join(row.kinds),
        row.state,
        f"{row.confirmed_at.astimezone(county.zone):%Y-%m-%d}" if row.confirmed_at else "",
        f"{row.created_at.astimezone(county.zone):%Y-%m-%d}",
    ]


def read_people(path: Path, around: Surroundings, tell: Tell) -> list[Entry]:
    """Read a spreadsheet of people, one a row, under any of the usual headings; `tell` words a problem.

    Raises BadSheet.
    """
    rows = _rows(path)
    columns: dict[str, int] = {}
    for _, cells in rows:
        columns = _columns(cells)
        if "name" in columns and len(columns) > 1:
            break
    if "name" not in columns:
        raise BadSheet(f"{path.name}: no row of headings was found; there must be 姓名 and 联系方式 or 手机")
    return [_entry(number, cells, columns, around, tell) for number, cells in rows if any(cells)]


def _entry(number: int, cells: Sequence[str], columns: dict[str, int], around: Surroundings, tell: Tell) -> Entry:
    told = {name: cells[place].strip() if place < len(cells) else "" for name, place in columns.items()}
    problems: list[str] = []

    def read(name: str, value: Any) -> Any:
        if isinstance(value, Problem):
            problems.append(f"{HEADERS[name][0]}「{told[name]}」：{tell(value)}")
            return None
        return value

    name = read("name", read_name(told["name"]))
    contacts: list[tuple[str, str]] = []
    for kind in ("contact", "email", "wechat"):
        if written := told.get(kind):
            words = f"微信:{written}" if kind == "wechat" else written
            contact = read(kind, read_contact(words))
            if isinstance(contact, Contact):
                contacts.append((contact.kind.value, contact.value))
    if not contacts and not problems:
        problems.append(f"{HEADERS['contact'][0]}：{tell(Problem('problem.contact.missing'))}")
    township = read("township", _read(NativeTownship(other=False).settle(around), told.get("township")))
    place = read("place", _read(Residence(), told.get("place")))
    fields = read("field", _read(FieldClasses().settle(around), told.get("field")))
    known = Known(
        name=name,
        contacts=contacts,
        township=township.code if isinstance(township, HomeTownship) else None,
        place=place.name if isinstance(place, Place) else None,
        place_code=(place.code or None) if isinstance(place, Place) else None,
        fields=fields,
    )
    return Entry(number, known, problems)


def _read(question: Any, written: str | None) -> Any:
    return question.read(written) if written else None


def _columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        heading = "".join(cell.split()).casefold().rstrip("*")
        for name, headings in HEADERS.items():
            if heading in headings:
                found.setdefault(name, place)
    return found


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    if path.stat().st_size > LARGEST_BYTES:
        raise BadSheet(f"{path.name}: larger than {LARGEST_BYTES // 1_000_000} MB; split it")
    if path.suffix.lower() == ".csv":
        return _commas(path)
    if path.suffix.lower() == ".xlsx":
        return _sheet(path)
    raise BadSheet(f"{path.name}: save it as .xlsx or .csv")


def _commas(path: Path) -> Iterator[tuple[int, list[str]]]:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadSheet(f"{path.name}: neither UTF-8 nor GB18030; save it as UTF-8")
    for number, cells in enumerate(csv.reader(text.splitlines()), 1):
        yield number, [cell.removeprefix(TEXT_MARK) for cell in cells]


def _sheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise BadSheet(f"{path.name}: not an Excel file ({type(error).__name__}); save it again") from error
    try:
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
            yield number, [_as_text(cell) for cell in cells]
    finally:
        book.close()


def _as_text(cell: Any) -> str:
    # A telephone number typed as a number comes as a float.
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _clean(cell: str) -> str:
    return "".join(sign for sign in cell if sign in "\n\t" or sign.isprintable() or sign == "\u200d")[:LONGEST_CELL]


class _Workbook:
    """An Excel file written row by row; every cell is text, whatever it begins with."""

    def __init__(self, path: Path) -> None:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell

        self._path = path
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("people")
        self._cell = WriteOnlyCell

    def row(self, cells: Sequence[str]) -> None:
        self._sheet.append([self._text(_clean(cell)) for cell in cells])

    def _text(self, cell: str) -> Any:
        if not cell.startswith(("=", "#")):
            return cell
        # The library takes these for a formula or an error; the type set afterwards makes them text.
        made = self._cell(self._sheet, value=cell)
        made.data_type = "s"
        return made

    def close(self) -> None:
        self._book.save(self._path)


class _Commas:
    """A CSV file with a byte order mark; what a program might compute gets a mark in front that makes it text."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file, quoting=csv.QUOTE_ALL)

    def row(self, cells: Sequence[str]) -> None:
        plain = (_clean(cell) for cell in cells)
        self._rows.writerow([TEXT_MARK + cell if cell.startswith(COMPUTED) else cell for cell in plain])

    def close(self) -> None:
        self._file.close()
