"""What a running process tells about itself, and how its timers run."""

import json

from tests.fixtures.waiting import wait_until
from tests.integration.worker.conftest import NAME, Notes
from tests.integration.worker.probe_process import ProbeProcess
from tests.integration.worker.probe_service import SECRET


def test_a_process_tells_about_itself(process: ProbeProcess) -> None:
    assert process.get("/health/live")[0] == 200
    status, body = process.get("/health")
    assert status == 200
    assert json.loads(body) == {
        "service": NAME,
        "status": "running",
        "checks": {"database": True, "requests": True, "events": True},
    }
    assert "care_rpc_server_seconds" in process.get("/metrics")[1]
    assert process.get("/elsewhere")[0] == 404


def test_a_timer_that_fails_runs_again_and_fills_no_log(process: ProbeProcess, notes: Notes) -> None:
    wait_until(lambda: len(notes.names("tick")) >= 3, "three runs")
    assert process.metric('care_timer_runs_total{outcome="failed",timer="tick"}') >= 2
    assert len(process.events("timer_failed")) <= 1
    assert SECRET not in process.output()
    assert process.is_alive()
