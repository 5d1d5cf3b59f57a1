"""The launcher's own promises, on the running stack."""

import ipaddress
from pathlib import Path

import pytest
import requests

from deploy.local.credentials import credentials_of
from deploy.local.failure import LaunchError
from deploy.local.stack import Stack
from deploy.local.variables import STANDIN_KEY
from tests.fixtures.waiting import wait_until

LISTENING = "0A"


def test_a_killed_process_is_back(stack: Stack) -> None:
    before = stack.pids()["search"]
    stack.signal("search", "SIGKILL")
    wait_until(lambda: stack.pids().get("search") not in (None, before), "search to be started again")
    stack.wait_ready("search")


def test_who_does_not_become_ready_replaces_nobody(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """promise I3: the new process is taken away, the old one goes on."""

    def never(*_names: str, **_options: float) -> None:
        raise LaunchError("not ready")

    before = stack.pids()["notify"]
    monkeypatch.setattr(stack, "wait_ready", never)
    with pytest.raises(LaunchError, match="not ready"):
        stack.roll("notify")
    wait_until(lambda: not [name for name in stack.pids() if "." in name], "the new process to be gone")
    assert stack.pids()["notify"] == before


def test_only_services_and_the_gateway_are_replaced(stack: Stack) -> None:
    with pytest.raises(LaunchError, match="cannot be replaced"):
        stack.roll("standin")


def test_everything_listens_on_loopback_only(stack: Stack) -> None:
    ours = set(stack.ports.values())
    listeners = [*_listeners("/proc/net/tcp"), *_listeners("/proc/net/tcp6")]
    addresses = {address for address, port in listeners if port in ours}
    assert addresses
    assert all(address.is_loopback for address in addresses)


def test_secrets_stand_in_no_command_line(stack: Stack) -> None:
    secrets = [value.encode() for value in credentials_of(stack.instance).values()]
    for pid in [*stack.pids().values(), *stack.server_pids().values()]:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert not [secret for secret in secrets if secret in command]


def test_a_repeated_key_charges_once(stack: Stack) -> None:
    """What the stand-in itself does not do; the tests of payment rely on it."""
    url = f"{stack.standin_proxy_url}/v1/payment_intents"
    body = {"amount": 1000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true"}
    key = {"Idempotency-Key": "test_supervision"}
    first, second = (
        requests.post(url, data=body, headers=key, auth=(STANDIN_KEY, ""), timeout=10) for _ in range(2)
    )
    assert first.status_code == second.status_code == 200
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.json()["id"] == second.json()["id"]
    other = requests.post(url, data={**body, "amount": 1001}, headers=key, auth=(STANDIN_KEY, ""), timeout=10)
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")


def _listeners(table: str) -> list[tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]]:
    """Address and port of every listening socket; the kernel writes words of four bytes in its own order."""
    found = []
    for line in Path(table).read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == LISTENING:
            words, port = fields[1].split(":")
            raw = b"".join(bytes.fromhex(words[i : i + 8])[::-1] for i in range(0, len(words), 8))
            found.append((ipaddress.ip_address(raw), int(port, 16)))
    return found
