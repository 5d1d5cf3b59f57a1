"""The table as people read it, in a terminal and in a document."""

from collections.abc import Mapping, Sequence

from tests.bench.rows import Row

HEAD = ("what", "rate /s", "p50 ms", "p95 ms", "p99 ms", "CPU ms", "ratio", "spread", "target", "")
ABSENT = ""
LEAST_MS = 0.01


def table(rows: Sequence[Row]) -> str:
    """Columns side by side."""
    lines = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join(_aligned(line, widths) for line in lines)


def markdown(rows: Sequence[Row]) -> str:
    """The same for a document."""
    lines = [HEAD, ("---", *("---:" for _ in HEAD[1:8]), "---", "---"), *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def costs(rows: Sequence[Row]) -> list[str]:
    """Whose processor time an answer takes, the most expensive process first."""
    return [
        f"{row.name}: " + ", ".join(f"{name} {spent:.2f}" for name, spent in _ranked(row.cpu_ms))
        for row in rows
        if row.cpu_ms
    ]


def wrong_answers(rows: Sequence[Row]) -> list[str]:
    """What was answered wrongly, by row."""
    return [f"{row.name}: {dict(row.wrong)}" for row in rows if row.wrong]


def _ranked(cpu_ms: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(
        ((name, spent) for name, spent in cpu_ms.items() if spent >= LEAST_MS), key=lambda one: -one[1]
    )


def _cells(row: Row) -> tuple[str, ...]:
    rate = _number(row.rate) if row.value is None else f"{_number(row.value)} {row.unit}"
    times = (_number(each, 1) for each in (row.p50_ms, row.p95_ms, row.p99_ms))
    cpu = ABSENT if row.cpu_ms_of_all is None else f"{row.cpu_ms_of_all:.2f}"
    ratio = ABSENT if row.ratio is None else f"{row.ratio:.2f}"
    spread = ABSENT if row.ratio_spread is None else "{:.2f}-{:.2f}".format(*row.ratio_spread)
    met = ABSENT if row.met is None else "met" if row.met else "NOT MET"
    return (row.name, rate, *times, cpu, ratio, spread, row.target, met)


def _number(value: float | None, digits: int = 0) -> str:
    if value is None:
        return ABSENT
    return f"{value:.{digits}f}" if digits or abs(value) >= 20 else f"{value:.1f}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.ljust(width) if column in (0, 8, 9) else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
