"""The picture of `laoxiang evaluate`: for each type of question how many answers had nothing wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.failures import Failure

RIGHT, WRONG = "#2f6f4f", "#d9d4c7"


def draw(by_type: Mapping[str, tuple[int, int]], path: Path) -> None:
    """Draw bars into an SVG or PNG file. Raises Failure without the extra or for another ending."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise Failure("pictures need an extra: pip install 'laoxiang[pictures]'") from error
    if path.suffix.lower() not in {".svg", ".png"}:
        raise Failure(f"{path.name}: a picture is an .svg or a .png file")
    # The fewest right at the top, where a reader looks first.
    rows = sorted(by_type.items(), key=lambda row: row[1][0] / row[1][1], reverse=True)
    names = [name for name, _ in rows]
    figure = Figure(figsize=(7, 0.34 * len(rows) + 1.1), layout="constrained")
    axes = figure.add_subplot()
    axes.barh(names, [of for _, (_, of) in rows], color=WRONG)
    axes.barh(names, [count for _, (count, _) in rows], color=RIGHT)
    for name, (count, of) in rows:
        axes.annotate(f" {count} / {of}", (of, name), va="center", fontsize=9)
    axes.set_xlabel("questions; dark: kind, clause and figures all right")
    axes.set_xlim(0, max((of for _, (_, of) in rows), default=1) * 1.15)
    axes.spines[["top", "right"]].set_visible(False)
    # Text as text: sharp at any size; a fixed salt keeps the file the same from run to run.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "laoxiang"}):
        figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)
