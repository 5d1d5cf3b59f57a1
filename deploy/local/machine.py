"""The servers of an instance as objects, and whether one of its ports is held by ourselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.accounts import Account, server_account
from deploy.local.instance import Instance
from deploy.local.servers.epmd import Epmd
from deploy.local.servers.postgresql import PostgreSQL
from deploy.local.servers.rabbitmq import RabbitMQ, RabbitPorts
from deploy.local.servers.redis import Redis
from deploy.local.servers.server import Server

# The port names that each server listens on.
SERVER_PORTS = {
    "postgresql": ("postgresql",),
    "epmd": ("epmd",),
    "rabbitmq": ("rabbitmq", "rabbitmq-distribution"),
    "redis": ("redis",),
}


@dataclass(frozen=True)
class Servers:
    """The four servers; RabbitMQ needs its port mapper first."""

    postgresql: PostgreSQL
    epmd: Epmd
    rabbitmq: RabbitMQ
    redis: Redis

    def named(self, name: str) -> Server:
        """The server of that name. Raises KeyError."""
        return {server.name: server for server in self.all()}[name]

    def all(self) -> list[Server]:
        """In the order of starting."""
        return [self.postgresql, self.epmd, self.rabbitmq, self.redis]


def server_accounts() -> dict[str, Account | None]:
    """Whom each server runs as."""
    rabbitmq = server_account("rabbitmq")
    return {
        "postgresql": server_account("postgres"),
        "rabbitmq": rabbitmq,
        "epmd": rabbitmq,
        "redis": server_account("redis"),
    }


def servers_of(instance: Instance, ports: Mapping[str, int], secrets: Mapping[str, str]) -> Servers:
    """The servers of an instance whose ports are chosen."""
    accounts = server_accounts()
    rabbit_ports = RabbitPorts(ports["rabbitmq"], ports["rabbitmq-distribution"], ports["epmd"])
    return Servers(
        postgresql=PostgreSQL(
            instance, accounts["postgresql"], ports["postgresql"], secrets["postgres_password"]
        ),
        epmd=Epmd(instance, accounts["epmd"], ports["epmd"]),
        rabbitmq=RabbitMQ(instance, accounts["rabbitmq"], rabbit_ports, secrets["rabbitmq_password"]),
        redis=Redis(instance, accounts["redis"], ports["redis"], secrets["redis_password"]),
    )
