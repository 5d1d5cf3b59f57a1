"""A real Prometheus with the rules and the configuration that are checked in, only quicker."""

import json
import math
import socket
import subprocess
from pathlib import Path
from typing import Any, Self

import requests
import yaml

from tests.fixtures.observability import PROMETHEUS
from tests.fixtures.waiting import wait_until

INTERVAL = "1s"
"""Instead of 15 s: a rate needs two scrapes, and a rule one more."""
START_SECONDS = 30.0
STOP_SECONDS = 10.0
ASK_SECONDS = 10.0


class Prometheus:
    """Starts at once; keeps everything in `folder`, where the targets stand as they do in real life."""

    def __init__(self, folder: Path, targets: list[dict[str, object]]) -> None:
        config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
        config["global"] |= {"scrape_interval": INTERVAL, "evaluation_interval": INTERVAL}
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        (folder / "rules").symlink_to(PROMETHEUS / "rules")
        (folder / "targets").mkdir()
        (folder / "targets" / "instance.json").write_text(json.dumps(targets), encoding="utf-8")
        self._url = f"http://127.0.0.1:{_free_port()}"
        self._log = folder / "prometheus.log"
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [
                    "prometheus",
                    f"--config.file={folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={folder / 'data'}",
                    f"--web.listen-address={self._url.removeprefix('http://')}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Self:
        wait_until(self._is_ready, "Prometheus to be ready", seconds=START_SECONDS)
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait(STOP_SECONDS)

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """What an expression says now: a list of `{"metric": labels, "value": [instant, text]}`."""
        answer = requests.get(f"{self._url}/api/v1/query", params={"query": expression}, timeout=ASK_SECONDS)
        assert answer.status_code == 200, f"{expression}: {answer.text}"
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def numbers(self, expression: str) -> list[float]:
        """The values alone, without those that are no number."""
        values = [float(one["value"][1]) for one in self.ask(expression)]
        return [value for value in values if not math.isnan(value)]

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, self._log.read_text(encoding="utf-8")
        try:
            return requests.get(f"{self._url}/-/ready", timeout=ASK_SECONDS).status_code == 200
        except requests.ConnectionError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
