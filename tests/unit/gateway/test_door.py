"""What is around the routes: security headers, CORS, documents, health, metrics."""

import importlib.util
import json
import re
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from services.gateway import export_openapi
from services.gateway.app import assemble
from services.gateway.resources import build
from tests.unit.gateway.door import Door

ROOT = Path(__file__).resolve().parents[3]
FOREIGN = re.compile(r"""(?:src|href|url\()\s*=?\s*["']?\s*(?:https?:)?//""")


def test_the_document_is_valid_and_complete(door: Door) -> None:
    """promise I8"""
    document = export_openapi.document()
    validate(document)
    routed = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in door.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }
    assert set(document["paths"]) == routed
    protected = document["paths"]["/api/v1/customer/bookings"]["post"]
    assert protected["security"] == [{"accessToken": []}]
    assert "security" not in document["paths"]["/api/v1/customer/search"]["get"]


def test_the_document_is_the_same_every_time() -> None:
    """It is checked in: a difference has to mean a change."""
    assert export_openapi.document() == export_openapi.document()


def test_the_page_asks_no_other_address(door: Door) -> None:
    """promise I8: works without the internet, under a policy that would stop it otherwise."""
    client = door.app.test_client()
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert not FOREIGN.search(page.text)
    assert "<script>" not in page.text
    for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        with client.get(path) as asset:
            assert asset.status_code == 200, path
    assert importlib.util.find_spec("flask_swagger_ui") is not None


def test_the_page_shows_the_banner_of_payments(door: Door) -> None:
    """It is the health page's own: that no money moves is to be seen where the API is tried."""
    client = door.app.test_client()
    assert 'id="payments"' in client.get("/api/docs/").text
    start = client.get("/api/docs/start.js").text
    assert 'fetch("/health")' in start
    assert "health.payments.banner" in start
    assert "textContent" in start


def test_assets_are_the_folders_own(door: Door) -> None:
    client = door.app.test_client()
    assert client.get("/api/docs/assets/../../../setup.py").status_code == 404
    assert client.get("/api/docs/assets/%2e%2e/%2e%2e/app.py").status_code == 404


def test_every_response_carries_the_security_headers(door: Door) -> None:
    """promise H5"""
    for path in ("/api/v1/nothing", "/health/live", "/api/docs/"):
        headers = door.app.test_client().get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "no-referrer"


def test_only_listed_origins_may_call_from_a_browser() -> None:
    """promise H5"""
    import dataclasses

    settings = dataclasses.replace(export_openapi.unconnected_settings(), cors_origins=("https://a.test",))
    resources = build(settings)
    client = assemble(resources).test_client()
    preflight = {"Access-Control-Request-Method": "POST"}
    allowed = client.options("/api/v1/auth/login", headers={**preflight, "Origin": "https://a.test"})
    assert allowed.status_code == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://a.test"
    assert "Idempotency-Key" in allowed.headers["Access-Control-Allow-Headers"]
    for origin in ("https://b.test", "https://a.test.b.test", "null"):
        refused = client.options("/api/v1/auth/login", headers={**preflight, "Origin": origin})
        assert "Access-Control-Allow-Origin" not in refused.headers
        assert "Origin" in refused.headers["Vary"]
    resources.stop()


@pytest.mark.parametrize("port", ["3000", "9100"])
def test_metrics_are_not_public(door: Door, port: str, tmp_path: object, monkeypatch: object) -> None:
    """promise I1: only on the operator's listener, whatever the Host header says."""
    assert isinstance(monkeypatch, pytest.MonkeyPatch)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    answer = door.app.test_client().get(
        "/metrics", environ_overrides={"SERVER_PORT": port}, headers={"Host": "gateway:9100"}
    )
    assert answer.status_code == (404 if port == "3000" else 200)


def test_health_is_degraded_without_redis_and_down_without_a_database(door: Door) -> None:
    class Database:
        def __init__(self, answers: bool) -> None:
            self.answers = answers

        def ping(self) -> bool:
            return self.answers

        def dispose(self) -> None: ...

    client = door.app.test_client()
    door.resources.database = Database(True)  # type: ignore[assignment]
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.get_json()["status"]) == (200, "degraded")
    door.resources.database = Database(False)  # type: ignore[assignment]
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200


def test_the_banner_of_payments_is_asked_rarely(door: Door) -> None:
    mode = {"mode": "stand-in", "banner": "No money moves."}
    door.services.answers["payment.get_payment_mode"] = lambda _: mode
    door.resources.database = type("Up", (), {"ping": lambda _: True, "dispose": lambda _: None})()
    client = door.app.test_client()
    assert [client.get("/health").get_json()["payments"] for _ in range(3)] == [mode] * 3
    assert len(door.services.asked("payment.get_payment_mode")) == 1


def test_the_checked_in_document_is_this_one() -> None:
    """promise I8: `make contracts` was run after the last change of a route."""
    checked_in = json.loads((ROOT / "docs" / "contracts" / "openapi.json").read_text(encoding="utf-8"))
    assert checked_in == export_openapi.document()
