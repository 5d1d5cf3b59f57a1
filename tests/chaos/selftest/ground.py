"""The ground of the trials: a stack that runs a copy of our code, and what it held before the first one."""

from pathlib import Path
from typing import Any

import redis
from kombu.connection import Connection as BrokerConnection

from deploy.local.credentials import credentials_of
from deploy.local.databases import make_databases
from deploy.local.failure import LaunchError
from deploy.local.instance import SERVICES
from deploy.local.machine import servers_of
from deploy.local.parallel import together
from deploy.local.servers.postgresql import PostgreSQL
from deploy.local.waiting import wait_until
from tests.chaos.instance import ChaosStack, execute, keep_commits
from tests.chaos.selftest.edits import plant, weed
from tests.chaos.selftest.plant import Plant
from tests.chaos.settle import unrest

DATABASES = tuple(f"care_{service}" for service in SERVICES)
STANDIN = "standin"
"""Keeps Stripe's side of all payments in its memory."""
REST_SECONDS = 60.0


class Ground:
    """Plants faults into a running stack, and gives every trial the same data to begin with."""

    def __init__(self, chaos: ChaosStack, code: Path) -> None:
        self._chaos = chaos
        self._code = code
        self._planted: Plant | None = None
        for database in DATABASES:
            self._postgresql.run_script("postgres", _keep(database))

    def change(self, wanted: Plant | None) -> None:
        """Take the last plant out of the code and put this one in; None: the code as it is."""
        changed: set[str] = set()
        if self._planted:
            weed(self._code, self._planted.edits)
            changed |= set(self._planted.services)
        if wanted:
            plant(self._code, wanted.edits)
            changed |= set(wanted.services)
        self._planted = wanted
        if changed:
            # Payment asks for undelivered events when it starts: of the last trial there must be none.
            self._chaos.stack.restart(STANDIN)
        self._start_anew(changed)

    def prepare(self) -> None:
        """Data as before the first trial, and what the plant does to them."""
        stack = self._chaos.stack
        together(self._restore, lambda: stack.restart(STANDIN))
        _empty_queues(self._chaos)
        redis.Redis.from_url(stack.redis_url).flushall()
        stack.wait_ready()
        if not wait_until(lambda: not unrest(self._chaos), REST_SECONDS):
            raise LaunchError(f"a trial cannot begin: {unrest(self._chaos)}")
        for statement in self._planted.statements if self._planted else ():
            execute(stack, statement.service, statement.sql)

    def _restore(self) -> None:
        stack = self._chaos.stack
        together(
            *(
                lambda database=database: self._postgresql.run_script("postgres", _restored(database))
                for database in DATABASES
            )
        )
        make_databases(self._postgresql, SERVICES, credentials_of(stack.instance))
        keep_commits(stack)

    def _start_anew(self, services: set[str]) -> None:
        workers = self._chaos.workers
        names = [name for service in services for name in workers.get(service, (service,))]
        if names:
            together(*(lambda name=name: self._chaos.stack.restart(name) for name in names))

    @property
    def _postgresql(self) -> PostgreSQL:
        stack = self._chaos.stack
        return servers_of(stack.instance, stack.ports, credentials_of(stack.instance)).postgresql


def _keep(database: str) -> str:
    """A database is copied only while nobody is connected to it."""
    return f"""
    ALTER DATABASE {database} ALLOW_CONNECTIONS false;
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}';
    CREATE DATABASE {database}_kept TEMPLATE {database};
    ALTER DATABASE {database} ALLOW_CONNECTIONS true;
    """


def _restored(database: str) -> str:
    return f"""
    DROP DATABASE {database} WITH (FORCE);
    CREATE DATABASE {database} TEMPLATE {database}_kept OWNER {database}_owner;
    """


def _empty_queues(chaos: ChaosStack) -> None:
    filled = [name for name, messages in chaos.stack.messages_by_queue().items() if messages]
    with BrokerConnection(chaos.stack.amqp_uri) as connection:
        channel: Any = connection.channel()
        for name in filled:
            channel.queue_purge(name)
