"""Fault points: nothing outside of tests; in tests a process dies where it shall and as often as it shall."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.instance import ROOT
from services.gateway.app import create_app
from services.gateway.export_openapi import unconnected_settings
from shared import fault_points
from shared.fault_points import ARMED, PASSED, STRUCK, doing, fault_point, line_of
from shared.settings import Profile, SettingsError

LINE = line_of("booking.create_booking", "before commit", 2)
PROGRAM = """
import sys
from shared.fault_points import doing, fault_point, switch_on
from shared.settings import Profile

switch_on(sys.argv[1], Profile.TEST)
fault_point("before commit")
with doing("booking.get_booking"):
    fault_point("before commit")
    fault_point("before commit")
with doing("relay booking_held", "booking.create_booking"):
    fault_point("before commit")
    fault_point("after commit")
    fault_point("before commit")
"""


def _run(folder: Path) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(folder)], cwd=ROOT, check=False)
    return done.returncode


def test_a_process_dies_where_it_shall_and_only_once(tmp_path: Path) -> None:
    """rule C17: the one that is started again passes the same point and lives."""
    (tmp_path / ARMED).write_text(LINE, encoding="utf-8")
    assert _run(tmp_path) == -signal.SIGKILL
    assert [path.name.partition(".")[0] for path in tmp_path.iterdir()] == [STRUCK]
    assert _run(tmp_path) == 0


def test_what_is_passed_is_written_down_when_a_test_asks_for_it(tmp_path: Path) -> None:
    """rule C17: every name of what is being done, with how often; nothing outside of any work."""
    assert _run(tmp_path) == 0
    assert not list(tmp_path.iterdir())
    (tmp_path / PASSED).touch()
    assert _run(tmp_path) == 0
    lines = (tmp_path / PASSED).read_text(encoding="utf-8").splitlines()
    assert LINE in lines
    assert line_of("relay booking_held", "before commit", 2) in lines
    assert len(lines) == 8


@pytest.mark.parametrize("profile", [Profile.PRODUCTION, Profile.LOCAL])
def test_nobody_can_switch_them_on_outside_of_tests(profile: Profile, tmp_path: Path) -> None:
    """rule C17: a process of production, or of the demo, told to have fault points does not start."""
    with pytest.raises(SettingsError, match="FAULT_POINTS"):
        fault_points.switch_on(str(tmp_path), profile)
    environment = {
        "PATH": os.environ["PATH"],
        "PROFILE": profile.value,
        "DATABASE_URL": "postgresql+psycopg2://nobody@127.0.0.1:1/none",
        "AMQP_URI": "pyamqp://nobody@127.0.0.1:1//",
        "FAULT_POINTS": str(tmp_path),
    }
    started = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "shared.worker", "services.notify.service"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode == 2
    assert "FAULT_POINTS is for the test profile only" in started.stderr


@pytest.mark.parametrize("profile", [Profile.PRODUCTION, Profile.LOCAL])
def test_nor_can_the_gateway(profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """rule C17: the gateway is refused like the services."""
    known = unconnected_settings()
    values = {
        "PROFILE": profile.value,
        "DATABASE_URL": known.database_url,
        "AMQP_URI": known.amqp_uri,
        "REDIS_URL": known.redis_url,
        "JWT_PRIVATE_KEY": known.jwt_private_key,
        "FAULT_POINTS": str(tmp_path),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="FAULT_POINTS"):
        create_app()


def test_they_are_inert_where_nobody_has_switched_them_on(tmp_path: Path) -> None:
    """rule C17: an armed folder alone does nothing; no file is looked at."""
    fault_points.switch_on("", Profile.PRODUCTION)
    (tmp_path / ARMED).write_text(line_of("work", "before commit", 1), encoding="utf-8")
    assert not fault_points.is_switched_on()
    with doing("work"):
        fault_point("before commit")
    assert (tmp_path / ARMED).exists()
