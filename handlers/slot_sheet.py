"""Hosts and their hours from a TOML file, for a county that sets them all up at once: `laoxiang slots load FILE`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from handlers.desk import Office
from handlers.registry_desk import NotDone
from handlers.slot_desk import check_host, check_hours, new_rule, opened, township_of
from storage import slots, staff
from storage.slots import Day, DayKind, Holidays, Host, Rule, Terms
from storage.staff import Right, Viewer

# As the file calls the terms; lengths in minutes, `ahead` in days.
TERMS = {
    "slot": "slot_minutes",
    "step": "step_minutes",
    "buffer": "buffer_minutes",
    "capacity": "capacity",
    "lead": "lead_minutes",
    "ahead": "ahead_days",
    "cancel": "cancel_minutes",
    "per_week": "per_week",
    "confirm": "needs_confirmation",
}
HOST = {"id", "name", "name_en", "kind", "township", "topics", "modes", "place", "place_en", "link"}
RULE = {"days", "rrule", "from", "to", "holidays", "since", "until", "modes", "topics", *TERMS}
DAY = {"day", "kind", "from", "to"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file: hosts stored, and those known already, which are left as they are."""

    stored: tuple[str, ...]
    known: tuple[str, ...]


async def load(office: Office, who: Viewer, path: Path) -> Loaded:
    """Store the hosts of a file that are not known yet, with their hours; all of them or none.

    Raises NotDone for a file that can't be read; the message names the place in it.
    """
    who.require(Right.SLOTS)
    sheets = [_read(office, entry, f"{path.name}, host {place}") for place, entry in enumerate(_entries(path), 1)]
    at = office.clock.now()
    async with office.database.read() as connection:
        known = {one.id for one in await slots.hosts(connection, also_inactive=True)}
    new = [sheet for sheet in sheets if sheet[0].id not in known]
    async with office.database.write() as connection:
        for host, rules, days in new:
            await slots.add_host(connection, who, host, at)
            for rule in rules:
                await slots.add_rule(connection, who, rule)
            for day in days:
                await slots.add_day(connection, who, day)
            await opened(connection, host.id, at)
        names = [host.id for host, _, _ in new]
        await staff.audit(connection, who, "loaded hosts", at, detail={"hosts": names})
    return Loaded(tuple(names), tuple(sheet[0].id for sheet in sheets if sheet[0].id in known))


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("hosts", [])
    except OSError as error:
        raise NotDone(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise NotDone(f"{path}: not a TOML file in UTF-8 ({error})") from error
    if not isinstance(entries, list) or not entries:
        raise NotDone(f"{path}: there are no [[hosts]] in it; samples/slots.toml shows how it looks")
    return entries


def _read(office: Office, entry: Mapping[str, Any], where: str) -> tuple[Host, list[Rule], list[Day]]:
    try:
        _known(entry, HOST | {"rules", "days"})
        host = _host(office, entry)
        rules = [_rule(office, host, one) for one in entry.get("rules", [])]
        days = [_day(host, one) for one in entry.get("days", [])]
    except NotDone as error:
        raise NotDone(f"{where}: {error}") from error
    except (TypeError, ValueError, KeyError) as error:
        raise NotDone(f"{where}: {error!r} can't be read; samples/slots.toml shows how it looks") from error
    return host, rules, days


def _host(office: Office, entry: Mapping[str, Any]) -> Host:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    values |= {name: values.get(name, "") for name in ("id", "name")}
    values["township"] = township_of(office, entry.get("township"))
    host = Host(**{name: value for name, value in values.items() if name in HOST})
    check_host(office, host)
    return host


def _rule(office: Office, host: Host, entry: Mapping[str, Any]) -> Rule:
    _known(entry, RULE)
    if not {"from", "to"} <= entry.keys() or not entry.keys() & {"days", "rrule"}:
        raise NotDone("rules need days (or rrule), from and to")
    terms: dict[str, Any] = {TERMS[name]: value for name, value in entry.items() if name in TERMS}
    terms |= {name: tuple(entry[name]) for name in ("modes", "topics") if name in entry}
    rrule = entry.get("rrule") or f"FREQ=WEEKLY;BYDAY={entry['days']}"
    return new_rule(
        office,
        host.id,
        rrule,
        (entry["from"], entry["to"]),
        Terms(**terms),
        holidays=Holidays(entry.get("holidays", Holidays.SKIP)),
        since=entry.get("since"),
        until=entry.get("until"),
    )


def _day(host: Host, entry: Mapping[str, Any]) -> Day:
    _known(entry, DAY)
    if not isinstance(entry["day"], date):
        raise NotDone(f"{entry['day']!r}: write a day as 2026-12-05, without quotes")
    kind = DayKind(entry.get("kind", DayKind.EXTRA))
    hours = (entry.get("from"), entry.get("to"))
    if None not in hours or kind is DayKind.EXTRA:
        check_hours(str(hours[0]), str(hours[1]))
    return Day(host.id, entry["day"], kind, *hours)


def _known(entry: Mapping[str, Any], names: set[str]) -> None:
    if unknown := sorted(entry.keys() - names):
        raise NotDone(f"nothing is called {', '.join(unknown)} here; there are {', '.join(sorted(names))}")
