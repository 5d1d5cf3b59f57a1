"""Listening sockets that outlive the process behind them: while it is replaced, or dead, none is refused."""

from __future__ import annotations

import socket
from collections.abc import Iterable

_BACKLOG = 2048  # connections that wait while nobody accepts; as many as gunicorn asks for


class Listeners:
    """The sockets that the supervisor holds and hands down, by port, on loopback.

    A process gets them as open descriptors (as systemd's socket activation does it). What the kernel
    queued on them belongs to the socket, not to the process: the next one accepts it.
    """

    def __init__(self) -> None:
        self._sockets: dict[int, socket.socket] = {}

    def descriptors(self, ports: Iterable[int]) -> tuple[int, ...]:
        """A listening descriptor for each port, opened when there is none. Raises OSError: port taken."""
        return tuple(self._open(port).fileno() for port in ports)

    def close(self, ports: Iterable[int]) -> None:
        """Let go of these ports; who connects is refused as soon as the processes have let go, too."""
        for port in ports:
            listener = self._sockets.pop(port, None)
            if listener is not None:
                listener.close()

    def _open(self, port: int) -> socket.socket:
        if port not in self._sockets:
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("127.0.0.1", port))
                listener.listen(_BACKLOG)
            except OSError:
                listener.close()
                raise
            self._sockets[port] = listener
        return self._sockets[port]
