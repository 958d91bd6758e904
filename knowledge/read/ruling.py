"""The geometry of a scanned page: how far it is turned, and the cells of its ruled tables (OpenCV)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from knowledge.read.layout import Rows

Picture = Any
Words = Sequence[tuple[str, float, float, float, float]]  # text, left, top, right, bottom


def straightened(picture: Picture) -> Picture:
    """Turn a picture by the few degrees it lies askew on the glass."""
    angle = _skew(picture)
    if abs(angle) < 0.2:
        return picture
    tall, wide = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), angle, 1.0)
    return cv2.warpAffine(picture, turn, (wide, tall), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _skew(picture: Picture) -> float:
    """Find the turn after which ink and white alternate most sharply from line to line."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    scale = 700 / max(grey.shape)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    ink = _ink(small).astype(np.float32)
    tall, wide = ink.shape

    def sharpness(angle: float) -> float:
        turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), angle, 1.0)
        lines = cv2.warpAffine(ink, turn, (wide, tall)).sum(axis=1)
        return float(np.square(np.diff(lines)).sum())

    coarse = max(np.arange(-6.0, 6.1, 0.5), key=sharpness)
    return float(max(np.arange(coarse - 0.4, coarse + 0.41, 0.1), key=sharpness))


def _ink(grey: Picture) -> Picture:
    """Give what is darker than its surroundings, whatever the light."""
    return cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15)


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table: the places of its lines in pixels, and for every place in it the cell it belongs to."""

    xs: list[int]
    ys: list[int]
    cells: list[list[int]]

    @property
    def top(self) -> float:
        return float(self.ys[0])

    @property
    def bottom(self) -> float:
        return float(self.ys[-1])

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a point lies in the table."""
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def filled(self, words: Words, read: Callable[[Picture], str], picture: Picture) -> Rows:
        """Give the rows; words that run over a line are read again, cell by cell."""
        texts: dict[int, list[tuple[float, float, str]]] = {}
        again: set[int] = set()
        for text, left, top, right, bottom in words:
            row = self._at(self.ys, (top + bottom) / 2)
            crossed = {
                self.cells[row][column]
                for column in range(len(self.xs) - 1)
                if min(right, self.xs[column + 1]) - max(left, self.xs[column]) > 0.2 * (right - left)
            }
            if len(crossed) > 1:
                again |= crossed
            column = self._at(self.xs, (left + right) / 2)
            texts.setdefault(self.cells[row][column], []).append((top, left, text))
        said = {cell: "".join(text for _, _, text in sorted(found)) for cell, found in texts.items()}
        for cell in again:
            left, top, right, bottom = self._bounds(cell)
            said[cell] = read(np.ascontiguousarray(picture[top + 3 : bottom - 3, left + 3 : right - 3]))
        return tuple(tuple(said.get(cell, "") for cell in row) for row in self.cells)

    @staticmethod
    def _at(lines: Sequence[int], place: float) -> int:
        return min(max(sum(line <= place for line in lines) - 1, 0), len(lines) - 2)

    def _bounds(self, cell: int) -> tuple[int, int, int, int]:
        places = [(r, c) for r, row in enumerate(self.cells) for c, held in enumerate(row) if held == cell]
        rows, columns = [r for r, _ in places], [c for _, c in places]
        return self.xs[min(columns)], self.ys[min(rows)], self.xs[max(columns) + 1], self.ys[max(rows) + 1]


def cells_of(picture: Picture) -> Iterator[Grid]:
    """Find the ruled tables of a straightened page, from top to bottom."""
    ink = _ink(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    tall, wide = ink.shape
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, max(20, wide // 20)), np.uint8))
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((max(20, tall // 50), 1), np.uint8))
    # A line of ink is never quite whole.
    across, down = (cv2.dilate(lines, np.ones((3, 3), np.uint8)) for lines in (across, down))
    count, _, boxes, _ = cv2.connectedComponentsWithStats(cv2.bitwise_or(across, down))
    found = [boxes[i] for i in range(1, count) if boxes[i][2] > wide * 0.2 and boxes[i][3] > 30]
    for left, top, width, height, _ in sorted(found, key=lambda box: int(box[1])):
        area = (slice(top, top + height), slice(left, left + width))
        ys = _places(across[area].sum(axis=1) / 255, 0.25 * width)
        # A line between columns is as long as a row is high; the strokes of characters are shorter.
        lowest = min((below - above for above, below in pairwise(ys)), default=0)
        xs = _places(down[area].sum(axis=0) / 255, max(20.0, 0.9 * lowest))
        if len(xs) >= 3 and len(ys) >= 3:
            cells = _cells(across[area], down[area], xs, ys)
            yield Grid([int(left) + x for x in xs], [int(top) + y for y in ys], cells)


def _places(profile: Any, least: float) -> list[int]:
    """Give the middles of the stretches in which a profile is high."""
    found: list[list[int]] = []
    for place in np.flatnonzero(profile > least):
        if found and place - found[-1][-1] <= 6:
            found[-1].append(int(place))
        else:
            found.append([int(place)])
    return [sum(stretch) // len(stretch) for stretch in found]


def _cells(across: Picture, down: Picture, xs: list[int], ys: list[int]) -> list[list[int]]:
    """Number the cells of a grid; places with no line between them are one cell."""
    columns = len(xs) - 1
    cells = [[row * columns + column for column in range(columns)] for row in range(len(ys) - 1)]

    def unite(one: int, other: int) -> None:
        for row in cells:
            row[:] = [min(one, other) if cell in (one, other) else cell for cell in row]

    for row in range(len(ys) - 1):
        for column in range(columns):
            inner_y = slice(ys[row] + 4, max(ys[row + 1] - 3, ys[row] + 5))
            inner_x = slice(xs[column] + 4, max(xs[column + 1] - 3, xs[column] + 5))
            if column + 1 < columns:
                edge = down[inner_y, max(0, xs[column + 1] - 4) : xs[column + 1] + 5]
                if edge.max(axis=1).mean() < 0.5 * 255:
                    unite(cells[row][column], cells[row][column + 1])
            if row + 2 < len(ys):
                edge = across[max(0, ys[row + 1] - 4) : ys[row + 1] + 5, inner_x]
                if edge.max(axis=0).mean() < 0.5 * 255:
                    unite(cells[row][column], cells[row + 1][column])
    return cells
