"""RabbitMQ of an instance: a node with its own name, ports, folders and port mapper, without plugins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deploy.local.accounts import Account, make_private_folder, write_private_file
from deploy.local.instance import Instance
from deploy.local.servers.server import Program, executable
from deploy.local.waiting import exchange

USER = "care"
_AMQP_HEADER = b"AMQP\x00\x00\x09\x01"
_METHOD_FRAME = b"\x01"

# The wrapper in the PATH changes to the package's account and folders; the script behind it does as told.
_SCRIPTS = (
    "/usr/lib/rabbitmq/bin/{}",
    "/usr/lib/rabbitmq/lib/rabbitmq_server/sbin/{}",
    "/opt/rabbitmq/sbin/{}",
)

# Loopback for the distribution too. Schedulers that spin while they wait take time from the services.
_ERLANG_OPTIONS = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"

# A delay queue that hands an event on while its target has no leader yet, as in the broker's start, looks
# after it again only when this time is over; the default is three minutes.
HANDING_ON = ("dead_letter_worker_publisher_confirm_timeout", 5_000)

# How often the node counts anew what it shows of each quorum queue. Of our 166 that took 1.3 % of a core by
# the default of five seconds; who waits for messages asks the queues themselves (`broker_orders`).
COUNTING = ("quorum_tick_interval", 30_000)


@dataclass(frozen=True)
class RabbitPorts:
    """Where the node listens, and its port mapper."""

    amqp: int
    distribution: int
    epmd: int


@dataclass(frozen=True)
class RabbitMQ:
    """The broker."""

    instance: Instance
    account: Account | None
    ports: RabbitPorts
    password: str
    name: str = "rabbitmq"

    @property
    def node(self) -> str:
        """Two nodes of one name collide, so the name carries the instance's code."""
        return f"care-{self.instance.code}@localhost"

    def prepare(self) -> None:
        """Write the configuration; the account and virtual host are made by the node at its first start."""
        make_private_folder(self._folder, self.account)
        lines = [
            f"listeners.tcp.1 = 127.0.0.1:{self.ports.amqp}",
            f"default_user = {USER}",
            f"default_pass = {self.password}",
            "default_vhost = /",
            "log.file = false",
            "log.console = true",
            "log.console.level = info",
        ]
        write_private_file(self._folder / "rabbitmq.conf", "\n".join(lines) + "\n", self.account)
        # Empty ones, so that those of the machine under /etc/rabbitmq are not read.
        write_private_file(self._folder / "rabbitmq-env.conf", "", self.account)
        write_private_file(self._folder / "advanced.config", "[].\n", self.account)
        write_private_file(self._folder / "enabled_plugins", "[].\n", self.account)

    def program(self) -> Program:
        """The server script in the foreground; at SIGTERM it stops the node and waits for it."""
        return Program([self.script("rabbitmq-server")], self.environment())

    def is_ready(self) -> bool:
        """True when the node greets: it opens its listener as the last step of its start."""
        return exchange(self.ports.amqp, _AMQP_HEADER, 1) == _METHOD_FRAME

    def environment(self) -> dict[str, str]:
        """What the node's scripts read, rabbitmqctl and rabbitmq-diagnostics too."""
        folder = self._folder.resolve()
        settings = " ".join(f"-rabbit {name} {value}" for name, value in (HANDING_ON, COUNTING))
        return {
            "HOME": str(folder),  # the cookie lies there
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
            "RABBITMQ_DIST_PORT": str(self.ports.distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{_ERLANG_OPTIONS} {settings}",
            "ERL_EPMD_PORT": str(self.ports.epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def script(self, name: str) -> str:
        """The path of one of RabbitMQ's own scripts."""
        return executable(*(pattern.format(name) for pattern in _SCRIPTS))

    @property
    def _folder(self) -> Path:
        return self.instance.data / "rabbitmq"
