"""The same rows as a picture: how far each is of its floor, and how long answers take."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib

from tests.bench.rows import Row

matplotlib.use("Agg")

from matplotlib import pyplot

MET, MISSED, NEUTRAL = "#2a7d4f", "#b3402a", "#5b6b7a"


def plot(rows: Sequence[Row], path: Path, title: str) -> None:
    """Write it as PNG or SVG, by the name of the file."""
    compared = [row for row in rows if row.ratio is not None]
    timed = [row for row in rows if row.p99_ms]
    height = max(4.0, 0.28 * max(len(compared), len(timed)) + 1.5)
    figure, (ratios, times) = pyplot.subplots(1, 2, figsize=(16, height))
    _ratios(ratios, compared)
    _times(times, timed)
    figure.suptitle(title, fontsize=10)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _ratios(axes: pyplot.Axes, rows: Sequence[Row]) -> None:
    """A bar to the ratio of the rates, with the spread of the rounds."""
    values = [row.ratio or 0.0 for row in rows]
    spreads = [row.ratio_spread or (0.0, 0.0) for row in rows]
    errors = [
        [value - low for value, (low, _) in zip(values, spreads, strict=True)],
        [high - value for value, (_, high) in zip(values, spreads, strict=True)],
    ]
    names = [f"{row.name}  ({row.target})" if row.target else row.name for row in rows]
    axes.barh(names, values, xerr=errors, color=[_colour(row) for row in rows], height=0.6)
    axes.invert_yaxis()
    axes.set_xlabel("rate, as a share of the floor's in the same round")
    axes.tick_params(labelsize=8)


def _times(axes: pyplot.Axes, rows: Sequence[Row]) -> None:
    """A line from the median to the 99th percentile, the 95th marked on it."""
    for place, row in enumerate(rows):
        axes.plot([row.p50_ms, row.p99_ms], [place, place], color=_colour(row), linewidth=3)
        axes.plot([row.p95_ms], [place], "|", color="black", markersize=9)
    axes.set_yticks(range(len(rows)), [row.name for row in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds: p50 to p99, a mark at p95")
    axes.tick_params(labelsize=8)


def _colour(row: Row) -> str:
    if row.met is None:
        return NEUTRAL
    return MET if row.met else MISSED
