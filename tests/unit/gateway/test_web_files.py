"""The page's files as they are served: headers, caching, compression, and nothing else of the disk."""

import gzip
import re
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from services.gateway.web import files
from services.gateway.web.policy import content_security_policy
from tests.unit.gateway.door import Door

FOLDER = Path(files.__file__).parent / "page"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' ws://care.test wss://care.test{more}; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
)
FOREIGN = re.compile(r"""(?:https?:)?//(?!www\.w3\.org/2000/svg)[\w.-]+\.\w+""")
INLINE = re.compile(r"""<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)""")


def _get(door: Door, path: str, **headers: str) -> TestResponse:
    return door.app.test_client().get(path, base_url="http://care.test", headers=headers)


def _version(door: Door) -> str:
    found = re.search(r'src="/web/([0-9a-f]{16})/scripts/main\.js"', _get(door, "/").text)
    assert found
    return found[1]


def test_the_page_has_a_strict_policy_and_nothing_inline(door: Door) -> None:
    """promise H5: scripts, styles and connections are this host's own, and a frame holds the page nowhere."""
    page = _get(door, "/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert page.headers["Content-Security-Policy"] == POLICY.format(more="")
    assert page.headers["Permissions-Policy"] == "camera=(), geolocation=(self), microphone=()"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cache-Control"] == "public, no-cache"
    assert not INLINE.search(page.text)
    assert "{{" not in page.text


def test_the_policy_adds_the_standin_in_a_demo_and_no_other_address() -> None:
    standin = " http://127.0.0.1:8420/v1/payment_intents/"
    assert content_security_policy("care.test", "http://127.0.0.1:8420") == POLICY.format(more=standin)


@pytest.mark.parametrize("host", ["evil.test; script-src *", "a b", "x\n", "'self'", ""])
def test_a_host_that_is_none_adds_nothing_to_the_policy(host: str) -> None:
    policy = content_security_policy(host, "")
    assert "connect-src 'self'; " in policy
    assert policy.count(";") == content_security_policy("care.test", "").count(";")


def test_every_file_is_served_and_names_no_other_address(door: Door) -> None:
    version = _version(door)
    names = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
    assert len(names) > 40
    for name in (name for name in names if name != "index.html"):
        answer = _get(door, f"/web/{version}/{name}")
        assert answer.status_code == 200, name
        assert answer.data == (FOLDER / name).read_bytes(), name
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not FOREIGN.search(re.sub(r"\(docs\.[^)]*\)", "", answer.text)), name


def test_what_the_page_names_is_there(door: Door) -> None:
    named = re.findall(r'(?:src|href)="(/[^"]+)"', _get(door, "/").text)
    assert len(named) > 40
    assert [path for path in named if _get(door, path).status_code != 200] == []


def test_every_import_names_a_file(door: Door) -> None:
    missing = [
        f"{path.relative_to(FOLDER)}: {target}"
        for path in FOLDER.rglob("*.js")
        for target in re.findall(r'^import .*?"([^"]+)";$', path.read_text("utf-8"), re.MULTILINE)
        if not (path.parent / target).is_file()
    ]
    assert missing == []


def test_a_file_may_be_kept_for_ever_under_its_version_only(door: Door) -> None:
    """promise I5: addresses carry the content's version; the page itself is asked for every time."""
    version = _version(door)
    kept = _get(door, f"/web/{version}/scripts/main.js")
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    other = _get(door, "/web/0123456789abcdef/scripts/main.js")
    assert (other.status_code, other.headers["Cache-Control"]) == (200, "public, no-cache")


@pytest.mark.parametrize("path", ["/", "/web/x/scripts/main.js"])
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_who_has_the_file_is_told_so(door: Door, path: str, coding: str) -> None:
    first = _get(door, path, **{"Accept-Encoding": coding})
    tag = first.headers["ETag"]
    again = _get(door, path, **{"Accept-Encoding": coding, "If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert _get(door, path, **{"Accept-Encoding": coding, "If-None-Match": '"old"'}).status_code == 200


def test_files_are_compressed_for_those_who_can_read_it(door: Door) -> None:
    path = "/web/x/scripts/main.js"
    plain, packed = _get(door, path), _get(door, path, **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["ETag"] != packed.headers["ETag"]
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/", "/web/x/styles/page.css"])
def test_head_tells_what_get_would(door: Door, path: str) -> None:
    wanted = _get(door, path)
    answer = door.app.test_client().head(path, base_url="http://care.test")
    assert (answer.status_code, answer.data) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Cache-Control", "Content-Security-Policy"):
        assert answer.headers[name] == wanted.headers[name]


@pytest.mark.parametrize(
    "path",
    [
        "../routes.py",
        "scripts/../../routes.py",
        "scripts/../index.html",
        "%2e%2e/routes.py",
        "..%2froutes.py",
        "scripts//main.js",
        "/etc/passwd",
        "index.html",
        "scripts",
        "scripts/",
        "",
    ],
)
def test_nothing_but_the_page_s_files_can_be_had(door: Door, path: str) -> None:
    """Names are looked up in a table: no path of a client's ever meets the disk."""
    assert _get(door, f"/web/x/{path}").status_code == 404


def test_other_methods_are_refused(door: Door) -> None:
    answer = door.app.test_client().post("/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
