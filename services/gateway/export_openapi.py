"""Writes the OpenAPI document: `python -m services.gateway.export_openapi docs/contracts/openapi.json`."""

import json
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.gateway import openapi
from services.gateway.app import assemble
from services.gateway.resources import build
from services.gateway.settings import GatewaySettings
from shared.settings import Profile


def document() -> dict[str, Any]:
    """The document of an app that is connected to nothing."""
    resources = build(unconnected_settings())
    made: dict[str, Any] = assemble(resources).extensions[openapi.EXTENSION]
    resources.stop()
    return made


def unconnected_settings() -> GatewaySettings:
    """Settings of a process that is never started: addresses where nobody listens, a key of the moment."""
    key = Ed25519PrivateKey.generate()
    return GatewaySettings(
        profile=Profile.TEST,
        database_url="postgresql+psycopg2://nobody@127.0.0.1:1/none",
        amqp_uri="pyamqp://nobody@127.0.0.1:1//",
        redis_url="redis://127.0.0.1:1/0",
        jwt_private_key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    )


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m services.gateway.export_openapi FILE\n")
        return 2
    text = json.dumps(document(), indent=2, ensure_ascii=False, sort_keys=True)
    target = Path(arguments[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
