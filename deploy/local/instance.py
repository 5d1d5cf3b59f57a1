"""An instance: one whole stack on this machine, with a folder of its own under .run/."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from deploy.local.failure import LaunchError

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("search", "booking", "payment", "notify", "gateway")
WORKERS = ("search", "booking", "payment", "notify")

_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


@dataclass(frozen=True)
class Instance:
    """Where everything of the instance `name` lies."""

    name: str
    root: Path = ROOT

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise LaunchError(
                f"an instance is named with lower-case letters, digits and hyphens, not {self.name!r}"
            )

    @property
    def folder(self) -> Path:
        return self.root / ".run" / self.name

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def data(self) -> Path:
        """Data of the servers: a folder, or a link to one that their accounts can reach (see accounts.py)."""
        return self.folder / "data"

    @property
    def code(self) -> str:
        """Eight hexadecimal digits that tell this instance from every other one of this machine."""
        return hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]

    @property
    def profile(self) -> str:
        """PROFILE of its processes: `test` unlocks the clock offset, so only instances for tests have it."""
        return "test" if self.name.startswith("test") else "local"

    def log(self, name: str) -> Path:
        """The log file of a process or of a step of the setup; its folder is made."""
        self.logs.mkdir(parents=True, exist_ok=True)
        return self.logs / f"{name}.log"

    def make_folder(self) -> None:
        """Make the folder so that others can pass through it (the servers' accounts) but not list it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)
