"""What the processes take when nobody asks anything: memory, processor time; and how soon they are ready."""

import os
import statistics
import time

from tests.bench.bench import Bench
from tests.bench.meter import PROC, TICK, family, spent
from tests.bench.rows import Row, value_below

IDLE_SECONDS = 10.0
SETTLED_SECONDS = 3.0
OURS = ("gateway", "search", "booking", "payment", "notify")
MEGABYTE = 1 << 20
MEMORY_MB, IDLE_PERCENT = 110, 4


def processes(bench: Bench) -> list[Row]:
    """A row for each process of ours, for the stack, and for the time until each process is ready."""
    return [*_memory(bench), *_idle(bench), *_starts(bench)]


def _memory(bench: Bench) -> list[Row]:
    """What is resident of each process, shared libraries included."""
    rows = []
    for name, pid in bench.stack.pids().items():
        if name not in OURS:
            continue
        members = family(pid)
        for place, member in enumerate(members[1:] if len(members) > 1 else members):
            title = name if len(members) == 1 else f"{name}, worker {place + 1}"
            row = Row(f"memory: {title}", value=_resident_mb(member), unit="MB")
            rows.append(row.with_target(value_below(MEMORY_MB, "MB")))
    return rows


def _idle(bench: Bench) -> list[Row]:
    """Of everything that the instance runs, servers and supervisor too, in percent of one core."""
    time.sleep(SETTLED_SECONDS)
    roots = {**bench.stack.server_pids(), **bench.stack.pids()}
    before = {pid: ticks for root in roots.values() for pid, ticks in spent(family(root)).items()}
    time.sleep(IDLE_SECONDS)
    shares = {
        name: sum(ticks - before.get(pid, 0) for pid, ticks in spent(family(root)).items())
        / TICK
        / IDLE_SECONDS
        * 100
        for name, root in roots.items()
    }
    unit = "% of one core"
    whole = Row("idle: the whole stack", value=sum(shares.values()), unit=unit)
    each = [Row(f"idle: {name}", value=share, unit=unit) for name, share in sorted(shares.items())]
    return [whole.with_target(value_below(IDLE_PERCENT, unit)), *each]


def _starts(bench: Bench) -> list[Row]:
    """From the order to start until it answers that it is ready."""
    rows = []
    for name in OURS:
        times = []
        for _ in range(min(3, bench.rounds)):
            bench.stack.stop_process(name)
            began = time.monotonic()
            bench.stack.start_process(name)
            times.append(time.monotonic() - began)
        rows.append(Row(f"start: {name}", value=statistics.median(times), unit="s"))
    return rows


def _resident_mb(pid: int) -> float:
    pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE
