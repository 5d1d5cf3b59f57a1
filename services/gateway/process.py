"""Where the code of a request finds what its process holds."""

from flask import Flask, current_app

from services.gateway.resources import Resources

EXTENSION = "care"


def keep(app: Flask, resources: Resources) -> None:
    """Hand the process's resources to the app."""
    app.extensions[EXTENSION] = resources


def resources_of(app: Flask) -> Resources:
    """The resources of an app, outside of a request."""
    held: Resources = app.extensions[EXTENSION]
    return held


def resources() -> Resources:
    """The resources of the process that answers this request."""
    return resources_of(current_app)
