"""A gateway that has nothing but its sockets, for tests that break what others would still need."""

import os

from flask import Flask
from prometheus_client import REGISTRY

from services.gateway import problems
from services.gateway.accounts.tokens import AccessTokens
from services.gateway.realtime import routes
from shared import clock

app = Flask(__name__, static_folder=None)
problems.install(app)
tokens = AccessTokens(os.environ["JWT_PRIVATE_KEY"], clock.now)
realtime = routes.install(app, os.environ["AMQP_URI"], tokens.verify, 2000)
realtime.start()


@app.get("/alive")
def alive() -> str:
    return "yes"


@app.get("/sockets")
def sockets() -> dict[str, int]:
    dropped = REGISTRY.get_sample_value("care_sockets_dropped_total", {"reason": "policy"})
    return {"open": realtime.open_sockets, "flooded": int(dropped or 0)}
