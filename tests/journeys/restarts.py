"""Forms filled in while the process that takes them dies at every step: what each person does, and how it ends.

The way through a form is walked once without a process; that gives what is done and seen at each step.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.channels.telegram_view import pieces
from handlers.dialogue import Reply
from handlers.texts import Texts
from storage import people, registry_reading
from storage.database import Database
from storage.vault import Vault
from tests.journeys.filling import COUNTY, SCRIPTS, Script, moved_into, skip
from tests.journeys.town import Person, Town
from tests.knowledge.county import County as Files
from tests.nursery import Nursery
from tests.simulated_telegram import Shown, SimulatedTelegram, User

TEXTS = Texts.load()
LANGUAGES, WAYS = ("zh-Hans", "en"), ("buttons", "text")
PATIENCE_S = 60


@dataclass(frozen=True)
class Step:
    """What somebody writes or, with a `label`, presses (the button of that `number`), and what is shown then."""

    words: str
    label: str = ""
    number: int = 0
    shown: Reply = field(default_factory=Reply)

    def is_answered_by(self, messages: Sequence[Shown]) -> bool:
        """Tell whether the last of what is shown stands in a chat. A registration's number is any.

        It need not be the newest message: whatever was on its way when the process died comes a second time.
        """
        [*_, last] = pieces(self.shown, TEXTS)
        labels = [button.drawn for row in self.shown.buttons for button in row]
        for message in messages[-3:]:
            there = [label for row in message.buttons for label in row if label != self.shown.ask_contact]
            # Where a keyboard is taken away, the first words stand in a message of their own.
            if there == labels and _numberless(last.plain).endswith(_numberless(message.text)):
                return True
        return False


@dataclass(frozen=True)
class Way:
    """One form's way from the first step to the record."""

    script: Script
    language: str
    way: str
    steps: Sequence[Step]


async def straight_ways(folder: Path, languages: Sequence[str] = LANGUAGES, ways: Sequence[str] = WAYS) -> list[Way]:
    """Walk every form once in each language and way, with no process that could die."""
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'straight.db'}")
    await database.migrate()
    town = Town(database, Files())
    moved_into(town)
    walked = [
        Way(script, language, way, await _walk(town, script, language, way))
        for script in SCRIPTS.values()
        for language in languages
        for way in ways
    ]
    await database.close()
    return walked


async def _walk(town: Town, script: Script, language: str, way: str) -> list[Step]:
    person = town.person(f"{script.kind} {language} {way}", language=language)
    steps = [await _take(person, Step(f"/start {script.flow}"))]
    while (conversation := await person.conversation()).flow is not None:
        key = str(conversation.asked)
        answer = script.answers.get(key) or skip()
        press = {"consent": "agree", "review": "submit"}.get(key, answer.press)
        if way == "text" or not press:
            typed = {"consent": ("同意", "Agree"), "review": ("提交", "Submit")}.get(key)
            words = typed[language == "en"] if typed else answer.words(language)
            steps.append(await _take(person, Step(words)))
            continue
        for choice in press.split("+"):
            steps.append(await _take(person, _pressed(person, f":{key}:{choice}")))
        if (await person.conversation()).asked == key:
            steps.append(await _take(person, _pressed(person, f":{key}:done")))
    return steps


def _pressed(person: Person, data: str) -> Step:
    shown = [button for row in person.seen[-1].buttons for button in row]
    number = next(n for n, button in enumerate(shown) if button.data.endswith(data))
    return Step("", shown[number].drawn, number + 1)


async def _take(person: Person, step: Step) -> Step:
    label = step.label[2:] if step.label[:1] in "☐☑" else step.label
    return replace(step, shown=await (person.presses(label) if step.label else person.says(step.words)))


class Walker:
    """Somebody on Telegram who goes one form's way, a step whenever told to."""

    def __init__(self, user: User, way: Way) -> None:
        self.user, self.way, self.taken = user, way, 0

    @property
    def is_there(self) -> bool:
        return self.taken == len(self.way.steps)

    def steps_on(self) -> None:
        if not self.is_there:
            step = self.way.steps[self.taken]
            self.taken += 1
            _ = self.user.presses(step.label) if step.label else self.user.sends(step.words)

    async def is_answered(self) -> None:
        """Wait until what the last step leads to is shown."""
        if self.taken:
            step = self.way.steps[self.taken - 1]
            try:
                await self.user.sees(lambda: step.is_answered_by(self.user.messages), patience_s=PATIENCE_S)
            except TimeoutError:
                seen = [(message.text, message.buttons) for message in self.user.messages[-3:]]
                raise AssertionError(f"{self.way.script.kind}: {step.shown.text!r} is not among {seen}") from None


def settings_for(home: Path, **more: str) -> dict[str, str]:
    """Give the settings of a process in a home of its own, with the county of the straight ways."""
    home.mkdir(parents=True)
    profile = home.parent / f"{home.name}.toml"
    told = {name: getattr(COUNTY, name) for name in ("name", "name_en", "office", "office_en", "phone", "hours")}
    lines = ["[county]", *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in told.items())]
    for one in COUNTY.townships:
        lines += ["[[townships]]", f'code = "{one.code}"', f'name = "{one.name}"', f'name_en = "{one.name_en}"']
        lines += [f"formerly = {json.dumps(one.formerly, ensure_ascii=False)}"]
    profile.write_text("\n".join(lines), "utf-8")
    return {
        "LAOXIANG_HOME": str(home),
        "LAOXIANG_COUNTY": str(profile),
        "LAOXIANG_PERSONAL_DATA": "allow",
        **more,
    }


