"""Whatever happens on the way, and in whatever order: nobody is lost, nobody gets more copies than was promised."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels import TryLater, Undeliverable
from handlers.dialogue import Reply
from storage import announcements
from storage.announcement_tables import Promise, RecipientState, State
from storage.database import Database
from storage.errors import Conflict
from tests.bot.announced import Campaign

PEOPLE = [f"p{number}" for number in range(12)]
_numbers = itertools.count()

# What a call comes to: whether it was heard, and what we are told.
LOTS = {
    "heard": (True, None),
    "429": (False, TryLater("429", after_s=2, asked=True)),
    "no connection": (False, TryLater("refused", after_s=3)),
    "heard, no answer": (True, TryLater("cut", after_s=3, uncertain=True)),
    "not heard, no answer": (False, TryLater("cut", after_s=3, uncertain=True)),
    "blocked": (False, Undeliverable("403", blocked=True)),
    "refused": (False, Undeliverable("400")),
}
lots = st.sampled_from(["heard"] * 6 + list(LOTS))
moves = st.one_of(
    st.tuples(st.just("round"), st.lists(lots, max_size=16)),
    st.tuples(st.just("killed"), st.tuples(st.integers(1, 8), st.integers(0, 8))),
    st.tuples(st.sampled_from(["pause", "resume", "stop", "wait"]), st.none()),
)


class Fate:
    """A channel whose calls end as was drawn; what is heard is counted."""

    name = "test"

    def __init__(self) -> None:
        self.lots: list[str] = []
        self.heard: Counter[str] = Counter()

    async def announce(self, chat: str, reply: Reply, after: int = 0) -> Sequence[str]:
        heard, error = LOTS[self.lots.pop(0) if self.lots else "heard"]
        self.heard[chat] += heard
        if error is not None:
            raise error
        return ["1"]

    async def retract(self, chat: str, ids: Sequence[str]) -> bool:
        return True

    async def amend(self, chat: str, ids: Sequence[str], reply: Reply) -> bool:
        return True


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laws")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(moves, max_size=12), promise=st.sampled_from(Promise))
async def test_nobody_is_lost_and_nobody_gets_more_than_was_promised(place: Path, script, promise: Promise):
    database = await Database.open(f"sqlite+aiosqlite:///{place / 'laoxiang.db'}")
    await database.migrate()
    campaign, fate, number = Campaign(database), Fate(), f"A{next(_numbers)}"
    campaign.channel = fate  # type: ignore[assignment]
    if number == "A0":
        await campaign.has_people(*PEOPLE)
    await campaign.announces(number, promise=promise, stale_after_s=10**9)
    # Planned and begun, and nobody has heard anything yet.
    fate.lots = ["429"] * len(PEOPLE)
    await campaign.another().round()
    campaign.clock.passes(seconds=2)
    for what, how in script:
        await happens(campaign, fate, number, what, how)

    # In the end whoever is there finishes it.
    for _ in range(8):
        await quietly(campaign, announcements.resume, number)
        fate.lots = []
        campaign.clock.passes(seconds=12)
        await campaign.another().round()

    rows = {one.chat: one for state in RecipientState for one in await campaign.rows(state, number)}
    assert (await campaign.now(number)).state in {State.FINISHED, State.STOPPED}
    assert set(rows) == set(PEOPLE)
    most = 1 if promise is Promise.NEVER_TWICE else 2
    for chat, one in rows.items():
        heard = fate.heard[chat]
        assert heard <= most
        match RecipientState(one.state):
            case RecipientState.SENT:
                assert heard >= 1
            case RecipientState.SKIPPED:
                assert (await campaign.now(number)).state is State.STOPPED
            case state:
                # Nothing is left open, and whoever may have heard it without our knowing is listed.
                assert state in {RecipientState.FAILED, RecipientState.BLOCKED, RecipientState.UNKNOWN}
    await database.close()


async def happens(campaign: Campaign, fate: Fate, number: str, what: str, how) -> None:  # type: ignore[no-untyped-def]
    match what:
        case "round":
            fate.lots = list(how)
            await campaign.another().round()
            campaign.clock.passes(seconds=2)
        case "killed":
            taken, heard = how
            if (await campaign.now(number)).state is State.SENDING:
                for one in (await campaign.takes(f"gone-{campaign.ids.new()}", number, taken))[:heard]:
                    fate.heard[one.chat] += 1
            campaign.clock.passes(seconds=11)
        case "wait":
            campaign.clock.passes(seconds=3)
        case _:
            await quietly(campaign, getattr(announcements, what), number)


async def quietly(campaign: Campaign, transition, number: str) -> None:  # type: ignore[no-untyped-def]
    try:
        await campaign.does(transition, number)
    except Conflict:
        # Not possible just now; that is the point of asking.
        return
