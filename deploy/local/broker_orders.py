"""Orders to the broker of an instance by its own command line tool, and questions to its node."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from deploy.local.failure import LaunchError
from deploy.local.servers.rabbitmq import USER, RabbitMQ
from deploy.local.servers.server import executable

_PARKED = "parked."

# Name and number of each queue; the names of ours have no spaces. What the broker tells of all its queues is
# up to five seconds old for quorum queues, so each of these is asked itself, for what is in work as well.
_MESSAGES = """
Told = [{Name, Messages} || [{name, {resource, _, queue, Name}}, {type, classic}, {messages, Messages}]
    <- rabbit_amqqueue:info_all(<<"/">>, [name, type, messages])],
Counted = [begin
        {resource, _, queue, Name} = amqqueue:get_name(Queue),
        Total = fun rabbit_fifo:query_messages_total/1,
        {ok, {_, Messages}, _} = ra:leader_query(amqqueue:get_pid(Queue), Total, 20000),
        {Name, Messages}
    end || Queue <- rabbit_amqqueue:list(<<"/">>), amqqueue:get_type(Queue) =:= rabbit_quorum_queue],
lists:flatten([io_lib:format("~s ~b ", [Name, Messages]) || {Name, Messages} <- Told ++ Counted]).
"""
_ANSWER = ("{ok, ", "}")
_ASK_SECONDS = 30  # a queue may take 20 of them to answer, on a machine that has much else to do


def undelivered_messages(broker: RabbitMQ) -> int:
    """Messages that wait in a queue or are in work; those that were put aside for an operator don't count."""
    return sum(number for name, number in messages_by_queue(broker).items() if not name.startswith(_PARKED))


def messages_by_queue(broker: RabbitMQ) -> dict[str, int]:
    """How many messages wait or are in work, by the queue's name."""
    words = _ask(broker, _MESSAGES).strip('[]"').split()
    return {name: int(messages) for name, messages in zip(words[::2], words[1::2], strict=True)}


def add_virtual_hosts(broker: RabbitMQ, names: Sequence[str]) -> None:
    """Make virtual hosts that our account may use in full."""
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    definitions = {
        "vhosts": [{"name": name} for name in names],
        "permissions": [{"user": USER, "vhost": name, **everything} for name in names],
    }
    _rabbitmqctl(broker, "import_definitions", text=json.dumps(definitions))


def add_accounts(broker: RabbitMQ, host: str, rights: Mapping[str, Mapping[str, str]]) -> None:
    """Make a virtual host and accounts in it: by name, which is the password too, each with its rights."""
    definitions = {
        "vhosts": [{"name": host}],
        "users": [{"name": name, "password": name, "tags": ""} for name in rights],
        "permissions": [{"user": name, "vhost": host, **patterns} for name, patterns in rights.items()],
    }
    _rabbitmqctl(broker, "import_definitions", text=json.dumps(definitions))


def _ask(broker: RabbitMQ, expression: str) -> str:
    """What the node says to an Erlang expression; its tool starts a virtual machine for each question."""
    ask = executable("/usr/bin/erl_call", "/usr/lib/erlang/bin/erl_call")
    result = _run(broker, [ask, "-timeout", str(_ASK_SECONDS), "-r", "-n", broker.node, "-e"], expression)
    before, after = _ANSWER
    if result.returncode != 0 or not result.stdout.startswith(before):
        raise LaunchError(f"the broker did not answer: {result.stderr.strip() or result.stdout.strip()}")
    return str(result.stdout.strip().removeprefix(before).removesuffix(after))


def _rabbitmqctl(broker: RabbitMQ, *arguments: str, text: str = "") -> None:
    result = _run(broker, [broker.script("rabbitmqctl"), "-q", "-n", broker.node, *arguments], text)
    if result.returncode != 0:
        raise LaunchError(
            f"rabbitmqctl {arguments[0]} failed: {result.stderr.strip() or result.stdout.strip()}"
        )


def _run(broker: RabbitMQ, command: Sequence[str], text: str) -> subprocess.CompletedProcess[str]:
    """Run as the broker's account, from whose folder the cookie of the node is read."""
    options: dict[str, Any] = broker.account.options() if broker.account else {}
    return subprocess.run(
        command,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **broker.environment()},
        cwd=broker.instance.data.resolve(),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
