"""Choosing whom an announcement goes to, in a chat: filters as boxes, or typed, and the count shown all the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from handlers import announce_words
from handlers.abroad import may_name
from handlers.buttons import Press
from handlers.conversation import Chat
from handlers.dialogue import Button, Items, Part
from handlers.language import named as language_named
from handlers.places import Place, Residence
from handlers.questions import NO, Problem, bare
from handlers.voice import Voice
from knowledge.words import normalise
from storage import audiences, documents, events, subscriptions
from storage.audiences import Audience, Surroundings
from storage.database import Connection
from storage.staff import Role, Viewer
from storage.subscription_tables import Topic

KEY = "audience"
KINDS = ("native", "expert", "need", "invest", "event", "donate", "nominate")
TIERS = ("A", "B", "C")
DIMENSIONS = ("kinds", "fields", "townships", "places", "languages", "tiers", "events", "asked")
DONE = {"done", "好了", "选好了", "完成", "ok"}
EVERYBODY = {"clear", "全部", "所有人", "everybody", "all"}
Options = Mapping[str, Mapping[str, str]]  # by filter: what may be chosen, and what it is called


async def choose(chat: Chat, who: Viewer, topic: Topic, around: Surroundings) -> Audience:
    """Give the chosen audience, or stop with the filters so far, how many they reach, and what else may be chosen."""
    if chat.journal.has(KEY):
        return Audience.from_json(chat.journal.value(KEY))
    # What is ticked so far waits beside the journal: it is no answer yet.
    audience = Audience.from_json(chat.memory.get(KEY) or {})
    if who.role is Role.TOWNSHIP:
        audience = replace(audience, within=who.township)
    async with chat.desk.database.read() as connection:
        options = await options_of(connection, chat, who)
    within, problem = "", None
    if (words := chat.heard(KEY)) is not None:
        said = bare(words)
        if said in DONE:
            counts = await _counts(chat, audience, topic, around)
            if counts.reachable:
                chat.journal.record(KEY, audience.as_json())
                chat.memory.pop(KEY, None)
                return audience
            problem = Problem("announce.cannot.nobody")
        elif said in EVERYBODY or said in NO:
            audience = Audience(within=audience.within)
        elif words.startswith("in."):
            within = words.removeprefix("in.")
        elif words.startswith("t."):
            _, within, value = words.split(".", 2)
            audience = toggled(audience, within, value) if value in options.get(within, {}) else audience
        elif words.startswith("p."):
            audience = replace(audience, places=_without(audience.places, words.removeprefix("p.")))
        elif words != "up":
            found = read_filter(words, options)
            audience = toggled(audience, *found, on=True) if found else audience
            problem = None if found else Problem("announce.cannot.filter")
        chat.memory[KEY] = {name: value for name, value in audience.as_json().items() if name != "within"}
    counts = await _counts(chat, audience, topic, around)
    names: Sequence[str] = ()
    if may_name(chat):
        async with chat.desk.database.read() as connection:
            names = await audiences.sample(connection, audience, topic, around)
    titles = {value: name for dimension in ("events", "asked") for value, name in options[dimension].items()}
    lines = announce_words.audience_lines(chat, audience, titles)
    parts: list[Part] = [
        *chat.parts("announce.audience.prompt"),
        Items(items=(*lines, announce_words.counted(chat, counts, names))),
    ]
    rows = _values(chat, audience, within, options) if within in DIMENSIONS else _dimensions(chat, audience, options)
    pause = chat.pause_at(KEY, parts, (), problem, doors=rows)
    # The boxes change where they stand.
    if words is not None and chat.message.below:
        pause.reply = pause.reply.model_copy(update={"replaces": chat.message.below})
    raise pause


async def options_of(connection: Connection, voice: Voice, who: Viewer) -> Options:
    """Give what may be chosen here: the county's own townships and classes, its events, files somebody follows."""
    office = voice.office
    coming = await events.listed(connection, who, office.clock.now())
    followed = await documents.titles(connection, sorted(await subscriptions.followed(connection)))
    value_name = announce_words.value_name
    townships = [one.code for one in office.county.townships if who.role is not Role.TOWNSHIP]
    return {
        "kinds": {one: value_name(voice, "kinds", one) for one in KINDS},
        "fields": {one.code: value_name(voice, "fields", one.code) for one in office.county.field_classes},
        "townships": {one: value_name(voice, "townships", one) for one in townships},
        "places": {},
        "languages": {one: value_name(voice, "languages", one) for one in office.texts.languages},
        "tiers": {one: one for one in TIERS},
        "events": {one.code: one.title for one in coming},
        "asked": followed,
    }


