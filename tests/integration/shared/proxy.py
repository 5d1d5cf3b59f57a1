"""A TCP proxy in front of a server: a test cuts its connections, refuses new ones, or freezes them."""

import select
import socket
import threading
from contextlib import suppress


class Proxy:
    """Forwards bytes in one thread. `port` is where clients connect."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._frozen = False
        self._refusing = False
        self._stopping = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cut(self, *, refuse: bool = False) -> None:
        """End all connections; with `refuse`, new ones too until `heal`."""
        self._refusing = refuse
        for one in list(self._pairs):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """Keep the connections and forward nothing."""
        self._frozen = True

    def heal(self) -> None:
        self._frozen = False
        self._refusing = False

    @property
    def connections(self) -> int:
        return len(self._pairs) // 2

    def stop(self) -> None:
        self.heal()
        self._stopping = True
        self._thread.join(5)
        self.cut()
        for one in (self._listener, *self._pairs):
            one.close()

    def _run(self) -> None:
        while not self._stopping:
            sources = [self._listener] if self._frozen else [self._listener, *self._pairs]
            readable, _, _ = select.select(sources, [], [], 0.02)
            for one in readable:
                if one is self._listener:
                    self._accept()
                elif one in self._pairs and not self._frozen:
                    self._forward(one)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        if self._refusing:
            client.close()
            return
        server = socket.create_connection(self._target)
        self._pairs[client] = server
        self._pairs[server] = client

    def _forward(self, one: socket.socket) -> None:
        other = self._pairs[one]
        try:
            data = one.recv(65536)
            if data:
                other.sendall(data)
                return
        except OSError:
            pass
        for each in (one, other):
            self._pairs.pop(each, None)
            each.close()
