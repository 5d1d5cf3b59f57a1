"""Runs one service as a process: settings, waiting for its servers, work, a graceful end."""

import functools
import importlib
import logging
import os
import signal
import sys
import zoneinfo
from collections.abc import Callable
from typing import Any

import eventlet
import nameko
from eventlet.hubs import trampoline
from nameko.runners import ServiceRunner

from shared import logs
from shared.database.transaction import PROBES, Database
from shared.database.wait import install_wait_callback
from shared.fault_points import switch_on
from shared.garbage import keep_what_is_there
from shared.messages import broker as messages_broker
from shared.messages.topology import TopologyError
from shared.settings import SettingsError, WorkerSettings, load
from shared.telemetry import metrics, tracing
from shared.worker import broker, container, health
from shared.worker.events import EventConsumer
from shared.worker.resources import Resources
from shared.worker.rpc import RpcConsumer

log = logging.getLogger(__name__)

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_SETTINGS = 2

WAIT_FIRST_SECONDS = 0.5
WAIT_LONGEST_SECONDS = 5.0
LOG_EVERY_ATTEMPTS = 12
"""About one line a minute while a server is away."""
KILL_SECONDS = 5.0
"""What ending by force may take; then the process ends as it is."""


def run(module_name: str) -> int:
    """Run the `SERVICE` of a module until SIGTERM or SIGINT; returns the exit code.

    0: stopped, all work in hand done. 1: failed, or ended by force after STOP_SECONDS.
    2: the settings are not valid; one line on standard error says which.
    """
    try:
        base = load(WorkerSettings, os.environ)
        _configure_nameko(base)
        service = importlib.import_module(module_name).SERVICE
        settings = load(_resources(service).settings_type, os.environ)
        switch_on(settings.fault_points, settings.profile)
        logs.configure(service.name, settings.log_level, tracing.current_trace_id)
    except SettingsError as error:
        return _refuse(error)
    except ValueError:
        return _refuse("LOG_LEVEL is not valid")
    return Process(service, settings).run()


def _refuse(problem: object) -> int:
    sys.stderr.write(f"settings: {problem}\n")
    return EXIT_SETTINGS


def _configure_nameko(settings: WorkerSettings) -> None:
    """Before the service is imported: nameko reads some of it when classes are made."""
    nameko.config.setup(
        {
            "AMQP_URI": settings.amqp_uri,
            "max_workers": settings.max_workers,
            "PREFETCH_COUNT": settings.max_workers,
            "HEARTBEAT": broker.HEARTBEAT_SECONDS,
            broker.STOP_SECONDS_KEY: settings.stop_seconds,
            broker.RETRY_SECONDS_KEY: settings.event_retry_seconds,
            "SERVICE_CONTAINER_CLS": container.PATH,
        }
    )


def _resources(service: type) -> type[Resources]:
    found = [value for value in vars(service).values() if isinstance(value, Resources)]
    return type(found[0]) if found else Resources


