"""The probe with short heartbeats, so that a frozen broker is noticed within seconds."""

import nameko

from tests.integration.worker.probe_service import ProbeService

nameko.config["HEARTBEAT"] = 2

SERVICE = ProbeService
