"""Moments written as a clock shows them, for tests: at("2026-11-25 10:00", "Asia/Shanghai")."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def at(written: str, zone: str = "Asia/Shanghai") -> datetime:
    """Give the moment in UTC; 24:00 ends the day."""
    day, _, clock = written.partition(" ")
    local = datetime.fromisoformat(day)
    local = local + timedelta(days=1) if clock == "24:00" else datetime.fromisoformat(f"{day} {clock or '00:00'}")
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
