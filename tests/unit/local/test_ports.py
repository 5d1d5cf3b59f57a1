"""Ports are chosen once, kept, and never two for one."""

from __future__ import annotations

import socket

from deploy.local.ports import complete_table, is_free, port_names


def test_every_name_gets_a_port_of_its_own() -> None:
    table = complete_table({}, {}, start=7, free=lambda _: True)
    assert set(table) == set(port_names())
    assert len(set(table.values())) == len(table)


def test_the_preferred_port_is_taken_when_it_is_free() -> None:
    assert complete_table({}, {"gateway": 3000}, start=7, free=lambda _: True)["gateway"] == 3000
    assert complete_table({}, {"gateway": 3000}, start=7, free=lambda port: port != 3000)["gateway"] != 3000


def test_kept_ports_stay_and_only_missing_ones_are_chosen() -> None:
    first = complete_table({}, {}, start=7, free=lambda _: True)
    kept = {name: port for name, port in first.items() if name != "redis"}
    second = complete_table(kept, {}, start=7, free=lambda port: port != first["redis"])
    assert {name: second[name] for name in kept} == kept
    assert second["redis"] not in first.values()


def test_ports_that_somebody_uses_are_passed_over() -> None:
    odd = complete_table({}, {}, start=0, free=lambda port: port % 2 == 1)
    assert all(port % 2 == 1 for port in odd.values())


def test_names_of_an_older_release_are_forgotten() -> None:
    assert "mongodb" not in complete_table({"mongodb": 20001}, {}, start=7, free=lambda _: True)


def test_a_port_with_a_listener_is_not_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)
