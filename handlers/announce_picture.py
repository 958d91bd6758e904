"""The picture of an announcement: what became of its recipients, and how many went out minute by minute."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from handlers.voice import Voice
from storage.announcement_tables import RecipientState
from storage.announcements import Announcement
from storage.recipients import Minute, Progress

COLOURS: Mapping[str, str] = {
    RecipientState.SENT: "#2f6f4f",
    RecipientState.FAILED: "#b5482a",
    RecipientState.BLOCKED: "#8f8a7c",
    RecipientState.UNKNOWN: "#d9902f",
    RecipientState.SKIPPED: "#d9d4c7",
    RecipientState.PENDING: "#e4efe8",
    RecipientState.SENDING: "#a9cdb9",
}
LINES = (RecipientState.SENT, RecipientState.FAILED, RecipientState.BLOCKED, RecipientState.UNKNOWN)
FONTS = ["Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "DejaVu Sans"]


def draw(
    voice: Voice, one: Announcement, so_far: Progress, minutes: Sequence[Minute], kind: str = "png"
) -> bytes | None:
    """Give the picture as PNG or SVG; None where the extra `pictures`, or a font for the language, is not installed."""
    try:
        from matplotlib import font_manager, rc_context
        from matplotlib.figure import Figure
    except ImportError:
        return None
    installed = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [name for name in FONTS if name in installed]
    if voice.language != "en" and fonts[:1] == ["DejaVu Sans"]:
        return None
    with rc_context({"font.family": fonts, "svg.hashsalt": "laoxiang"}):
        figure = Figure(figsize=(8, 5), layout="constrained")
        top, bottom = figure.subplots(2, 1, height_ratios=(1, 2))
        _states(voice, top, so_far)
        _pace(voice, bottom, minutes)
        figure.suptitle(f"{one.number}  {one.title}", fontsize=12)
        drawn = io.BytesIO()
        figure.savefig(drawn, format=kind, dpi=130, metadata={"Date": None} if kind == "svg" else None)
    return drawn.getvalue()


def _states(voice: Voice, axes: Any, so_far: Progress) -> None:
    """One bar of all recipients, by what became of them."""
    left = 0
    for state in RecipientState:
        count = so_far.counts.get(state, 0)
        if not count:
            continue
        label = voice.text(f"announce.tally.{state.value}", count=f"{count:,}")
        axes.barh(0, count, left=left, color=COLOURS[state], edgecolor="white", label=label)
        left += count
    axes.set_xlim(0, max(1, left))
    axes.set_yticks([])
    axes.spines[["top", "right", "left"]].set_visible(False)
    if left:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.25), ncols=4, frameon=False, fontsize=9)


def _pace(voice: Voice, axes: Any, minutes: Sequence[Minute]) -> None:
    """How many went out minute by minute, by what came of them."""
    zone = voice.office.county.zone
    if minutes:
        first = minutes[0].at
        at = [(one.at - first).total_seconds() / 60 for one in minutes]
        below = [0.0] * len(minutes)
        for state in LINES:
            counts = [float(getattr(one, state.value)) for one in minutes]
            if any(counts):
                axes.bar(at, counts, bottom=below, width=0.9, color=COLOURS[state])
                below = [low + count for low, count in zip(below, counts, strict=True)]
        started = f"{first.astimezone(zone):%Y-%m-%d %H:%M}"
        axes.set_xlabel(voice.text("announce.drawn.minutes", started=started))
    axes.set_ylabel(voice.text("announce.drawn.per_minute"))
    axes.spines[["top", "right"]].set_visible(False)
