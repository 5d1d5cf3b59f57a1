"""A bare app with one route that asks the echo service, for gunicorn: `create_app()`. Reads AMQP_URI."""

import os

from flask import Flask, Response, request

from tests.bench.floors.rpc_client import RpcClient


def create_app() -> Flask:
    """The app of one gunicorn worker, made after the fork."""
    app = Flask(__name__)
    client = RpcClient(os.environ["AMQP_URI"])

    @app.post("/echo")
    def echo() -> Response:
        answer = client.ask("echo.echo", request.get_data(as_text=True))
        return Response(answer, content_type="application/json")

    return app
