"""Waits for sockets in any process: plain, gevent or eventlet, and with thousands of open files.

`select.select` refuses file numbers from 1,024 on, under gevent too: a gateway with that many open
sockets could never connect again. What `selectors` offers is patched by both libraries.
"""

import selectors
from collections.abc import Iterable
from typing import Any


def wait_readable(sources: Iterable[Any], seconds: float) -> list[Any]:
    """Those of `sources` (each has a fileno) that can be read, after `seconds` at most.

    Raises OSError or ValueError for a source that is closed.
    """
    with selectors.DefaultSelector() as selector:
        for source in sources:
            selector.register(source, selectors.EVENT_READ)
        return [key.fileobj for key, _ in selector.select(seconds)]
