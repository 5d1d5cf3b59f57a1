"""How `make test` is parted: which tests share a pytest process, and what may run beside what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from deploy.local.instance import ROOT


class Needs(Enum):
    """What must be there before a part begins."""

    NOTHING = auto()
    SERVERS = auto()
    STACK = auto()


@dataclass(frozen=True)
class Part:
    """Tests that share a pytest process."""

    name: str
    arguments: tuple[str, ...]
    needs: Needs = Needs.STACK


# Tests that need no server, by the beginning of their path.
_SERVERLESS = ("tests/unit", "tests/contract", "tests/architecture", "tests/policy", "tests/sandbox")

# They use the services that run, in one process, one after the other: some count all that is stored.
_ON_THE_STACK = ("tests/journey", "tests/browser", "tests/integration/observability")
_PLATFORM = "tests/integration/platform"

# They kill these services or start them anew, so they are the last in that process.
_RESTARTING = ("tests/integration/local", "tests/integration/tracing")

# They stop servers that all others use, or see how customers fare while processes are replaced.
_DISTURBING = tuple(f"{_PLATFORM}/test_{name}.py" for name in ("bad_days", "rolling"))

# These have services of their own, on the same servers, and begin as soon as these are there. The longest
# first, so that none is begun when all others have ended; what nobody lists takes longer than the last.
_LONGEST_FIRST = ("payment", "gateway", "worker", "booking", "images")
_SHORTEST = "realtime"
_ASKS_THE_STACK = "images"  # where its servers are


def beside_each_other() -> list[Part]:
    """Parts that disturb nobody, in the order in which they are begun."""
    on_the_stack = (*_ON_THE_STACK, _PLATFORM, *_RESTARTING)
    elsewhere = {path.rpartition("/")[2] for path in on_the_stack}
    folders = {path.name for path in (ROOT / "tests" / "integration").iterdir() if path.is_dir()}
    rest = sorted(folders.difference(elsewhere, _LONGEST_FIRST, {_SHORTEST, "__pycache__"}))
    return [
        Part("unit", ("tests/unit", "tests/contract", "tests/sandbox"), Needs.NOTHING),
        Part("stack", (*on_the_stack, *(f"--ignore={path}" for path in _DISTURBING))),
        *(_with_services_of_its_own(name) for name in _LONGEST_FIRST),
        _with_services_of_its_own(*rest),
        _with_services_of_its_own(_SHORTEST),
    ]


def _with_services_of_its_own(*folders: str) -> Part:
    needs = Needs.STACK if _ASKS_THE_STACK in folders else Needs.SERVERS
    return Part("-".join(folders), tuple(f"tests/integration/{folder}" for folder in folders), needs)


def at_the_end() -> list[Part]:
    """What would disturb all others; chaos, which has an instance of its own, would be disturbed by them."""
    return [Part("bad-days", _DISTURBING), Part("chaos", ("tests/chaos",), Needs.NOTHING)]


def needs_stack(arguments: Sequence[str]) -> bool:
    """Whether pytest with these arguments may meet a test that needs servers."""
    paths = [argument for argument in arguments if argument.startswith("tests/")]
    return not paths or not all(path.startswith(_SERVERLESS) for path in paths)
