"""A process that relays an outbox, for tests that kill or freeze it. Arguments: URL AMQP EXCHANGE HOLDER."""

import os
import signal
import sys
import threading

from shared.messages.relay import Relay, RelayLimits


class DyingRelay(Relay):
    """Dies the hard way after the broker has confirmed and before the rows are deleted."""

    def _forget_sent(self, confirmed: set[str]) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, amqp_uri: str, exchange: str, holder: str) -> None:
    kind = DyingRelay if holder.startswith("dying") else Relay
    relay = kind(url, amqp_uri, exchange, holder, RelayLimits(look_seconds=0.05))
    relay.start()
    signal.signal(signal.SIGTERM, lambda *_: relay.stop() and sys.exit(0))
    while True:
        threading.Event().wait(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
