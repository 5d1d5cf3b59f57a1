"""Erlang's port mapper of an instance: RabbitMQ would start one by itself and leave it behind."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from deploy.local.accounts import Account
from deploy.local.instance import Instance
from deploy.local.servers.server import Program, executable
from deploy.local.waiting import exchange

_NAMES_REQUEST = b"\x00\x01n"  # two bytes of length, then NAMES_REQ of the distribution protocol


@dataclass(frozen=True)
class Epmd:
    """The port mapper."""

    instance: Instance
    account: Account | None
    port: int
    name: str = "epmd"

    def prepare(self) -> None:
        """Nothing: it keeps no files."""

    def program(self) -> Program:
        """Without -daemon it stays in the foreground, so its process number is known."""
        path = executable(shutil.which("epmd") or "/usr/bin/epmd")
        return Program([path, "-address", "127.0.0.1", "-port", str(self.port)])

    def is_ready(self) -> bool:
        """True when it lists its nodes; the answer begins with its own port."""
        return exchange(self.port, _NAMES_REQUEST, 4) == self.port.to_bytes(4, "big")
