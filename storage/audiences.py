"""Whom an announcement goes to: filters as one SELECT, counted and sampled before anybody hears a word.

Only people who agreed to the topic, have an open chat and may be written to are ever in it; one row a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, not_, or_, select, tuple_
from sqlalchemy.orm import aliased

from storage.announcement_tables import RecipientRow, RecipientState
from storage.booking_tables import BookingRow
from storage.conversations import ConversationState
from storage.database import Connection, vault_of
from storage.event_tables import STANDING, EventReplyRow
from storage.people import Consent, Identity
from storage.people_lists import masked_name
from storage.registry_tables import NAME, Profile, ProfileField, Registration
from storage.served import is_usable
from storage.subscription_tables import EVERYTHING, ClosedChat, Interest, Subscription, Topic
from storage.subscriptions import BY_REGISTRY, REGISTRY

Chosen: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is meant: within a filter any of its values, every filter that has some; none at all is everybody.

    `kinds` are of registrations, `fields` classes, `places` codes ("US", "CN/深圳"), `events` codes of events people
    come to, `asked` ids of files people follow, `reached` the announcement that a correction follows, `asked_at`
    when entries were found due to be looked at (ISO 8601). `within` keeps a township's officer to their own people.
    """

    kinds: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    townships: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    reached: str | None = None
    asked_at: str | None = None
    within: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the filters that narrow anything, always in the same order: what is frozen can be hashed."""
        told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {name: sorted(value) if isinstance(value, list) else value for name, value in told.items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Audience:
        """Read what `as_json` gave. Raises ValueError for a filter this release does not know: never send to more."""
        known = {field.name for field in fields(cls)}
        if unknown := set(stored) - known:
            raise ValueError(f"this release knows no audience by {', '.join(sorted(unknown))}")
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
        }
        return cls(**given)

    @property
    def is_everybody(self) -> bool:
        return not self.as_json()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the SELECT needs to know of the county: its clock and language, and the clocks of places abroad by code."""

    zone: str
    language: str
    zones: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people fit the filters, and how many of them an announcement of the topic may reach."""

    fitting: int
    reachable: int


def chosen(audience: Audience, topic: Topic, around: Surroundings) -> Chosen:
    """Give the audience as a SELECT of channel, chat, person_id, language, zone; one row a person, in any order."""
    # Who told no clock of theirs has the county's there: their place says more.
    attends = (
        select(EventReplyRow.zone)
        .where(EventReplyRow.person_id == Identity.person_id, EventReplyRow.zone != around.zone)
        .order_by(EventReplyRow.changed_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    booked = (
        select(BookingRow.zone)
        .where(BookingRow.person_id == Identity.person_id)
        .order_by(BookingRow.starts_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    lives: ColumnElement[Any] = literal(around.zone)
    if around.zones:
        abroad = case(dict(around.zones), value=Profile.place_code, else_=literal(around.zone))
        # Most live at home: the long list is not gone through for them.
        at_home = or_(Profile.place_code.is_(None), Profile.place_code.startswith("CN/"))
        lives = case((at_home, literal(around.zone)), else_=abroad)
    columns = (
        Identity.channel.label("channel"),
        Identity.sender.label("chat"),
        Identity.person_id.label("person_id"),
        func.coalesce(_language(), literal(around.language)).label("language"),
        # What somebody told with an event or a booking is nearer to where they are than their country.
        func.coalesce(attends, booked, lives).label("zone"),
    )
    return _told(select(*columns), audience, topic)


async def count(connection: Connection, audience: Audience, topic: Topic) -> Counts:
    """Count an audience: who fits, and who of them would be reached now."""
    fitting = _people(select(func.count(Identity.person_id.distinct())), audience)
    return Counts(int(await connection.scalar(fitting) or 0), await reachable(connection, audience, topic))


async def reachable(connection: Connection, audience: Audience, topic: Topic, *also: ColumnElement[bool]) -> int:
    """Count who of an audience would be reached now; `also` are more conditions on identities.

    Without what each would get: language and clock are looked up only for those who are written to.
    """
    return int(await connection.scalar(_told(select(func.count()), audience, topic).where(*also)) or 0)


async def sample(
    connection: Connection, audience: Audience, topic: Topic, around: Surroundings, size: int = 5
) -> list[str]:
    """Give the masked names of a few who would be reached, always the same ones."""
    some = chosen(audience, topic, around).order_by(Identity.person_id).limit(size).subquery()
    rows = await connection.scalars(
        select(Profile.name).join(some, some.c.person_id == Profile.person_id).order_by(Profile.person_id)
    )
    vault = vault_of(connection)
    return [masked_name(vault.open(name, NAME)) for name in rows if name]


def _told(statement: Chosen, audience: Audience, topic: Topic) -> Chosen:
    """Narrow a statement over identities to one open chat of each who fits and may be told."""
    return _people(statement, audience).where(may_be_told(topic, audience), _is_open(Identity), _is_first_open_chat())


def may_be_told(topic: Topic, audience: Audience) -> ColumnElement[bool]:
    """Give the condition on identities, with their profiles, of who agreed to a topic and has not stopped it since."""
    person = Identity.person_id
    stopped = exists().where(
        Subscription.person_id == person,
        Subscription.topic.in_([topic.value, EVERYTHING]),
        Subscription.state == "off",
    )
    agreed: list[ColumnElement[bool]] = [
        exists().where(Subscription.person_id == person, Subscription.topic == topic.value, Subscription.state == "on")
    ]
    given = exists().where(Consent.person_id == person, Consent.purpose == REGISTRY)
    consented = given.where(Consent.withdrawn_at.is_(None))
    if topic in BY_REGISTRY:
        agreed.append(and_(Profile.state == "active", consented))
    if audience.reached is not None:
        # Whoever was told something wrong is told what is right, unless they took their consent back since.
        agreed.append(and_(_was_reached(audience.reached), or_(consented, not_(given))))
    if topic is Topic.SERVICE and audience.events:
        # Whoever comes to an event agreed to be told about it.
        agreed.append(_comes_to(audience.events))
    # An entry that nobody confirmed, or that is somebody else's, is not written to.
    known = or_(Profile.person_id.is_(None), Profile.state == "active")
    wanted = or_(Profile.preference.is_(None), Profile.preference != "stop")
    return and_(or_(*agreed), not_(stopped), known, wanted)


def _people(statement: Chosen, audience: Audience) -> Chosen:
    """Narrow a statement over identities to those who fit the filters."""
    joined = (
        statement.select_from(Identity)
        .outerjoin(Profile, Profile.person_id == Identity.person_id)
        .outerjoin(
            ConversationState,
            and_(ConversationState.channel == Identity.channel, ConversationState.chat == Identity.sender),
        )
    )
    return joined.where(*_conditions(audience))


def _conditions(audience: Audience) -> list[ColumnElement[bool]]:
    person = Identity.person_id
    conditions: list[ColumnElement[bool]] = []
    if audience.kinds:
        conditions.append(
            exists().where(
                Registration.person_id == person,
                Registration.kind.in_(audience.kinds),
                Registration.state == "submitted",
            )
        )
    if audience.fields:
        conditions.append(exists().where(ProfileField.person_id == person, ProfileField.field.in_(audience.fields)))
    if audience.tiers:
        conditions.append(Profile.tier.in_(audience.tiers))
    if audience.townships:
        conditions.append(Profile.township.in_(audience.townships))
    if audience.places:
        conditions.append(or_(*(_lives_in(code) for code in audience.places)))
    if audience.languages:
        conditions.append(_language().in_(audience.languages))
    if audience.events:
        conditions.append(_comes_to(audience.events))
    if audience.asked:
        conditions.append(exists().where(Interest.person_id == person, Interest.document_id.in_(audience.asked)))
    if audience.reached is not None:
        conditions.append(_was_reached(audience.reached))
    if audience.asked_at is not None:
        conditions.append(Profile.asked_at == datetime.fromisoformat(audience.asked_at))
    if audience.within is not None:
        conditions.append(Profile.township == audience.within)
    return conditions


def _language() -> ColumnElement[Any]:
    """Give the language somebody chose, else of their entry, else the one they agreed to a topic in."""
    agreed_in = (
        select(Subscription.language)
        .where(Subscription.person_id == Identity.person_id, Subscription.language.is_not(None))
        .order_by(Subscription.changed_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(ConversationState.language, Profile.language, agreed_in)


def _lives_in(code: str) -> ColumnElement[bool]:
    """Tell who lives at a place; a country stands for all its cities."""
    return or_(Profile.place_code == code, Profile.place_code.startswith(f"{code}/", autoescape=True))


def _was_reached(number: str) -> ColumnElement[bool]:
    """Tell whom an announcement reached, or may have reached."""
    return exists().where(
        RecipientRow.announcement == number,
        RecipientRow.person_id == Identity.person_id,
        RecipientRow.state.in_([RecipientState.SENT.value, RecipientState.UNKNOWN.value]),
    )


def _comes_to(events: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(
        EventReplyRow.person_id == Identity.person_id,
        EventReplyRow.event_code.in_(events),
        EventReplyRow.state.in_([state.value for state in STANDING]),
    )


def _is_open(identity: Any) -> ColumnElement[bool]:
    """Tell whether a chat takes messages: not blocked, or written in since."""
    closed, state = aliased(ClosedChat), aliased(ConversationState)
    written_since = exists().where(
        state.channel == closed.channel, state.chat == closed.chat, state.updated_at > closed.at
    )
    return not_(exists().where(closed.channel == identity.channel, closed.chat == identity.sender, not_(written_since)))


def _is_first_open_chat() -> ColumnElement[bool]:
    """Keep one of somebody's chats, so that nobody hears the same thing twice: one that can be written to now."""
    other = aliased(Identity)
    this_is_not, other_is = not_(is_usable(Identity.channel)), is_usable(other.channel)
    earlier = tuple_(other.channel, other.sender) < tuple_(Identity.channel, Identity.sender)
    return not_(
        exists().where(
            other.person_id == Identity.person_id,
            or_(and_(other_is, this_is_not), and_(or_(other_is, this_is_not), earlier)),
            _is_open(other),
        )
    )
