"""Holidays are data of a library: a release of it that has dropped a region harms nobody's search."""

import logging

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Engine, text

from services.booking.usecases.free_providers import find_free_providers
from shared.contracts import booking as contract
from shared.contracts.declaration import read
from tests.integration.booking.desk import Desk, Provider
from tests.integration.booking.provider_desk import ProviderDesk

UNKNOWN = "care_holiday_regions_unknown_total"


@pytest.fixture
def provider(desk: Desk, owner: Engine) -> Provider:
    """Its region was chosen under an earlier release, and is unknown to this one."""
    made = desk.open_provider()
    ProviderDesk(desk.transaction, made).do(contract.CHANGE_RULES, holiday_country="GB")
    with owner.begin() as connection:
        connection.execute(
            text("UPDATE calendar SET holiday_subdivision = 'OLD' WHERE provider_id = :id"),
            {"id": made.provider_id},
        )
    return made


def test_a_region_that_was_dropped_has_no_holidays_and_is_told_of(
    desk: Desk, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """promise C7 and rule B19: search by date goes on, for all who are asked about with it."""
    asked = [provider, desk.open_provider()]
    wanted = [{"provider_id": one.provider_id, "service_ids": list(one.services)} for one in asked]
    request = read(contract.FIND_FREE_PROVIDERS.request, {"date": desk.day.isoformat(), "wanted": wanted})
    before = REGISTRY.get_sample_value(UNKNOWN) or 0
    with caplog.at_level(logging.ERROR):
        found = find_free_providers(desk.transaction, request)
        assert desk.free_times(provider)
    assert {one["provider_id"] for one in found["free"]} == {one.provider_id for one in asked}
    assert REGISTRY.get_sample_value(UNKNOWN) == before + 2
    assert [record.message for record in caplog.records] == ["holiday_region_unknown"]


def test_a_region_that_was_dropped_is_shown_and_can_be_replaced(desk: Desk, provider: Provider) -> None:
    """promise F3: the provider sees what is kept, and chooses another."""
    owner = ProviderDesk(desk.transaction, provider)
    assert owner.supply()["rules"]["holiday_subdivision"] == "OLD"
    owner.do(contract.CHANGE_RULES, holiday_country="GB", holiday_subdivision="SCT")
    assert desk.free_times(provider)