class Process:
    """One worker process from its start to its end."""

    def __init__(self, service: Any, settings: WorkerSettings) -> None:
        self._service = service
        self._settings = settings
        self._health = health.Health(service.name)
        self._runner: Any = None
        self._stopping = eventlet.Event()
        self._forced = False

    def run(self) -> int:
        """Returns the exit code."""
        for noisy in ("nameko", "kombu", "amqp"):
            logging.getLogger(noisy).setLevel(logging.ERROR)
        _make_psycopg2_green()
        # Zone data comes from the pinned package tzdata, never from what the system happens to have.
        zoneinfo.reset_tzpath(to=())
        provider = tracing.configure_tracing(self._service.name, self._settings)
        eventlet.spawn(self._listen_for_signals)
        try:
            health.listen(self._health, self._settings.health_host, self._settings.health_port)
            code = self._serve()
        except SettingsError as error:
            code = _refuse(error)
        except TopologyError as error:
            logs.event(log, logging.ERROR, "start_refused", problem=str(error))
            code = EXIT_FAILED
        except Exception as error:
            log.error("process_failed", exc_info=error)
            code = EXIT_FAILED
        logs.event(log, logging.INFO, "process_ended", code=code)
        provider.shutdown()
        return code

    def _serve(self) -> int:
        if not self._wait_for("broker", self._broker_answers):
            return EXIT_OK
        if not self._wait_for("database", self._database_answers):
            return EXIT_OK
        self._runner = ServiceRunner()
        self._runner.add_service(self._service)
        container = next(iter(self._runner.containers))
        starting = eventlet.spawn(self._runner.start)
        # A stop while starting ends the process: nothing that it took has been acknowledged.
        while not starting.dead:
            if self._stopping.ready():
                return EXIT_OK
            eventlet.sleep(0.05)
        starting.wait()
        self._health.checks |= _container_checks(container)
        _measure_workers(container)
        kept = keep_what_is_there()
        self._health.phase = "running"
        logs.event(log, logging.INFO, "process_ready", pid=os.getpid(), objects_kept=kept)
        self._runner.wait()
        return EXIT_FAILED if self._forced else EXIT_OK

    def _wait_for(self, what: str, answers: Callable[[], bool]) -> bool:
        """Wait until a server is there; False when the process is stopped meanwhile."""
        attempts, pause = 0, WAIT_FIRST_SECONDS
        while not answers():
            self._health.phase = f"waiting_for_{what}"
            if attempts % LOG_EVERY_ATTEMPTS == 0:
                logs.event(log, logging.WARNING, self._health.phase)
            attempts += 1
            with eventlet.Timeout(pause, exception=False):
                self._stopping.wait()
            if self._stopping.ready():
                return False
            pause = min(pause * 2, WAIT_LONGEST_SECONDS)
        self._health.phase = "starting"
        return not self._stopping.ready()

    def _broker_answers(self) -> bool:
        try:
            messages_broker.close(messages_broker.connect(self._settings.amqp_uri, self._service.name))
        except messages_broker.BrokerUnavailableError:
            return False
        return True

    def _database_answers(self) -> bool:
        database = Database(
            self._settings.database_url,
            pool_size=1,
            application_name=self._service.name,
            pool=PROBES,
        )
        try:
            return database.ping()
        finally:
            database.dispose()

    def _listen_for_signals(self) -> None:
        """Signals arrive as bytes in a pipe that the hub watches, so that no handler runs code of ours."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        os.set_blocking(reader, False)
        signal.set_wakeup_fd(writer)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: None)
        while True:
            trampoline(reader, read=True)
            for number in os.read(reader, 16):
                if number in (signal.SIGTERM, signal.SIGINT):
                    self._on_stop_signal()

    def _on_stop_signal(self) -> None:
        if not self._stopping.ready():
            self._stopping.send(True)
            self._health.phase = "draining"
            logs.event(log, logging.INFO, "process_stopping")
            if self._runner is not None:
                eventlet.spawn(self._stop)

    def _stop(self) -> None:
        """Let work in hand end within STOP_SECONDS; then end by force: its messages stay in the queues."""
        try:
            with eventlet.Timeout(self._settings.stop_seconds):
                self._runner.stop()
        except eventlet.Timeout:
            logs.event(log, logging.ERROR, "stop_forced", seconds=self._settings.stop_seconds)
            self._forced = True
            with eventlet.Timeout(KILL_SECONDS, exception=False):
                self._runner.kill()
                return
            os._exit(EXIT_FAILED)


def _container_checks(container: Any) -> dict[str, health.Check]:
    checks: dict[str, health.Check] = {}
    for extension in container.extensions:
        if isinstance(extension, Resources):
            checks["database"] = extension.database_answers
        if isinstance(extension, RpcConsumer | EventConsumer):
            checks[extension.check_name] = functools.partial(getattr, extension.consumer, "connected")
    return checks


def _measure_workers(container: Any) -> None:
    """nameko tells nowhere else how full its one pool for requests, events and timers is."""
    metrics.workers_busy.set_function(container._worker_pool.running)
    metrics.workers_limit.set(container.max_workers)


def _make_psycopg2_green() -> None:
    """eventlet's own patch waits for ever; ours gives up on a database that does not answer."""

    def wait_read(fileno: int, *, timeout: float) -> None:
        trampoline(fileno, read=True, timeout=timeout, timeout_exc=TimeoutError)

    def wait_write(fileno: int, *, timeout: float) -> None:
        trampoline(fileno, write=True, timeout=timeout, timeout_exc=TimeoutError)

    install_wait_callback(wait_read, wait_write)
