"""The figures of a run: a row per replaced process, what went wrong, as a table and as JSON."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HEAD = (
    f"{'replaced':9} {'took s':>6} {'requests':>8} {'failed':>6} {'retried':>7} {'p50 ms':>7} {'p99 ms':>7} "
    f"{'closed':>6} {'back':>5} {'resync':>6} {'events':>6} {'told p99':>8} {'handled':>9}"
)
MOST_SHOWN = 20


@dataclass
class Row:
    """What was seen from the beginning of one replacement to the beginning of the next."""

    process: str
    seconds: float
    requests: int
    failed: int
    retried: int
    p50_ms: float
    p99_ms: float
    sockets_closed: int
    sockets_back: int
    sockets_resynced: int
    events: int
    told_p99_ms: float
    handled: int
    to_handle: int

    def text(self) -> str:
        return (
            f"{self.process:9} {self.seconds:6.1f} {self.requests:8} {self.failed:6} {self.retried:7} "
            f"{self.p50_ms:7.0f} {self.p99_ms:7.0f} {self.sockets_closed:6} {self.sockets_back:5} "
            f"{self.sockets_resynced:6} {self.events:6} {self.told_p99_ms:8.0f} "
            f"{self.handled:4}/{self.to_handle:<4}"
        )


@dataclass
class Told:
    """The messages that were due to sockets; `read`: those whose socket was closed while they were on their
    way, and whose client read the state instead. Times from the writing of the event to the socket."""

    due: int
    read: int
    p50_ms: float
    p99_ms: float
    longest_ms: float

    def text(self) -> str:
        return (
            f"{self.due} messages were due to sockets, each looked for by its event's id: "
            f"p50 {self.p50_ms:.0f} ms, p99 {self.p99_ms:.0f} ms, longest {self.longest_ms:.0f} ms; "
            f"{self.read} read by clients whose socket was closed before"
        )


@dataclass
class Report:
    """All rows and everything that must not have happened; a run without faults has kept its promise."""

    rate: float
    sockets: int
    customers: int
    rows: list[Row]
    messages: Told
    faults: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        return asdict(self)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.document(), indent=2) + "\n", encoding="utf-8")

    def text(self) -> str:
        shown = [f"  {fault}" for fault in self.faults[:MOST_SHOWN]]
        if len(self.faults) > MOST_SHOWN:
            shown.append(f"  and {len(self.faults) - MOST_SHOWN} more")
        verdict = [f"{len(self.faults)} faults:", *shown] if self.faults else ["nothing failed, nothing lost"]
        lines = [
            f"{self.rate:.0f} requests/s of {self.customers} customers and strangers, {self.sockets} sockets",
            HEAD,
            *(row.text() for row in self.rows),
            self.messages.text(),
            *verdict,
        ]
        return "\n".join(lines)
