"""Signing in to the console: an invitation, a password, a code; throttled, timed out, nothing told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import CHEAPEST

from handlers import credentials, registry_desk, sign_in
from handlers.desk import Office
from handlers.sign_in import Refused
from handlers.texts import Texts
from storage import staff
from storage.database import Database
from storage.staff import Role
from tests.journeys.town import WANGCHUAN, CountedIds, SetClock

PASSWORD = "青山 is far away"


@pytest.fixture(autouse=True)
def quick_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher.from_parameters(CHEAPEST)
    monkeypatch.setattr(credentials, "_hasher", lambda: hasher)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'staff.db'}")
    await database.migrate()
    yield Office(database=database, clock=SetClock(), ids=CountedIds(), county=WANGCHUAN, texts=Texts.load())
    await database.close()


class Member:
    """Somebody who works at the office, with an app for codes."""

    def __init__(self, office: Office, login: str) -> None:
        self.office, self.login, self.secret = office, login, ""

    async def is_invited(self, role: Role = Role.COUNTY_ADMIN) -> str:
        self.id, code = await registry_desk.invite(self.office, role, None)
        return code

    async def accepts(self, code: str, **other: str) -> str:
        offered = await sign_in.offer(self.office, code)
        self.secret = offered.secret
        told = {"login": self.login, "password": PASSWORD, "again": PASSWORD, "digits": self.digits()} | other
        return await sign_in.accept(self.office, code, sealed=offered.sealed, **told)

    def digits(self) -> str:
        return pyotp.TOTP(self.secret).at(self.office.clock.now())

    async def signs_in(
        self, password: str = PASSWORD, digits: str | None = None, address: str = "192.0.2.7", browser: str = ""
    ) -> str:
        told = self.digits() if digits is None else digits
        token, self.browser = await sign_in.sign_in(
            self.office, self.login, password, told, address=address, browser=browser
        )
        return token


async def test_an_invitation_becomes_an_account_once(office: Office):
    fang = Member(office, "fang")
    code = await fang.is_invited(Role.BUREAU)
    token = await fang.accepts(code)

    found = await sign_in.session(office, token)
    assert found is not None
    assert (found.login, found.viewer.role) == ("fang", Role.BUREAU)
    with pytest.raises(Refused, match="invitation"):
        await fang.accepts(code)


async def test_a_login_that_is_taken_can_not_be_taken_over(office: Office):
    fang, thief = Member(office, "fang"), Member(office, "Fang ")
    token = await fang.accepts(await fang.is_invited())

    with pytest.raises(Refused, match="taken"):
        await thief.accepts(await thief.is_invited(Role.READER))
    assert await sign_in.session(office, token) is not None


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"password": "short", "again": "short"}, "password_length"),
        ({"password": "aaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaa"}, "password_weak"),
        ({"password": "fang-fang-1234", "again": "fang-fang-1234"}, "password_weak"),
        ({"again": "another one here"}, "again"),
        ({"digits": "000000"}, "first_code"),
        ({"digits": "１２３４５６"}, "first_code"),
        ({"login": "王芳"}, "login"),
    ],
)
async def test_what_can_not_be_an_account_is_refused_with_why(office: Office, told: dict[str, str], why: str):
    fang = Member(office, "fang")
    code = await fang.is_invited()
    with pytest.raises(Refused, match=why):
        await fang.accepts(code, **told)
    # Nothing was used up.
    assert await fang.accepts(code)


async def test_a_code_is_taken_once_and_the_next_signs_in(office: Office):
    fang = Member(office, "fang")
    await fang.accepts(await fang.is_invited())
    with pytest.raises(Refused, match="wrong"):
        await fang.signs_in()
    office.clock.passes(seconds=30)
    assert await sign_in.session(office, await fang.signs_in()) is not None


async def test_after_five_failures_even_the_right_sign_in_waits(office: Office):
    fang = Member(office, "fang")
    await fang.accepts(await fang.is_invited())
    office.clock.passes(minutes=1)
    for _ in range(5):
        with pytest.raises(Refused, match="wrong"):
            await fang.signs_in("not the password")

    with pytest.raises(Refused, match="wait") as refused:
        await fang.signs_in()
    assert 0 < refused.value.retry_after <= 15 * 60
    office.clock.passes(seconds=refused.value.retry_after + 1)
    assert await fang.signs_in()


async def test_one_address_can_not_try_every_login(office: Office):
    for number in range(30):
        with pytest.raises(Refused, match="wrong"):
            await Member(office, f"nobody{number}").signs_in(digits="123456")
    with pytest.raises(Refused, match="wait"):
        await Member(office, "somebody").signs_in(digits="123456")
    with pytest.raises(Refused, match="wrong"):
        await Member(office, "somebody").signs_in(digits="123456", address="192.0.2.8")


@pytest.mark.parametrize(
    ("addresses", "judged"),
    [
        (["192.0.2.7"] * 40, 5),
        # Whoever has one IPv6 address has a whole /64 of them.
        ([f"2001:db8:1:2::{number}" for number in range(40)], 5),
    ],
)
async def test_however_many_try_at_once_five_are_judged(
    database_url: str, addresses: list[str], judged: int, monkeypatch: pytest.MonkeyPatch
):
    database = await Database.open(database_url)
    await database.migrate()
    office = Office(database=database, clock=SetClock(), ids=CountedIds(), county=WANGCHUAN, texts=Texts.load())
    seen: list[str] = []
    really = credentials.verified

    async def counted(hashed: str, password: str) -> bool:
        seen.append(hashed)
        return await really(hashed, password)

    monkeypatch.setattr(credentials, "verified", counted)
    fang = Member(office, "fang")
    await fang.accepts(await fang.is_invited())
    tries = (fang.signs_in(f"guess {number} of many", address=one) for number, one in enumerate(addresses))
    told = await asyncio.gather(*tries, return_exceptions=True)
    assert len(seen) == judged
    assert sorted({str(one) for one in told}) == ["wait", "wrong"]
    await database.close()


def test_addresses_of_one_network_count_as_one():
    assert sign_in.network_of("2001:db8:1:2:3:4:5:6") == sign_in.network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert sign_in.network_of("2001:db8:1:3::9") != sign_in.network_of("2001:db8:1:2::9")
    assert sign_in.network_of("::ffff:192.0.2.7") == sign_in.network_of("192.0.2.7")
    assert sign_in.network_of("") == ""


async def test_who_was_let_in_before_is_not_locked_out_by_somebody_who_knows_the_login(office: Office):
    fang = Member(office, "fang")
    await fang.accepts(await fang.is_invited())
    office.clock.passes(minutes=1)
    await fang.signs_in()
    office.clock.passes(minutes=1)
    for _ in range(5):
        with pytest.raises(Refused, match="wrong"):
            await Member(office, "fang").signs_in("a guess of theirs", digits="123456")
    for proof in ("", "made.up", fang.browser[:-1] + "x"):
        with pytest.raises(Refused, match="wait"):
            await fang.signs_in(browser=proof)
    assert await fang.signs_in(browser=fang.browser)

    # The proof is worth its own five tries, and nothing under another login.
    other = Member(office, "other")
    await other.accepts(await other.is_invited())
    for number in range(6):
        with pytest.raises(Refused, match="wrong" if number < 5 else "wait"):
            await Member(office, "fang").signs_in("a stolen cookie", digits="123456", browser=fang.browser)
    for number in range(6):
        with pytest.raises(Refused, match="wrong" if number < 5 else "wait"):
            await Member(office, "other").signs_in("a stolen cookie", digits="123456", browser=fang.browser)


async def test_a_crowd_at_the_door_waits_outside(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(credentials, "MOST_WAITING", 3)
    await credentials.nobodys()
    all_there = threading.Event()

    class Slow:
        def verify(self, hashed: str, password: str) -> bool:
            assert all_there.wait(20)
            raise VerifyMismatchError

    monkeypatch.setattr(credentials, "_hasher", Slow)
    crowd = [
        asyncio.create_task(Member(office, f"nobody{n}").signs_in(digits="123456", address=f"192.0.2.{n}"))
        for n in range(12)
    ]
    waiting = set(crowd)
    while len(waiting) > 3:
        _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    all_there.set()
    told = [str(one) for one in await asyncio.gather(*crowd, return_exceptions=True)]
    assert (told.count("wait"), told.count("wrong")) == (9, 3)


async def test_a_session_ends_when_idle_and_after_a_day_s_work(office: Office):
    fang = Member(office, "fang")
    token = await fang.accepts(await fang.is_invited())
    for _ in range(28):
        office.clock.passes(minutes=25)
        assert await sign_in.session(office, token) is not None
    office.clock.passes(minutes=25)
    assert await sign_in.session(office, token) is None, "twelve hours are over"

    second = await fang.signs_in()
    office.clock.passes(minutes=30)
    assert await sign_in.session(office, second) is None, "idle"


async def test_a_session_ends_with_the_role_and_with_signing_out(office: Office):
    fang = Member(office, "fang")
    token = await fang.accepts(await fang.is_invited())
    office.clock.passes(minutes=1)
    second = await fang.signs_in()
    await sign_in.sign_out(office, token)
    assert await sign_in.session(office, token) is None

    async with office.database.write() as connection:
        await staff.revoke(connection, fang.id, office.clock.now())
    assert await sign_in.session(office, second) is None
    office.clock.passes(minutes=1)
    with pytest.raises(Refused, match="wrong"):
        await fang.signs_in()


async def test_a_sealed_secret_opens_in_no_other_invitation(office: Office):
    fang = Member(office, "fang")
    first, second = await fang.is_invited(), await fang.is_invited()
    offered = await sign_in.offer(office, first)
    with pytest.raises(Refused, match="invitation"):
        await sign_in.offer(office, second, sealed=offered.sealed)
    with pytest.raises(Refused, match="invitation"):
        await sign_in.offer(office, first, sealed="s1.x.not-base64")
