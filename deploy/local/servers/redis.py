"""Redis of an instance: cache and limits of the gateway, in memory only."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.local.accounts import Account, make_private_folder, write_private_file
from deploy.local.instance import Instance
from deploy.local.servers.server import Program, executable
from deploy.local.waiting import exchange

# How it is set up wherever it runs: in memory only, and never full of what nobody asks for any more.
SETTINGS = {
    "save": '""',  # what is lost costs time, never correctness
    "appendonly": "no",
    "maxmemory": "256mb",
    "maxmemory-policy": "volatile-lru",  # searches are stored under as many keys as clients invent
}


@dataclass(frozen=True)
class Redis:
    """The cache server."""

    instance: Instance
    account: Account | None
    port: int
    password: str
    name: str = "redis"

    def prepare(self) -> None:
        """Write the configuration."""
        make_private_folder(self._folder, self.account)
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            "daemonize no",
            *(f"{name} {value}" for name, value in SETTINGS.items()),
            "set-proc-title no",  # it would overwrite the marks by which the process is found again
            f"dir {self._folder.resolve()}",
        ]
        write_private_file(self._folder / "redis.conf", "\n".join(lines) + "\n", self.account)

    def program(self) -> Program:
        """The server in the foreground."""
        path = executable(shutil.which("redis-server") or "/usr/bin/redis-server")
        return Program([path, str(self._folder.resolve() / "redis.conf")])

    def is_ready(self) -> bool:
        """True when it takes the password."""
        return exchange(self.port, f"AUTH {self.password}\r\n".encode(), 3) == b"+OK"

    @property
    def _folder(self) -> Path:
        return self.instance.data / "redis"
