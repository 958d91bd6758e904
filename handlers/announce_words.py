"""Words about an announcement for all who speak of one: as its recipients see it, and as staff speak of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from handlers import event_words, zones
from handlers.buttons import Action
from handlers.desk import Office
from handlers.dialogue import Button, File, Heading, Items, Paragraph, Part, Reply
from handlers.texts import Texts
from handlers.voice import Voice
from storage.announcement_tables import RecipientState, State
from storage.announcements import Announcement, Draft
from storage.audiences import Audience, Counts
from storage.events import Event

FROM = "from"  # the action of a button under an announcement: its number, then what the button does
BAR = 20  # characters of a progress bar
# What may stand under an announcement, by what the button does.
DOORS = (
    "ask",
    "events",
    "start:register-native",
    "start:register-expert",
    "start:need",
    "start:invest",
    "start:donate",
    "start:book",
    "start:ask-person",
    "mydata",
)


def content_of(
    office: Office,
    number: str,
    topic: str,
    texts: Mapping[str, str],
    *,
    doors: Sequence[str] = (),
    event: Event | None = None,
    files: Sequence[File] = (),
    now: datetime,
) -> dict[str, Any]:
    """Give what recipients get, by language as JSON: the words, a card, files, buttons, and the one that stops it.

    Who wrote no words in a language gets the first ones.
    """
    content = {}
    for language in office.texts.languages:
        words = texts.get(language)
        if words is None:
            continue
        voice = Voice(office, language)
        parts = [*paragraphs(words), *files]
        rows = [[_under(voice, number, door)] for door in doors]
        if event is not None:
            parts += event_words.card_parts(voice, event, office.county.timezone, now)
            if event_words.is_open(event, now):
                label = voice.text("event.door.sign_up")
                rows.insert(0, [Button(label=label, data=Action(FROM, f"{number}.event:{event.code}").data)])
        parts += voice.parts("announce.foot", number=number, topic=voice.text(f"topics.name.{topic}"))
        stop = Button(label=voice.text("announce.stop"), data=Action("stop", f"{topic}.{number}").data)
        content[language] = voice.reply(parts, [*rows, [stop]]).model_dump(mode="json")
    return content


def paragraphs(words: str) -> list[Part]:
    """Give somebody's own words as paragraphs, and as lists where each line begins with a dash."""
    parts: list[Part] = []
    for block in re.split(r"\n\s*\n", words.strip()):
        lines = [line.strip() for line in block.split("\n")]
        listed = [re.sub(r"^[-–—•·]\s*", "", line) for line in lines]
        if len(lines) > 1 and all(line != bare for line, bare in zip(lines, listed, strict=True)):
            parts.append(Items(items=tuple(listed)))
        else:
            parts.append(Paragraph(text="\n".join(lines)))
    return parts


def seen_as(announcement: Announcement, language: str) -> Reply:
    """Give exactly what somebody of a language gets."""
    content = announcement.content
    return Reply.model_validate(content.get(language) or next(iter(content.values())))


def own_words(announcement: Draft) -> dict[str, str]:
    """Give the writer's own words by language, without a card, the foot and whatever the house adds."""
    texts = {}
    for language, content in announcement.content.items():
        said: list[str] = []
        # The foot is the last part; a card begins with its heading.
        for part in Reply.model_validate(content).parts[:-1]:
            if isinstance(part, Heading):
                break
            if isinstance(part, Paragraph):
                said.append(part.text)
            elif isinstance(part, Items):
                said.append("\n".join(f"- {item}" for item in part.items))
        texts[language] = "\n\n".join(said)
    return texts


def files_of(announcement: Draft) -> tuple[File, ...]:
    """Give the picture or file that goes along."""
    return tuple(part for part in _as_first_seen(announcement).parts if isinstance(part, File))


def doors_of(announcement: Draft) -> tuple[str, ...]:
    """Give what the buttons under it do that its writer chose."""
    under = _under_it(announcement)
    return tuple(door for door in DOORS if door in under)


def event_of(announcement: Draft, events: Sequence[Event]) -> Event | None:
    """Give which of some events' cards goes along: by its button, or by its title once no replies are taken."""
    under = _under_it(announcement)
    titles = {part.text for part in _as_first_seen(announcement).parts if isinstance(part, Heading)}
    return next((one for one in events if f"event:{one.code}" in under or {one.title, one.title_en} & titles), None)


def recalled(office: Office, number: str, words: Mapping[str, str] | None) -> dict[str, Any]:
    """Give what a message that can't be deleted any more becomes, by language."""
    content = {}
    for language in office.texts.languages:
        voice = Voice(office, language)
        given = (words or {}).get(language) or next(iter((words or {}).values()), "")
        parts = [*voice.parts("announce.taken_back", number=number), *(paragraphs(given) if given else [])]
        content[language] = voice.reply(parts).model_dump(mode="json")
    return content


