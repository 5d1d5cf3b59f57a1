""".env.example says what the settings.py of the services say."""

from __future__ import annotations

from deploy.local.instance import ROOT
from deploy.local.setup.example_environment import example


def test_the_file_is_what_make_env_writes() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example()


def test_secrets_have_no_default() -> None:
    lines = [line for line in example().splitlines() if "SECRET" in line or "PRIVATE_KEY" in line]
    assert lines
    assert all(line.endswith("=") for line in lines if not line.startswith("# "))