def toggled(audience: Audience, dimension: str, value: str, *, on: bool = False) -> Audience:
    """Give an audience with one value of a filter more, or less."""
    values: tuple[str, ...] = getattr(audience, dimension)
    kept = [one for one in values if one != value]
    changed = [*kept, value] if on or value not in values else kept
    return Audience.from_json({**audience.as_json(), dimension: changed})


def read_filter(words: str, options: Options) -> tuple[str, str] | None:
    """Read a filter somebody typed by the name of its value: a township, a place, a class, an event, a file."""
    said = normalise(words)
    for dimension in ("townships", "kinds", "fields", "events", "asked", "tiers"):
        for value, name in options.get(dimension, {}).items():
            if said in {normalise(value), normalise(name)} or (len(said) >= 3 and said in normalise(name)):
                return dimension, value
    if (language := language_named(words, tuple(options["languages"]))) is not None:
        return "languages", language
    place = read_place(words)
    return ("places", place) if place else None


def read_place(words: str) -> str | None:
    """Read the code of a place somebody typed; None for one no table knows."""
    if normalise(words) in {"中国", "国内", "china"}:
        return "CN"
    place = Residence().read(words)
    return (place.code or None) if isinstance(place, Place) else None


async def _counts(chat: Chat, audience: Audience, topic: Topic, around: Surroundings) -> audiences.Counts:
    async with chat.desk.database.read() as connection:
        return await audiences.count(connection, audience, topic)


def _dimensions(chat: Chat, audience: Audience, options: Options) -> list[list[Button]]:
    """Give a button for each filter there is something to choose of, and the ways on."""
    shown = [one for one in DIMENSIONS if options[one] or one == "places"]
    buttons = []
    for one in shown:
        count = len(getattr(audience, one))
        label = chat.text(f"announce.by.{one}")
        buttons.append(_button(chat, f"in.{one}", f"{label} ({count})" if count else label))
    rows = [buttons[start : start + 2] for start in range(0, len(buttons), 2)]
    clear = [] if audience.is_everybody else [_button(chat, "clear", chat.text("announce.audience.clear"))]
    return [*rows, [*clear, _button(chat, "done", chat.text("announce.audience.done"))]]


def _values(chat: Chat, audience: Audience, dimension: str, options: Options) -> list[list[Button]]:
    """Give the boxes of one filter; places are typed, and a box takes one away."""
    if dimension == "places":
        boxes = [
            _button(chat, f"p.{index}", announce_words.place_name(code, chat.language), ticked=True)
            for index, code in enumerate(audience.places)
        ]
        hint = [_button(chat, "in.places", chat.text("announce.audience.type_a_place"))]
        return [*([box] for box in boxes), hint, _on(chat)]
    ticked = set(getattr(audience, dimension))
    boxes = [
        _button(chat, f"t.{dimension}.{value}", name if len(name) <= 40 else f"{name[:39]}…", ticked=value in ticked)
        for value, name in options[dimension].items()
    ]
    wide = 1 if dimension in {"events", "asked"} else 2
    rows = [boxes[start : start + wide] for start in range(0, len(boxes), wide)]
    return [*rows, _on(chat)]


def _on(chat: Chat) -> list[Button]:
    up = _button(chat, "up", chat.text("announce.audience.up"))
    return [up, _button(chat, "done", chat.text("announce.audience.done"))]


def _button(chat: Chat, choice: str, label: str, *, ticked: bool | None = None) -> Button:
    data = Press(chat.flow or "", str(chat.memory.get("run", "")), KEY, choice).data
    return Button(label=label, data=data, ticked=ticked)


def _without(values: Sequence[str], index: str) -> tuple[str, ...]:
    return tuple(value for place, value in enumerate(values) if str(place) != index)