def audience_lines(voice: Voice, audience: Audience, titles: Mapping[str, str]) -> list[str]:
    """Say whom an audience is narrowed to, line by line; `titles` are of events, files, announcements by id."""
    lines = []
    for name, value in audience.as_json().items():
        if isinstance(value, list):
            shown = voice.text("front.join").join(titles.get(one) or value_name(voice, name, one) for one in value)
        elif name == "asked_at":
            shown = moment(voice, datetime.fromisoformat(value), voice.office.clock.now())
        else:
            shown = titles.get(value) or value_name(voice, "townships", value)
        lines.append(voice.text("review.line", label=voice.text(f"announce.by.{name}"), value=shown))
    return lines or [voice.text("announce.everybody")]


def value_name(voice: Voice, dimension: str, value: str) -> str:
    """Name one value of a filter; one that is none by itself, as a form may say anything."""
    county = voice.office.county
    if dimension == "townships":
        return county.township_name(value, voice.language)
    if dimension == "fields":
        return county.class_name(value, voice.language)
    if dimension == "places":
        return place_name(value, voice.language)
    if dimension == "languages":
        return voice.office.texts("language.name", value) if value in voice.office.texts.languages else value
    if dimension == "kinds":
        key = f"announce.kind.{value}"
        return voice.text(key) if voice.office.texts.has(key) else value
    return value


def place_name(code: str, language: str) -> str:
    """Name a place by its code: "CN/深圳", "US"."""
    from babel import Locale

    country, _, city = code.partition("/")
    return city or str(Locale("en" if language == "en" else "zh").territories.get(country, country))


def counted(voice: Voice, counts: Counts, names: Sequence[str]) -> str:
    """Say how many would be reached, how many more fit, and a few of them, masked."""
    told = voice.text("announce.counted", reachable=counts.reachable, fitting=counts.fitting)
    return f"{told}\n{voice.text('announce.such_as', names=voice.text('front.join').join(names))}" if names else told


def state_line(voice: Voice, one: Announcement) -> str:
    """Give an announcement in one line: number, title, how it stands."""
    return voice.text("announce.line", number=one.number, title=one.title, state=state_name(voice, one))


def state_name(voice: Voice, one: Announcement) -> str:
    key = f"announce.state.{one.state.value}"
    if one.state is State.STOPPED and one.finished_at is None:
        key = "announce.state.stopping"
    return voice.text(key)


def moment(voice: Voice, at: datetime, now: datetime) -> str:
    """Write a moment by the county's clock."""
    zone = voice.office.county.timezone
    name = zones.zone_name(zone, voice.language)
    return voice.text("announce.moment", time=zones.shown(at, zone, voice.language, now=now), zone=name)


def bar(done: int, of: int) -> str:
    """Draw a progress bar with its share in percent."""
    share = done / of if of else 0.0
    filled = int(share * BAR)
    # Never full before it is.
    percent = 100 if of and done >= of else min(99, int(share * 100))
    return f"{'▓' * filled}{'░' * (BAR - filled)} {percent}%"


def tally(voice: Voice, counts: Mapping[Any, int]) -> list[str]:
    """Say how many recipients are in each state, those of no interest left out."""
    order = [one for one in RecipientState if counts.get(one)]
    return [voice.text(f"announce.tally.{one.value}", count=counts[one]) for one in order]


def button_names(voice: Voice, answered: Mapping[str, int]) -> Iterator[str]:
    """Say how often each button was pressed first, the most pressed one first."""
    for door, count in sorted(answered.items(), key=lambda item: (-item[1], item[0])):
        yield voice.text("announce.pressed", button=door_name(voice, door), count=count)


def door_name(voice: Voice, door: str) -> str:
    return label_of(voice.office.texts, door, voice.language)


def label_of(texts: Texts, door: str, language: str) -> str:
    """Give what a button is called that stands under an announcement."""
    if door.startswith("event:"):
        return texts("event.door.sign_up", language)
    key = "door." + door.replace(":", ".")
    return texts(key, language) if texts.has(key) else door


def _as_first_seen(announcement: Draft) -> Reply:
    return Reply.model_validate(next(iter(announcement.content.values())))


def _under_it(announcement: Draft) -> list[str]:
    before = Action(FROM, f"{announcement.number}.").data
    buttons = [button for row in _as_first_seen(announcement).buttons for button in row]
    return [button.data.removeprefix(before) for button in buttons if button.data.startswith(before)]


def _under(voice: Voice, number: str, door: str) -> Button:
    return Button(label=door_name(voice, door), data=Action(FROM, f"{number}.{door}").data)
