"""The question when something shall go out: at once, or at a time by the county's clock, up to a year ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from handlers import zones
from handlers.questions import Problem, Question, bare, tidy, word_set
from handlers.spoken_times import Exact, Unclear, read_time

NOW = "now"
AT_ONCE = word_set("now 现在 马上 立即 立刻 审批后 批准后 at_once immediately")
FARTHEST = timedelta(days=366)


@dataclass(frozen=True)
class SendTime(Question[str]):
    """When to send: "now", or a moment as ISO 8601 in UTC."""

    now: datetime
    zone: str
    language: str
    free_text: ClassVar[bool] = True

    @property
    def choices(self) -> tuple[str, ...]:
        return (NOW,)

    def read(self, text: str) -> str | Problem:
        if bare(text) in AT_ONCE:
            return NOW
        moment = self._moment(tidy(text))
        if moment is None:
            return Problem("announce.cannot.time")
        if moment <= self.now:
            return Problem("announce.cannot.past")
        if moment > self.now + FARTHEST:
            return Problem("announce.cannot.far")
        return moment.isoformat()

    def show(self, value: str) -> str:
        return (
            value
            if value == NOW
            else zones.shown(datetime.fromisoformat(value), self.zone, self.language, now=self.now)
        )

    def _moment(self, words: str) -> datetime | None:
        try:
            local = datetime.fromisoformat(words)
        except ValueError:
            spoken = read_time(words, asked_at=self.now, zone=self.zone, home=self.zone)
            if isinstance(spoken, Unclear) or spoken.exact is not Exact.MINUTE:
                return None
            return spoken.starts.astimezone(UTC)
        if local.tzinfo is not None:
            return local.astimezone(UTC)
        moments = zones.moments_at(local, self.zone)
        return moments[0] if len(moments) == 1 else None
