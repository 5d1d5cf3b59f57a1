"""How gunicorn runs the gateway: gevent workers, two listeners, an orderly end."""
# ruff: noqa: N999 - gunicorn's own name for it

import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

from services.gateway.settings import GatewaySettings
from shared.settings import load

settings = load(GatewaySettings, os.environ)

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
if METRICS_FOLDER not in os.environ:
    os.environ[METRICS_FOLDER] = tempfile.mkdtemp(prefix="care-gateway-metrics-")
    OWN_METRICS_FOLDER = os.environ[METRICS_FOLDER]
else:
    OWN_METRICS_FOLDER = ""

bind = [f"{settings.host}:{settings.port}", f"{settings.health_host}:{settings.health_port}"]
workers = settings.workers
worker_class = "services.gateway.gunicorn_worker.Worker"
# gunicorn counts sockets among the connections; its default of 1,000 would be the limit of sockets.
worker_connections = settings.worker_connections
backlog = 2048
timeout = 30
graceful_timeout = settings.stop_seconds
keepalive = 75
# The same path for every gunicorn of a user otherwise: two instances would fight for it.
control_socket_disable = True
preload_app = False
# Whom to believe about the client is said by TRUSTED_PROXIES alone; gunicorn would take paths from headers.
forwarded_allow_ips = ""
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 16_380
errorlog = "-"
accesslog = None
loglevel = "warning"
proc_name = "care-gateway"


def on_starting(server: Any) -> None:
    """A folder that the caller chose may hold files of an earlier life, whose process numbers come again."""
    if not OWN_METRICS_FOLDER and "GUNICORN_PID" not in os.environ:  # set: the old master still runs
        folder = Path(os.environ[METRICS_FOLDER])
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.db"):
            left.unlink()


def pre_fork(server: Any, worker: Any) -> None:
    """A signal to stop waits until the new worker has handlers of its own."""
    from services.gateway.gunicorn_worker import STOP_SIGNALS

    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)


def hear_signals_again() -> None:
    """In the parent, after each fork."""
    from services.gateway.gunicorn_worker import STOP_SIGNALS

    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


os.register_at_fork(after_in_parent=hear_signals_again)


def post_fork(server: Any, worker: Any) -> None:
    """psycopg2 waits in C: without this one query would stop all greenlets of the worker."""
    from gevent.socket import wait_read, wait_write

    from shared.database.wait import install_wait_callback

    install_wait_callback(wait_read, wait_write)


def post_worker_init(worker: Any) -> None:
    """Watch for the stop signal: let go of the listening sockets at once, of what is open and idle soon."""
    import gevent

    from services.gateway.process import resources_of
    from shared.garbage import keep_what_is_there

    def watch() -> None:
        worker.wait_for_stop()
        worker.stop_accepting()
        resources_of(worker.wsgi).begin_stop()
        worker.close_idle()

    gevent.spawn(watch)
    keep_what_is_there()


def worker_exit(server: Any, worker: Any) -> None:
    """After the last answer: give the relay's lease back, close connections, flush traces."""
    from opentelemetry import trace

    from services.gateway.process import resources_of

    if getattr(worker, "wsgi", None) is not None:
        resources_of(worker.wsgi).stop()
    provider = trace.get_tracer_provider()
    if hasattr(provider, "shutdown"):
        provider.shutdown()


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a process that ended."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    if OWN_METRICS_FOLDER:
        shutil.rmtree(OWN_METRICS_FOLDER, ignore_errors=True)
