"""Serves the page at `/` and its files below `/web/<version>/`."""

from collections.abc import Mapping
from html import escape

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from services.gateway.blueprint import Access, Budget, declares
from services.gateway.web.files import File, make_file, read_files, version_of
from services.gateway.web.policy import PERMISSIONS, content_security_policy

START = "index.html"
REVALIDATED = "public, no-cache"
KEPT_FOR_EVER = "public, max-age=31536000, immutable"


def install(app: Flask, standin_url: str) -> None:
    """Add the page. Its files are read here, once: a file that is missing ends the start."""
    files = read_files()
    version = version_of(files)
    page = make_file(START, _filled(files, version, standin_url))

    @app.get("/")
    @declares(Access.ANYONE, Budget.STATIC)
    def web_page() -> Response:
        response = _respond(page, REVALIDATED)
        response.headers["Content-Security-Policy"] = content_security_policy(request.host, standin_url)
        response.headers["Permissions-Policy"] = PERMISSIONS
        return response

    @app.get("/web/<string:of_version>/<path:name>")
    @declares(Access.ANYONE, Budget.STATIC)
    def web_file(of_version: str, name: str) -> Response:
        file = files.get(name)
        if file is None or name == START:
            raise NotFound
        # While a release rolls out, another process may be asked for our version, or we for another's.
        return _respond(file, KEPT_FOR_EVER if of_version == version else REVALIDATED)


def _filled(files: Mapping[str, File], version: str, standin_url: str) -> bytes:
    """The start page with the version of its files and, in a demo, the stand-in's address."""
    preloads = "\n".join(
        f'<link rel="modulepreload" href="/web/{version}/{name}">'
        for name in files
        if name.startswith("scripts/") and not name.startswith("scripts/first-paint")
    )
    text = files[START].plain.decode()
    for mark, value in (
        ("{{ version }}", version),
        ("{{ preloads }}", preloads),
        ("{{ standin }}", escape(standin_url)),
    ):
        text = text.replace(mark, value)
    return text.encode()


def _respond(file: File, caching: str) -> Response:
    packed = request.accept_encodings["gzip"] > 0
    response = Response(file.packed if packed else file.plain, content_type=file.content_type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = caching
    response.set_etag(f"{file.tag}-gzip" if packed else file.tag)
    response.make_conditional(request)
    return response
