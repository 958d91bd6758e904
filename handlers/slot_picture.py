"""A day or a week of booked, requested and free times as a picture, for staff.

Nobody's name is in it: it is made to be sent on. A booking shows its number and topic.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from handlers import booking_words
from handlers.registry_desk import NotDone
from handlers.voice import Voice
from storage.bookings import Booking, State

if TYPE_CHECKING:
    from handlers.booking_desk import Agenda
    from handlers.offering import Look
    from storage.slots import Host

BOOKED, ASKED, HELD, FREE, OVER, LINE = "#2f6f4f", "#d9902f", "#f0d9a8", "#e4efe8", "#8f8a7c", "#d9d4c7"
COLOURS = {State.CONFIRMED: BOOKED, State.PENDING: ASKED, State.HELD: HELD, State.DONE: OVER, State.NO_SHOW: OVER}
DARK = frozenset({BOOKED, OVER})
FONTS = ["Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "DejaVu Sans"]
FIRST_HOUR, LAST_HOUR = 9, 17  # shown even if nothing is on then


def draw(voice: Voice, seen: Agenda, open_times: Look, kind: str = "png") -> bytes:
    """Draw a PNG or SVG image. Raises NotDone without the extra or a font."""
    try:
        from matplotlib import font_manager, rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise NotDone("pictures need an extra: pip install 'laoxiang[pictures]'") from error
    installed = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [name for name in FONTS if name in installed]
    if voice.language != "en" and fonts[:1] == ["DejaVu Sans"]:
        raise NotDone("no font with Chinese characters is installed; on Debian: apt install fonts-noto-cjk")
    busy = {one.host_id for one in seen.bookings}
    busy |= {choice.host_id for time in open_times.times for choice in time.choices}
    hosts = [one for one in seen.hosts if one.id in busy] or list(seen.hosts)
    days = [seen.first + timedelta(days=number) for number in range((seen.last - seen.first).days + 1)]
    with rc_context({"font.family": fonts, "svg.hashsalt": "laoxiang"}):
        columns = len(days) * max(1, len(hosts))
        figure = Figure(
            figsize=(max(6.0, 1.2 + columns * (1.5 if len(days) == 1 else 0.62)), 7.5), layout="constrained"
        )
        axes = figure.add_subplot()
        _Sheet(voice, axes, hosts, days, is_week=len(days) > 1).fill(seen, open_times)
        drawn = BytesIO()
        figure.savefig(drawn, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
    return drawn.getvalue()


class _Sheet:
    """One picture: a column for each day and host, the hours of the day downwards."""

    def __init__(self, voice: Voice, axes: Any, hosts: list[Host], days: list[date], *, is_week: bool) -> None:
        self.voice, self.axes, self.hosts, self.days, self.is_week = voice, axes, hosts, days, is_week
        self.zone = voice.office.county.zone
        self.columns = {
            (day, host.id): place for place, (day, host) in enumerate((day, host) for day in days for host in hosts)
        }

    def fill(self, seen: Agenda, open_times: Look) -> None:
        hours: list[float] = [FIRST_HOUR, LAST_HOUR]
        for time in open_times.times:
            for choice in time.choices:
                hours += self._block(choice.host_id, choice.starts_at, choice.ends_at, FREE)
        for together in self._by_start(seen.bookings):
            for place, one in enumerate(together):
                topic = booking_words.topic_name(self.voice, one.topic)
                label = one.number if self.is_week or len(together) > 1 else f"{one.number} {topic}"
                share = (place, len(together))
                hours += self._block(one.host_id, one.starts_at, one.ends_at, COLOURS[one.state], label, share)
        first, last = int(min(hours)), int(-(-max(hours) // 1))
        self.axes.set_ylim(last, first)
        self.axes.set_yticks(range(first, last + 1), [f"{hour}:00" for hour in range(first, last + 1)])
        self.axes.set_xlim(0, max(1, len(self.columns)))
        self.axes.grid(axis="y", color=LINE, linewidth=0.6)
        self.axes.set_axisbelow(True)
        self._head(seen)
        self._legend()
        self.axes.tick_params(length=0)
        self.axes.spines[["top", "right", "bottom"]].set_visible(False)

    def _by_start(self, bookings: Iterable[Booking]) -> list[list[Booking]]:
        """Give the bookings, those of one host that begin together side by side."""
        together: dict[tuple[str, datetime], list[Booking]] = {}
        for one in bookings:
            together.setdefault((one.host_id, one.starts_at), []).append(one)
        return list(together.values())

    def _block(
        self,
        host: str,
        starts_at: datetime,
        ends_at: datetime,
        colour: str,
        label: str = "",
        share: tuple[int, int] = (0, 1),
    ) -> list[float]:
        """Draw a time, on its share of the column (which of how many); give the hours it reaches over."""
        starts, ends = starts_at.astimezone(self.zone), ends_at.astimezone(self.zone)
        column = self.columns.get((starts.date(), host))
        if column is None:
            return []
        top, height = starts.hour + starts.minute / 60, (ends - starts).total_seconds() / 3600
        width = 0.92 / share[1]
        middle = column + 0.04 + width * (share[0] + 0.5)
        self.axes.bar(middle, height, width=width, bottom=top, color=colour, edgecolor="white", linewidth=1.2, zorder=2)
        if label:
            self.axes.text(
                middle, top + height / 2, label, ha="center", va="center", zorder=3, clip_on=True,
                fontsize=(6.5 if self.is_week else 9) / share[1] ** 0.5, color="white" if colour in DARK else "black",
            )  # fmt: skip
        return [top, top + height]

    def _head(self, seen: Agenda) -> None:
        """Write the days above, with how many wait, and the hosts below."""
        width = max(1, len(self.hosts))
        for place, day in enumerate(self.days):
            weekday = self.voice.text(f"slots.weekday.{day.isoweekday()}")
            waiting = seen.waiting.get(day, 0)
            told = f"{day.month}-{day.day:02} {weekday}"
            if waiting:
                told += "\n" + self.voice.text("slots.picture.waiting", count=waiting)
            self.axes.text(
                place * width + width / 2, 1.01, told, transform=self.axes.get_xaxis_transform(), ha="center",
                va="bottom", fontsize=10,
            )  # fmt: skip
            if place:
                self.axes.axvline(place * width, color=OVER, linewidth=0.8)
        names = [booking_words.host_name(self.voice, host) for host in self.hosts]
        labels = [name if len(name) <= 8 else f"{name[:7]}…" for name in names] if self.is_week else names
        rotation = 90 if self.is_week and width > 1 else 0
        self.axes.set_xticks(
            [place + 0.5 for place in range(len(self.columns))],
            labels * len(self.days) if labels else [],
            rotation=rotation,
            fontsize=7 if self.is_week else 9,
        )

    def _legend(self) -> None:
        from matplotlib.patches import Patch

        kinds = (("booked", BOOKED), ("asked", ASKED), ("held", HELD), ("free", FREE), ("over", OVER))
        handles = [Patch(color=colour, label=self.voice.text(f"slots.picture.{name}")) for name, colour in kinds]
        self.axes.figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)
