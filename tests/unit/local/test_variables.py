"""Each process gets its own variables and no other's."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.local.instance import SERVICES, Instance
from deploy.local.ports import complete_table
from deploy.local.processes import specifications
from deploy.local.setup.example_environment import settings_of
from deploy.local.variables import STANDIN_KEY, Wiring, migration_environment, service_environment

PORTS = complete_table({}, {}, start=7, free=lambda _: True)


class NamedSecrets(dict[str, str]):
    """Each secret is its own name, so that a test sees where it went."""

    def __missing__(self, name: str) -> str:
        return f"secret-{name}"


def wiring(caller: Mapping[str, str] | None = None, name: str = "demo") -> Wiring:
    return Wiring(
        Instance(name, Path("/clone")), PORTS, NamedSecrets(), {"PATH": "/usr/bin", **(caller or {})}
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_knows_only_the_password_of_its_own_database(service: str) -> None:
    environment = service_environment(wiring(), service, health_port=1)
    secrets = " ".join(environment.values())
    assert f"secret-care_{service}_app_password" in environment["DATABASE_URL"]
    assert f"secret-care_{service}_owner_password" not in secrets
    assert "secret-postgres_password" not in secrets
    for other in set(SERVICES) - {service}:
        assert f"care_{other}" not in secrets


def test_secrets_of_payment_and_gateway_stay_there() -> None:
    for service in SERVICES:
        values = " ".join(service_environment(wiring(), service, 1).values())
        assert ("secret-stripe_webhook_secret" in values) == (service == "payment")
        assert ("secret-stripe_connect_webhook_secret" in values) == (service == "payment")
        assert ("secret-jwt_private_key" in values) == (service == "gateway")
        assert ("secret-redis_password" in values) == (service == "gateway")


def test_a_database_of_the_callers_own_is_used() -> None:
    own = {"BOOKING_DATABASE_URL": "postgresql+psycopg2://elsewhere/booking"}
    assert service_environment(wiring(own), "booking", 1)["DATABASE_URL"] == own["BOOKING_DATABASE_URL"]
    assert (
        migration_environment(wiring(own), "booking")["MIGRATION_DATABASE_URL"] == own["BOOKING_DATABASE_URL"]
    )
    assert "127.0.0.1" in service_environment(wiring(own), "search", 1)["DATABASE_URL"]


def test_migrations_run_as_the_owner() -> None:
    assert "care_booking_owner:" in migration_environment(wiring(), "booking")["MIGRATION_DATABASE_URL"]
    assert "DATABASE_URL" not in migration_environment(wiring(), "booking")


def test_settings_of_the_caller_reach_whom_they_concern() -> None:
    caller = {"HOLD_SECONDS": "5", "LOG_LEVEL": "DEBUG", "AWS_SECRET_ACCESS_KEY": "x"}
    booking = service_environment(wiring(caller), "booking", 1)
    search = service_environment(wiring(caller), "search", 1)
    assert (booking["HOLD_SECONDS"], booking["LOG_LEVEL"]) == ("5", "DEBUG")
    assert "HOLD_SECONDS" not in search
    assert "AWS_SECRET_ACCESS_KEY" not in booking


def test_without_a_key_payments_go_to_the_stand_in() -> None:
    payment = service_environment(wiring(), "payment", 1)
    assert payment["STRIPE_SECRET_KEY"] == STANDIN_KEY
    assert payment["STRIPE_API_BASE"] == f"http://127.0.0.1:{PORTS['standin-proxy']}"
    assert {"standin", "standin-proxy"} <= {item.name for item in specifications(wiring())}


def test_with_a_key_there_is_no_stand_in() -> None:
    caller = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
    payment = service_environment(wiring(caller), "payment", 1)
    assert (payment["STRIPE_SECRET_KEY"], payment["STRIPE_WEBHOOK_SECRET"]) == ("sk_test_1", "whsec_1")
    assert "STRIPE_API_BASE" not in payment
    assert not {"standin", "standin-proxy"} & {item.name for item in specifications(wiring(caller))}


def test_what_is_left_of_a_key_does_not_turn_the_stand_in_off() -> None:
    payment = service_environment(
        wiring({"STRIPE_SECRET_KEY": "", "STRIPE_WEBHOOK_SECRET": "whsec_1"}), "payment", 1
    )
    assert payment["STRIPE_SECRET_KEY"] == STANDIN_KEY
    assert payment["STRIPE_WEBHOOK_SECRET"] == "secret-stripe_webhook_secret"


@pytest.mark.parametrize("service", SERVICES)
def test_every_setting_of_a_service_can_be_set(service: str) -> None:
    """By the launcher or by the caller: a new setting must be added here."""
    names = {field.metadata["name"] for field in dataclasses.fields(settings_of(service))}
    given = {name: "1" for name in names if not name.endswith("DATABASE_URL")}
    assert names - {"RELAY_DATABASE_URL"} <= set(service_environment(wiring(given), service, 1))


def test_only_instances_for_tests_have_the_test_profile() -> None:
    assert service_environment(wiring(), "booking", 1)["PROFILE"] == "local"
    assert service_environment(wiring(name="test"), "booking", 1)["PROFILE"] == "test"


def test_a_service_is_led_to_its_servers_through_proxies() -> None:
    ways = {"BOOKING_POSTGRESQL_PORT": "1001", "BOOKING_RABBITMQ_PORT": "1002"}
    led = service_environment(wiring(ways), "booking", 1)
    assert (":1001/care_booking" in led["DATABASE_URL"], ":1002//" in led["AMQP_URI"]) == (True, True)
    straight = service_environment(wiring(ways), "search", 1)
    assert f":{PORTS['postgresql']}/care_search" in straight["DATABASE_URL"]
    assert (
        f":{PORTS['postgresql']}/" in migration_environment(wiring(ways), "booking")["MIGRATION_DATABASE_URL"]
    )
