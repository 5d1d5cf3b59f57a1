"""What the launcher raises when it cannot go on: a message for the person at the keyboard."""

from __future__ import annotations

from pathlib import Path

_TAIL_LINES = 40


class LaunchError(Exception):
    """The stack cannot be brought to where it was asked to be; the text says what to do."""


def with_log(message: str, log: Path) -> LaunchError:
    """The error with the last lines of the log that explains it."""
    return LaunchError(f"{message}\n{tail(log)}\n(whole log: {log})")


def tail(log: Path, lines: int = _TAIL_LINES) -> str:
    """The last lines of a log, indented; empty when there is none."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
