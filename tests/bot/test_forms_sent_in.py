"""What people sent in, as staff see it: complaints without a name, and the files that came with a form."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_office
from bot.settings import load_settings
from storage import people, registry
from storage.registry_tables import Known
from tests.bot.shell import Laoxiang
from tests.bot.test_people import PROFILE, WHO, member_of
from tests.simulated_telegram import SimulatedTelegram

NOW = datetime(2026, 1, 5, tzinfo=UTC)
FILE = {"name": "../../同意书 .pdf", "channel": "telegram", "id": "d", "size": 9}
NAMELESS = "奖励拖了两年没有兑现"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, laoxiang: Laoxiang) -> Path:
    (tmp_path / "county.toml").write_text(PROFILE, "utf-8")
    monkeypatch.setenv("LAOXIANG_COUNTY", str(tmp_path / "county.toml"))
    return tmp_path


async def sends_in(number: str, kind: str, township: str | None, record: dict[str, Any]) -> None:
    """Store a form; without a township it has no name either."""
    async with open_office(load_settings()) as office, office.database.write() as connection:
        await people.add_person(connection, f"p-{number}", NOW)
        if township:
            await registry.keep_profile(connection, f"p-{number}", Known("柳一", [], township), NOW)
        await registry.register(
            connection,
            number=number,
            person=f"p-{number}",
            kind=kind,
            record=record,
            consent_version="",
            at=NOW,
            once=False,
        )


def test_a_complaint_without_a_name_reaches_the_staff_from_the_chat(laoxiang: Laoxiang, home: Path) -> None:
    laoxiang("chat", typed=f"/start complain\n{NAMELESS}\n匿名\n提交\n")
    assert "共 0 人" in laoxiang("people", "list").out
    hint = laoxiang("people", "list", "--kind", "complaint").out
    assert "people forms --kind complaint --nameless" in hint
    ran = laoxiang("people", "forms", "--kind", "complaint", "--nameless")
    assert "匿名" in ran.out
    assert NAMELESS not in ran.out
    assert NAMELESS in laoxiang("people", "forms", "--reason", "办理").out
    [entry, *_] = json.loads(laoxiang("people", "audit", "--json").out)
    assert (entry["action"], entry["detail"]["reason"]) == ("revealed forms", "办理")
    assert "there is no kind party" in laoxiang("people", "forms", "--kind", "party").err


@pytest.mark.parametrize("who", WHO)
def test_who_sees_which_forms(laoxiang: Laoxiang, home: Path, who: str) -> None:
    asyncio.run(sends_in("100001", "complain", None, {"matter": NAMELESS}))
    asyncio.run(sends_in("100002", "native", "liuhe", {"name": "柳一"}))
    ran = laoxiang("people", "forms", "--json", "--as", member_of(laoxiang, who))
    numbers = {one["number"] for one in json.loads(ran.out)["forms"]}
    seen = {"township:liuhe": {"100002"}, "township:qingshi": set[str]()}
    assert numbers == seen.get(who, {"100001", "100002"})
    assert NAMELESS not in ran.out
    assert "柳一" not in ran.out


@pytest.mark.parametrize("who", WHO)
async def test_a_file_is_fetched_from_its_channel_by_who_may_see_the_form(
    laoxiang: Laoxiang, home: Path, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    await sends_in("100002", "expert", "liuhe", {"name": "柳一", "employer_consent": FILE})
    async with SimulatedTelegram() as telegram:
        telegram.api.files["d"] = b"%PDF-1.7"
        monkeypatch.setenv("LAOXIANG_TELEGRAM_TOKEN", telegram.token)
        monkeypatch.setenv("LAOXIANG_TELEGRAM_API", telegram.url)

        def fetches() -> Any:
            member = member_of(laoxiang, who)
            return laoxiang("people", "fetch", "100002", "--reason", "核对", "--to", str(home), "--as", member)

        ran = await asyncio.to_thread(fetches)
        written = list(home.glob("100002-*"))
        if who in {"reader", "township:qingshi"}:
            assert (ran.status, written) == (1, [])
            assert telegram.counts["getFile"] == 0
            return
        assert ran.status == 0, ran.err
        [file] = written
        assert file.name == "100002-employer_consent-_.._同意书_.pdf"
        assert file.read_bytes() == b"%PDF-1.7"
        assert file.stat().st_mode & 0o077 == 0
        log = json.loads((await asyncio.to_thread(laoxiang, "people", "audit", "--json")).out)
        told = [(entry["action"], entry["subject"], entry["detail"]) for entry in log[:2]]
        assert told == [
            ("fetched a file", "p-100002", {"file": file.name}),
            ("revealed forms", None, {"reason": "核对", "numbers": ["100002"]}),
        ]
        again = await asyncio.to_thread(fetches)
        assert again.status == 1
        assert "there already" in again.err


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (FILE, "LAOXIANG_TELEGRAM_TOKEN"),
        (FILE | {"channel": "page"}, "sent in the channel page"),
    ],
)
def test_a_file_that_cannot_be_fetched_is_said_to_be_where_it_is(
    laoxiang: Laoxiang, home: Path, file: dict[str, Any], told: str
) -> None:
    asyncio.run(sends_in("100002", "expert", "liuhe", {"certificate": file}))
    asyncio.run(sends_in("100003", "native", "liuhe", {"name": "柳一"}))
    ran = laoxiang("people", "fetch", "100002", "--reason", "核对")
    assert ran.status == 1
    assert told in ran.err
    assert "no file was sent" in laoxiang("people", "fetch", "100003", "--reason", "核对").err


async def test_a_file_telegram_no_longer_gives_is_asked_for_again(
    laoxiang: Laoxiang, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sends_in("100002", "expert", "liuhe", {"certificate": FILE})
    async with SimulatedTelegram() as telegram:
        monkeypatch.setenv("LAOXIANG_TELEGRAM_TOKEN", telegram.token)
        monkeypatch.setenv("LAOXIANG_TELEGRAM_API", telegram.url)
        ran = await asyncio.to_thread(laoxiang, "people", "fetch", "100002", "--reason", "核对", "--to", str(home))
    assert ran.status == 1
    assert "send it again" in ran.err
    assert telegram.token not in ran.err
