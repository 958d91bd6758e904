"""The registry on the command line: every command, by every role, over two townships; spreadsheets; the log."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bot.app import open_office
from bot.settings import load_settings
from handlers.spreadsheets import COMPUTED, writer
from storage import people, registry
from storage.registry_tables import Known
from storage.staff import Role
from tests.bot.shell import Laoxiang

NOW = datetime(2026, 1, 5, tzinfo=UTC)
PROFILE = """
[county]
name = "望川县"
[[townships]]
code = "liuhe"
name = "柳河镇"
[[townships]]
code = "qingshi"
name = "青石镇"
"""
# Everybody's name and number tell whose township they are of.
PEOPLE = {
    "liuhe": ("p-liuhe-1", "柳一", "+8613800000001"),
    "qingshi": ("p-qingshi-1", "青一", "+8613800000002"),
}
WHO = ("county-admin", "bureau", "reader", "township:liuhe", "township:qingshi")
DENIED = {
    "reader": {
        "reveal",
        "show in full",
        "forms in full",
        "export",
        "import",
        "duplicates",
        "merge",
        "tier",
        "grade",
        "grade in a dry run",
        "confirm",
        "refresh",
        "retain",
    }
    | {"audit"},
    "bureau": {"import", "duplicates", "merge", "tier", "grade", "grade in a dry run", "refresh", "retain", "audit"},
    "township": {"duplicates", "merge", "tier", "grade", "grade in a dry run", "refresh", "retain", "audit"},
    "county-admin": set[str](),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, laoxiang: Laoxiang) -> Path:
    profile = tmp_path / "county.toml"
    profile.write_text(PROFILE, "utf-8")
    monkeypatch.setenv("LAOXIANG_COUNTY", str(profile))
    asyncio.run(_settle())
    return tmp_path


async def _settle() -> None:
    async with open_office(load_settings()) as office, office.database.write() as connection:
        for township, (person, name, number) in PEOPLE.items():
            await people.ensure_person(connection, person, "test", f"chat-{township}", NOW)
            known = Known(name, [("phone", number)], township, "深圳", "CN/深圳", ["making"], "text", "zh-Hans")
            await registry.keep_profile(connection, person, known, NOW)
            await registry.register(
                connection,
                number=f"10000{len(township)}",
                person=person,
                kind="native",
                record={"name": name},
                consent_version="1",
                at=NOW,
                once=True,
            )


def member_of(laoxiang: Laoxiang, who: str) -> str:
    role, _, township = who.partition(":")
    more = ["--township", township] if township else []
    told = laoxiang("staff", "invite", "--role", role, *more)
    assert told.status == 0, told.err
    return told.out.split(":")[0]


COMMANDS: dict[str, Callable[[str, Path], Sequence[str]]] = {
    "list": lambda person, folder: ["list"],
    "list json": lambda person, folder: ["list", "--json"],
    "list of a township": lambda person, folder: ["list", "--township", person.split("-")[1]],
    "find by contact": lambda person, folder: ["list", "--contact", PEOPLE[person.split("-")[1]][2]],
    "reveal": lambda person, folder: ["list", "--reason", "回访"],
    "show": lambda person, folder: ["show", person],
    "show by number": lambda person, folder: ["show", f"10000{len(person.split('-')[1])}"],
    "show in full": lambda person, folder: ["show", person, "--reason", "回访"],
    "export": lambda person, folder: ["export", str(folder / "out.csv"), "--reason", "汇总", "--reveal"],
    "import": lambda person, folder: ["import", str(_sheet(folder, person)), "--messages", str(folder / "m.csv")],
    "forms": lambda person, folder: ["forms", "--json"],
    "forms of a kind": lambda person, folder: ["forms", f"10000{len(person.split('-')[1])}", "--kind", "native"],
    "forms in full": lambda person, folder: ["forms", "--reason", "办理"],
    "duplicates": lambda person, folder: ["duplicates"],
    "tier": lambda person, folder: ["tier", person, "A"],
    "grade": lambda person, folder: ["grade"],
    "grade in a dry run": lambda person, folder: ["grade", "--dry-run", "--json"],
    "confirm": lambda person, folder: ["confirm", person],
    "refresh": lambda person, folder: ["refresh"],
    "retain": lambda person, folder: ["retain"],
    "audit": lambda person, folder: ["audit"],
    "merge": lambda person, folder: ["merge", person, next(p for p, _, _ in PEOPLE.values() if p != person)],
}


def _sheet(folder: Path, person: str) -> Path:
    township = "柳河镇" if "liuhe" in person else "青石镇"
    file = folder / "in.csv"
    file.write_text(f"姓名,手机,乡镇\n王新来,13900009999,{township}\n", "utf-8")
    return file


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_no_role_goes_beyond_its_rights_and_no_officer_beyond_their_township(
    laoxiang: Laoxiang,
    home: Path,
    who: str,
    command: str,
) -> None:
    member = member_of(laoxiang, who)
    role, _, own = who.partition(":")
    for township, (person, name, number) in PEOPLE.items():
        ran = laoxiang("people", *COMMANDS[command](person, home), "--as", member)
        written = (home / "out.csv").read_text("utf-8") if (home / "out.csv").exists() else ""
        told = ran.out + ran.err + written
        if command in DENIED[role]:
            assert ran.status == 1
            assert f"the role {role} may not" in ran.err
        elif own and own != township and command in {"show", "show by number", "show in full", "confirm", "import"}:
            assert ran.status == 1
        else:
            assert ran.status == 0, ran.err
        if own:
            _, other_name, other_number = next(one for key, one in PEOPLE.items() if key != own)
            assert other_name not in told
            assert other_number not in told
            if township != own:
                # Of somebody else's person not even the id is confirmed, beyond what was typed.
                assert ran.out.count(person) == 0
        if role == "reader":
            assert name not in told
            assert number not in told
        if command == "merge":
            return


def test_the_matrix_knows_every_command(laoxiang: Laoxiang, home: Path) -> None:
    from bot.commands.people import people as group

    tested = {COMMANDS[name]("p-liuhe-1", home)[0] for name in COMMANDS}
    # One is for whoever has the keys, on the server; the other has its own test, of forms with files.
    assert set(group.commands) - tested == {"rekey", "fetch"}


def test_every_look_in_full_is_logged_with_its_reason(laoxiang: Laoxiang, home: Path) -> None:
    assert "柳＊" in laoxiang("people", "show", "p-liuhe-1").out
    assert "柳一" in laoxiang("people", "show", "p-liuhe-1", "--reason", "电话回访").out
    entries = json.loads(laoxiang("people", "audit", "--json").out)
    assert [(entry["action"], entry["detail"]["reason"]) for entry in entries] == [
        ("revealed", "电话回访"),
        ("saw", ""),
    ]
    assert laoxiang("people", "export", str(home / "x.csv")).status == 2  # a reason is asked


def test_filters_narrow_a_list(laoxiang: Laoxiang, home: Path) -> None:
    def listed(*options: str) -> int:
        return int(json.loads(laoxiang("people", "list", "--json", *options).out)["total"])

    assert listed() == 2
    assert listed("--township", "柳河镇", "--city", "深圳", "--field", "工业制造", "--kind", "native") == 1
    assert listed("--stale", "30") == 2
    assert listed("--stale", "3000") == 0
    assert listed("--contact", "138 0000 0001") == 1
    assert laoxiang("people", "tier", "p-liuhe-1", "B").status == 0
    assert listed("--tier", "B") == 1
    assert laoxiang("people", "list", "--township", "火星").status == 1
    assert laoxiang("people", "list", "--field", "x").status == 1


def test_a_spreadsheet_comes_in_after_a_dry_run_and_waits_for_each_persons_word(
    laoxiang: Laoxiang,
    home: Path,
) -> None:
    book = Workbook()
    book.active.append(["望川县在外人才统计表"])
    book.active.append(["序号", "姓名*", "手机号码", "籍贯乡镇", "现居地", "行业领域"])
    book.active.append([1, "王芳", 13900001111, "青石镇", "上海", "教师"])
    book.active.append([2, "李总", "139", "青石镇", "", ""])
    book.active.append([3, "柳一", "13800000001", "柳河镇", "", ""])
    book.active.append([4, "=cmd()", "13900002222", "火星镇", "", ""])
    file = home / "名单.xlsx"
    book.save(file)
    dry = laoxiang("people", "import", str(file), "--dry-run")
    assert dry.status == 1
    assert "第 4 行" in dry.out
    assert "是称呼" in dry.out
    assert "p-liuhe-1" in dry.out
    assert json.loads(laoxiang("people", "list", "--json").out)["total"] == 2
    taken = laoxiang("people", "import", str(file), "--skip-faulty", "--messages", str(home / "m.csv"))
    assert taken.status == 0
    with (home / "m.csv").open(encoding="utf-8-sig", newline="") as messages:
        [_, [name, contact, message]] = list(csv.reader(messages))
    assert (name, contact) == ("王芳", "'+8613900001111")
    assert "/start c-" in message
    [row] = json.loads(laoxiang("people", "list", "--state", "unconfirmed", "--json").out)["people"]
    shown = laoxiang("chat", typed=f"/start c-{message.rsplit('c-', 1)[1]}\n内容对，我同意\n/mydata\n")
    assert "王芳" in shown.out
    assert "谢谢，登记好了" in shown.out
    assert json.loads(laoxiang("people", "list", "--state", "active", "--json").out)["total"] == 3
    again = laoxiang("chat", typed=f"/start c-{message.rsplit('c-', 1)[1]}\n")
    assert "已经用过" in again.out
    assert row["source"] == "import"


def test_an_officer_who_imports_hears_nothing_of_another_townships_people(laoxiang: Laoxiang, home: Path) -> None:
    file = home / "in.csv"
    file.write_text("姓名,手机,乡镇\n王新来,13800000002,柳河镇\n青一,13900009999,青石镇\n", "utf-8")
    ran = laoxiang("people", "import", str(file), "--skip-faulty", "--as", member_of(laoxiang, "township:liuhe"))
    assert "another township" in ran.out
    assert "不是您负责的乡镇" in ran.out
    assert "p-qingshi-1" not in ran.out
    assert json.loads(laoxiang("people", "list", "--json").out)["total"] == 2


def test_one_person_in_two_entries_is_found_and_merged_with_the_history_kept(
    laoxiang: Laoxiang,
    home: Path,
) -> None:
    async def enter_again() -> None:
        async with open_office(load_settings()) as office, office.database.write() as connection:
            await people.add_person(connection, "p-liuhe-2", NOW)
            known = Known("柳 一", [("wechat", "13800000001"), ("email", "liu@example.com")], "liuhe")
            await registry.keep_profile(connection, "p-liuhe-2", known, NOW, actor="staff", source="staff")

    asyncio.run(enter_again())
    groups = json.loads(laoxiang("people", "duplicates", "--json").out)
    assert [{row["person_id"] for row in group["people"]} for group in groups] == [{"p-liuhe-1", "p-liuhe-2"}]
    assert laoxiang("people", "merge", "p-liuhe-1", "p-liuhe-2").status == 0
    assert laoxiang("people", "merge", "p-liuhe-1", "p-liuhe-2").status == 1
    shown = json.loads(laoxiang("people", "show", "p-liuhe-1", "--reason", "核对", "--json").out)
    assert ["email", "liu@example.com"] in shown["person"]["contacts"]
    merged = shown["history"][-1]
    assert (merged["action"], merged["before"]["profile"]["name"]) == ("merged", "柳 一")


def test_the_key_is_changed_without_losing_anybody(laoxiang: Laoxiang, home: Path) -> None:
    assert laoxiang("people", "rekey").status == 0
    assert "柳一" in laoxiang("people", "list", "--reason", "核对").out


def test_a_deleted_person_is_in_no_spreadsheet_any_more(laoxiang: Laoxiang, home: Path) -> None:
    assert laoxiang("people", "export", str(home / "x.xlsx"), "--reason", "汇总").status == 0
    assert (home / "x.xlsx").stat().st_mode & 0o077 == 0
    laoxiang("chat", typed="我叫林溪，在深圳做模具，老家柳河镇，电话13800138000\n同意\n跳过\n提交\n")
    laoxiang("chat", typed="/mydata\n删除我的资料\n确定删除\n")
    assert not (home / "x.xlsx").exists()


CELLS = st.lists(st.text(max_size=20) | st.sampled_from(["=1+1", "+8613800138000", "-2", "@x", "#N/A", "=", "\t=1"]))


@settings(max_examples=100)
@given(rows=st.lists(CELLS, max_size=4))
def test_no_cell_of_an_export_is_ever_a_formula(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("sheets")
    for name in ("x.xlsx", "x.csv"):
        out = writer(folder / name)
        for row in rows:
            out.row(row)
        out.close()
    sheet: Any = load_workbook(folder / "x.xlsx").active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in cells if cell.data_type not in {"s", "inlineStr"}] == []
    written = {cell for row in rows for cell in row}
    if "+8613800138000" in written:
        assert "+8613800138000" in {cell.value for cell in cells}
    with (folder / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [cell for row in csv.reader(file) for cell in row if cell.startswith(COMPUTED)] == []


def test_roles_are_those_the_command_offers() -> None:
    from bot.commands.staff import invite

    offered = next(option for option in invite.params if option.name == "role")
    assert set(offered.type.choices) == {role.value for role in Role}  # type: ignore[attr-defined]