async def on_telegram(nursery: Nursery, home: Path, ways: Sequence[Way], how: signal.Signals, moment: float) -> int:
    """Let each way be gone by somebody of their own, all at once, and end the process after every step.

    It ends when that share (`moment`) of the people have their answer: the others' messages are somewhere between
    their telephone and the reply. Gives how often it ended. Asserts that every record is that of the straight way.
    """
    async with SimulatedTelegram() as telegram:
        telegram_is = {"TOKEN": telegram.token, "API": telegram.url, "RATE": "0"}
        settings = settings_for(home, **{f"LAOXIANG_TELEGRAM_{name}": value for name, value in telegram_is.items()})
        walkers = [
            Walker(telegram.user(1001 + n, language_code="zh-hans" if way.language != "en" else "en"), way)
            for n, way in enumerate(ways)
        ]
        kills = 0
        while not all(walker.is_there for walker in walkers):
            async with nursery.runs(["serve"], settings, home.with_suffix(".log")) as process:
                await asyncio.gather(*(walker.is_answered() for walker in walkers))
                moving = [walker for walker in walkers if not walker.is_there]
                for walker in moving:
                    walker.steps_on()
                answers = asyncio.as_completed([walker.is_answered() for walker in moving])
                for _ in range(max(1, round(moment * len(moving)))):
                    await next(answers)
                process.kill(how)
                await process.ended()
                kills += 1
                for answer in answers:
                    answer.close()
        polls = telegram.counts["getUpdates"]
        async with nursery.runs(["serve"], settings, home.with_suffix(".log")) as process:
            await asyncio.gather(*(walker.is_answered() for walker in walkers))
            await telegram.is_called("getUpdates", times=polls + 1, patience_s=PATIENCE_S)
            process.kill(signal.SIGTERM)
            assert await process.ended() == 0
        # A poll that was open when its process died may still stand when the next one asks; nothing else is refused
        # but a change of boxes that had been made already.
        odd = [r for r in telegram.refusals if r.code != 409 and "is not modified" not in r.description]
        assert odd == []
    for walker in walkers:
        records = await records_of(home, "telegram", str(walker.user.id))
        assert records == [walker.way.script.record], walker.way
    return kills


async def in_the_terminal(
    nursery: Nursery, home: Path, way: Way, signals: Sequence[signal.Signals], every: int = 1, first: int = 0
) -> int:
    """Go one way in `laoxiang chat`, with the process ended after `every` so many steps, by the signals in turn.

    Gives how often it ended. Asserts that the record is that of the straight way.
    """
    name = f"{way.script.kind}-{way.language}-{way.way}"
    # Whoever is logged in is who talks.
    settings = settings_for(home) | {"LOGNAME": name, "LAOXIANG_LANGUAGE": way.language}
    typed = [_typed(step, before) for before, step in itertools.pairwise([None, *way.steps])]
    ends = sorted({*range(1 + first, len(typed), every), len(typed)})
    for number, (start, end) in enumerate(itertools.pairwise([0, *ends])):
        how = signals[number % len(signals)]
        async with (
            _pipes(home) as (stdin, stdout, said),
            nursery.runs(["chat"], settings, stdout, stdin=stdin) as process,
            _opened(stdin) as keyboard,
        ):
            try:
                for words in typed[start:end]:
                    os.write(keyboard, f"{words}\n".encode())
                    async with asyncio.timeout(PATIENCE_S):
                        await said.readuntil(f"> {words}\n\n".encode())
                        # The answer has begun to stand there.
                        await said.readuntil(b"\n")
            except asyncio.IncompleteReadError as error:
                raise AssertionError(f"ended by itself with {await process.ended()}: {error.partial!r}") from error
            process.kill(how)
            assert await process.ended() == -how
    assert await records_of(home, "terminal", name) == [way.script.record], way
    return len(ends)


def _typed(step: Step, before: Step | None) -> str:
    """Give what is typed for a step: a button's number, or its label where a number would be an answer."""
    if not step.label:
        return step.words
    return step.label if before is not None and before.shown.free_text else str(step.number)


@asynccontextmanager
async def _opened(pipe: Path) -> AsyncIterator[int]:
    """Open a pipe for writing; held open, or the other side would see its end."""
    number = os.open(pipe, os.O_WRONLY)
    try:
        yield number
    finally:
        os.close(number)


@asynccontextmanager
async def _pipes(home: Path) -> AsyncIterator[tuple[Path, Path, asyncio.StreamReader]]:
    """Give a pipe to write to a process, one it writes to, and the reader of that."""
    stdin, stdout = home / "stdin", home / "stdout"
    for pipe in (stdin, stdout):
        os.mkfifo(pipe)
    said = asyncio.StreamReader(limit=1 << 20)
    reading = os.fdopen(os.open(stdout, os.O_RDONLY | os.O_NONBLOCK), "rb")
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(said), reading
    )
    try:
        yield stdin, stdout, said
    finally:
        transport.close()
        stdin.unlink()
        stdout.unlink()


async def records_of(home: Path, channel: str, sender: str) -> list[dict[str, Any]]:
    """Give the records of everything somebody registered for, as a process left them."""
    database = await Database.open(f"sqlite+aiosqlite:///{home / 'laoxiang.db'}", Vault.load(home / "keys"))
    try:
        async with database.read() as connection:
            person = await people.person_of(connection, channel, sender)
            found = await registry_reading.registrations(connection, person) if person else []
            return [dict(one.record) for one in found]
    finally:
        await database.close()


def _numberless(text: str) -> str:
    return re.sub(r"\s+|\d", "", text)
