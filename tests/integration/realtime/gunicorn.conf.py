"""gunicorn for the sockets' test: one gevent worker, stopped as the gateway's are."""

from typing import Any

worker_class = "gevent"
workers = 1
worker_connections = 2000
graceful_timeout = 20
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    import gevent

    from tests.integration.realtime.app import realtime

    def watch() -> None:
        while worker.alive:
            gevent.sleep(0.2)
        realtime.close_sockets()

    gevent.spawn(watch)
