"""The folder by which a test says where a process shall die, and hears which one did and what was passed."""

from pathlib import Path

from shared.fault_points import ARMED, PASSED, STRUCK


class FaultPoints:
    """The services' FAULT_POINTS; `settings` are what they need to have it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.settings = {"FAULT_POINTS": str(folder)}
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.iterdir():
            left.unlink()

    def arm(self, line: str) -> None:
        """Let the next process that passes this point die there, once."""
        order = self._folder / f"{ARMED}.new"
        order.write_text(line, encoding="utf-8")
        # At once, whole or not at all: processes read it whenever they pass a point.
        order.rename(self._folder / ARMED)

    def disarm(self) -> None:
        """Take the order back; nothing when a process has followed it."""
        (self._folder / ARMED).unlink(missing_ok=True)

    def struck(self) -> int:
        """The number of the process that died since the last question; 0: none."""
        for mark in self._folder.glob(f"{STRUCK}.*"):
            pid = int(mark.suffix.removeprefix("."))
            if not _is_alive(pid):
                mark.unlink()
                return pid
        return 0

    def record(self) -> None:
        """From now on every point that is passed is written down."""
        (self._folder / PASSED).touch()

    def passed(self) -> set[str]:
        """What was passed since `record`."""
        return set((self._folder / PASSED).read_text(encoding="utf-8").splitlines())

    def end_record(self) -> None:
        (self._folder / PASSED).unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    """A process that nobody has waited for yet counts as dead: it has no connection any more."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        # The second: it was there to be opened, and is gone now.
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
