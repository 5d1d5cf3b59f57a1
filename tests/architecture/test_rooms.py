"""Which room may know which, beyond what import-linter holds."""

import ast
import importlib
import re
from collections.abc import Iterator

from shared.contracts.declaration import RpcMethod
from tests.architecture.source import WORKERS, SourceFile, production_files

WORKER_LIBRARIES = ("nameko", "eventlet")
GATEWAY_LIBRARIES = ("flask", "gevent", "flask_smorest", "flask_sock", "gunicorn", "werkzeug")
DOMAIN_MAY_IMPORT = (
    "shared.money.",
    "shared.clock.",
    "shared.errors.",
    "shared.geo.",
    "dateutil.",
    "holidays.",
)
PURE_STANDARD_LIBRARY = frozenset(
    "abc bisect calendar collections dataclasses datetime decimal enum functools hashlib heapq itertools "
    "math operator re string typing unicodedata zoneinfo".split()
)


def _importing(files: tuple[SourceFile, ...], packages: tuple[str, ...]) -> Iterator[SourceFile]:
    return (file for file in files if any(file.imports_package(package) for package in packages))


def test_nameko_and_eventlet_stay_in_one_room() -> None:
    """Eventlet is in bugfix-only maintenance: the day it must go stays a small one."""
    outside = [
        file.name
        for file in _importing(production_files(), WORKER_LIBRARIES)
        if not file.name.startswith("shared/worker/") and file.path.name != "service.py"
    ]
    assert not outside


def test_flask_and_gevent_stay_in_the_gateway() -> None:
    outside = [
        file.name
        for file in _importing(production_files(), GATEWAY_LIBRARIES)
        if not file.name.startswith("services/gateway/")
    ]
    assert not outside


def test_only_the_store_knows_sql() -> None:
    """Use cases hold a transaction, never a statement."""
    outside = [
        f"{file.name}: {name}"
        for file in production_files()
        if file.path.parts[0] == "services" and not {"store", "migrations"} & set(file.path.parts)
        for name in file.imports()
        if name.startswith("sqlalchemy")
        and name not in ("sqlalchemy.Connection", "sqlalchemy.engine.Connection")
    ]
    assert not outside


def test_the_domain_is_true_without_a_computer() -> None:
    outside = [
        f"{file.name}: {name}"
        for file in production_files()
        if "domain" in file.path.parts
        for name in sorted(file.imports())
        if name.split(".")[0] not in PURE_STANDARD_LIBRARY
        and not f"{name}.".startswith((f"services.{file.path.parts[1]}.domain.", *DOMAIN_MAY_IMPORT))
    ]
    assert not outside


def test_there_is_no_third_now() -> None:
    """A decision reads app_now(), process time comes from shared.clock; nothing else tells the time."""
    in_python = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)\(")
    in_sql = re.compile(r"(?<![\w.])now\(\)|\bcurrent_timestamp\b|\bclock_timestamp\(\)", re.IGNORECASE)
    found = [
        f"{file.name}:{number}"
        for file in production_files()
        if file.name not in ("shared/clock.py", "shared/database/schema.py")
        for number, line in enumerate(file.lines, 1)
        if in_python.search(line) or in_sql.search(line)
    ]
    assert not found


def _methods_of(module: str) -> dict[str, RpcMethod]:
    contract = importlib.import_module(module)
    return {name: value for name, value in vars(contract).items() if isinstance(value, RpcMethod)}


def test_payment_asks_booking_and_that_is_the_only_call_between_services() -> None:
    """The services stay apart: one RPC edge, payment -> booking.prepare_payment."""
    edges = {
        (file.path.parts[1], method.full_name)
        for file in production_files()
        if file.path.parts[0] == "services" and file.path.parts[1] in WORKERS
        for other in WORKERS
        if other != file.path.parts[1]
        for name, method in _methods_of(f"shared.contracts.{other}").items()
        if _mentions(file, other, name)
    }
    assert edges == {("payment", "booking.prepare_payment")}


def _mentions(file: SourceFile, service: str, constant: str) -> bool:
    if f"shared.contracts.{service}.{constant}" in file.imports():
        return True
    if not file.imports_package(f"shared.contracts.{service}"):
        return False
    return any(isinstance(node, ast.Attribute) and node.attr == constant for node in ast.walk(file.tree))
