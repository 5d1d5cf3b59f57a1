"""A bare app that answers what it has, for gunicorn: a constant body, or one that is read from Redis.

Reads REDIS_URL, and BODY_FILE with what is answered.
"""

import os
from pathlib import Path

import redis
from flask import Flask, Response

KEY = "bare:body"


def create_app() -> Flask:
    """The app of one gunicorn worker, made after the fork."""
    app = Flask(__name__)
    body = Path(os.environ["BODY_FILE"]).read_bytes()
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.set(KEY, body)

    @app.get("/constant")
    def constant() -> Response:
        return Response(body, content_type="application/json")

    @app.get("/stored")
    def stored() -> Response:
        return Response(client.get(KEY), content_type="application/json")

    return app
