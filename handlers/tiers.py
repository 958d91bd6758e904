"""Tiers by rules (分级规则): what the county's profile says who is in which tier, and putting people there.

`[[tiers]]` in the profile: a tier and what must hold, all of it; the first that fits counts:

    [[tiers]]
    tier = "A"
    kind = "expert"
    rank = ["senior", "正高"]     # one of these; ids or the labels people see
    days = ">=28"
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from handlers.choices import Choices, FieldClasses
from handlers.county import BadProfile, County, TierRule
from handlers.desk import Office
from handlers.fields import fields_of
from handlers.figures import Amount, Number
from handlers.forms import kinds
from handlers.questions import Question
from handlers.texts import Texts
from handlers.townships import NativeTownship
from storage import staff, tiers
from storage.database import Connection
from storage.staff import Right, Viewer
from storage.tiers import Graded

COMPARING: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
FIGURE = re.compile(r"(>=|<=|>|<|=)?\s*(\d+(?:\.\d+)?)\s*([万亿]?)\s*元?")
TIMES = {"": 1, "万": 10_000, "亿": 100_000_000}
SOURCES = ("self", "referral", "import", "staff")


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold: a fact is one of some values, or within a limit."""

    fact: str
    values: frozenset[str] = frozenset()
    limit: tuple[str, float] | None = None

    def holds(self, facts: Mapping[str, Any]) -> bool:
        value = facts.get(self.fact)
        if value is None:
            return False
        if self.limit is not None:
            sign, figure = self.limit
            return isinstance(value, int) and COMPARING[sign](value, figure)
        given = value if isinstance(value, list) else [value]
        return any((one.get("code") if isinstance(one, dict) else str(one)) in self.values for one in given)


@dataclass(frozen=True, slots=True)
class Rule:
    """A tier, what must hold for it, and how the profile puts it."""

    tier: str
    conditions: tuple[Condition, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Grading:
    """What rules came to: people by tier ("" for none), who would change or did, how many are set by hand."""

    counts: Mapping[str, int]
    changes: Sequence[tuple[str, str, str, str]]  # person, tier before, tier after, rule
    by_hand: int


def read_rules(county: County, texts: Texts) -> tuple[Rule, ...]:
    """Read the rules of a profile. Raises BadProfile for a fact or a value that no form knows."""
    known = _facts(county, texts)
    return tuple(_read(rule, number, known) for number, rule in enumerate(county.tiers, 1))


def tier_of(rules: Sequence[Rule], person: Graded) -> tuple[str | None, str]:
    """Give the tier of the first rule that fits one of a person's records, and the rule; (None, "") if none does."""
    page = {
        "township": person.township,
        "place": person.place_code,
        "preference": person.preference,
        "source": person.source,
        "field": list(person.fields),
    }
    page = {name: value for name, value in page.items() if value}
    facts = [page, *({**page, **record, "kind": kind} for kind, record in person.records)]
    for rule in rules:
        if any(all(condition.holds(one) for condition in rule.conditions) for one in facts):
            return rule.tier, rule.told
    return None, ""


async def regrade(connection: Connection, office: Office, person: str, at: datetime) -> None:
    """Put one person where the rules say, after anything about them has changed."""
    if office.tier_rules:
        for one in await tiers.graded(connection, [person]):
            await tiers.set_by_rule(connection, one, *tier_of(office.tier_rules, one), at)


async def grade_all(office: Office, who: Viewer, *, dry_run: bool) -> Grading:
    """Put everybody where the rules say, or only say who would change. What was set by hand stays."""
    who.require(Right.TIER)
    at, counts, by_hand = office.clock.now(), Counter[str](), 0
    changes: list[tuple[str, str, str, str]] = []
    async with office.database.read() as connection:
        async for people in tiers.everybody(connection, who):
            for one in people:
                tier, rule = (one.tier, "") if one.by_hand else tier_of(office.tier_rules, one)
                counts[tier or ""] += 1
                by_hand += one.by_hand
                if tier != one.tier:
                    changes.append((one.person_id, one.tier or "", tier or "", rule))
    if not dry_run:
        for start in range(0, len(changes), tiers.CHUNK):
            some = [person for person, *_ in changes[start : start + tiers.CHUNK]]
            async with office.database.write() as connection:
                # On the facts as they are now: somebody may have changed an answer meanwhile.
                for one in await tiers.graded(connection, some):
                    await tiers.set_by_rule(connection, one, *tier_of(office.tier_rules, one), at)
        async with office.database.write() as connection:
            await staff.audit(connection, who, "graded by rules", at, detail={"people": len(changes)})
    return Grading(dict(counts), changes, by_hand)


# What a rule may name: for each fact either its values, by what people call them, or None for a figure.
Known = Mapping[str, Mapping[str, str] | None]


def _facts(county: County, texts: Texts) -> Known:
    townships = dict(chain.from_iterable(((one.code, one.code), (one.name, one.code)) for one in county.townships))
    classes = dict(chain.from_iterable(((one.code, one.code), (one.name, one.code)) for one in county.field_classes))
    facts: dict[str, dict[str, str] | None] = {
        "kind": {name: name for name in kinds()},
        "source": {name: name for name in SOURCES},
    }
    for kind in kinds().values():
        for field in fields_of(kind.form):
            name, question = field.name, field.question
            if isinstance(question, (Number, Amount)):
                facts[name] = None
            elif isinstance(question, NativeTownship):
                facts[name] = townships
            elif isinstance(question, FieldClasses):
                facts[name] = classes
            elif question.choices:
                facts[name] = {**(facts.get(name) or {}), **dict(_labels(texts, kind.flow, name, question))}
    return facts


def _labels(texts: Texts, flow: str, name: str, question: Question[Any] | Choices) -> Iterator[tuple[str, str]]:
    for choice in question.choices:
        yield choice, choice
        for key in (f"{flow}.{name}.choice.{choice}", f"form.{name}.choice.{choice}", f"choice.{choice}"):
            if texts.has(key):
                yield from ((texts(key, language), choice) for language in texts.languages)
                break


def _read(rule: TierRule, number: int, known: Known) -> Rule:
    conditions = []
    for fact, words in rule.conditions:
        if fact not in known:
            raise BadProfile(f"[[tiers]] {number}: no form asks for {fact}; there are {', '.join(sorted(known))}")
        values = known[fact]
        if values is None:
            found = FIGURE.fullmatch(words[0].strip()) if len(words) == 1 else None
            if found is None:
                raise BadProfile(f'[[tiers]] {number}: {fact} is a figure; write a limit such as ">=28", not {words}')
            conditions.append(Condition(fact, limit=(found[1] or "=", float(found[2]) * TIMES[found[3]])))
            continue
        if unknown := [word for word in words if word not in values]:
            told = ", ".join(dict.fromkeys(values.values()))
            raise BadProfile(f"[[tiers]] {number}: {fact} is never {', '.join(unknown)}; there are {told}")
        conditions.append(Condition(fact, frozenset(values[word] for word in words)))
    told = ", ".join(f"{fact} {'|'.join(words)}" for fact, words in rule.conditions)
    return Rule(rule.tier, tuple(conditions), told)
