"""The bulk import as an operator runs it, with the demo data."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from deploy.local.demo_data.documents import documents
from services.search.import_catalogue import main
from shared.database.transaction import Transaction
from tests.fixtures.servers import ServiceDatabase
from tests.integration.search.making import Finder

NEAR_THE_FIXED_POINT = {"query": "massage", "latitude": 40.7128, "longitude": -74.0060, "radius_km": 10.0}


@pytest.fixture
def catalogue(tmp_path: Path, own: ServiceDatabase, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATABASE_URL", own.url)
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps(documents()["catalogue.json"]), encoding="utf-8")
    return path


def test_the_demo_catalogue_twice(
    transaction: Transaction, owner: Engine, catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """promises B1 and B7: it is found at once; the second time nothing changes and no event leaves."""
    assert main([str(catalogue)]) == 0
    with owner.begin() as connection:
        assert connection.execute(text("DELETE FROM outbox")).rowcount > 2000
    assert main([str(catalogue)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("12 categories, 310 providers, ")
    assert set(second.split()) & set("123456789") == set()
    with owner.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar_one() == 0
    found = Finder(transaction).find(**NEAR_THE_FIXED_POINT, sort="distance")
    assert found[0]["distance_km"] < 1.5
    assert {"en": "Swedish massage 60 minutes"}.items() <= found[0]["services"][1]["name"].items()
    assert all(one["distance_km"] <= 10 for one in found)


def test_a_file_that_is_no_catalogue(
    transaction: Transaction, catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue.write_text("{}", encoding="utf-8")
    assert main([str(catalogue)]) == 1
    assert "is not a catalogue" in capsys.readouterr().err
    assert main(["/no/such/file"]) == 1
    assert main([]) == 2
