"""Answers that are said again: the same as the first, to the header, and no easier to get."""

import itertools
from functools import partial
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from services.gateway import cache_entries, said_again
from services.gateway.blueprint import Access, Budget, declares
from services.gateway.cache import Cache
from tests.contract.messages import ANSWERS
from tests.unit.gateway.door import Door, problem_of
from tests.unit.gateway.store import Store

PROVIDER = "0192a3b4-5c6d-7e8f-8a9b-0c1d2e3f4a5b"
QUESTIONS = (
    "customer/categories",
    "customer/search?query=massage&limit=5",
    f"customer/providers/{PROVIDER}",
    f"customer/providers/{PROVIDER}/availability?serviceId={PROVIDER}&date=2027-01-15",
)
OWN = {"X-Request-Id", "traceparent"}
_places = itertools.count(1)


class Watched:
    """A door that tells how many requests came to Flask."""

    def __init__(self, door: Door, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.door = door
        self.seen = 0
        door.services.answers = {name: partial(_answer, answer) for name, answer in ANSWERS.items()}
        door.resources.cache = Cache(store, lambda: True)  # type: ignore[arg-type]
        full: Any = Flask.full_dispatch_request

        def counted(app: Flask) -> Any:
            self.seen += 1
            return full(app)

        monkeypatch.setattr(Flask, "full_dispatch_request", counted)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.door.call("GET", path, **options)


def _answer(answer: dict[str, Any], _: object) -> dict[str, Any]:
    return answer


@pytest.fixture
def watched(door: Door, monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(door, Store(), monkeypatch)


def _apart_from_its_own(answer: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    return answer.status_code, sorted(each for each in answer.headers if each[0] not in OWN), answer.data


@pytest.mark.parametrize("accepted", [None, "gzip", "gzip, deflate, br", "identity"])
@pytest.mark.parametrize("path", QUESTIONS)
def test_it_is_the_same_answer(watched: Watched, path: str, accepted: str | None) -> None:
    """promise B7: from the cache, without a view, and without any difference that a client sees."""
    headers = {"Accept-Encoding": accepted} if accepted else {}
    first = watched.get(path, headers=headers)
    assert first.status_code == 200, first.text
    again = watched.get(path, headers=headers)
    assert watched.seen == 1
    assert _apart_from_its_own(again) == _apart_from_its_own(first)
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert len(watched.door.services.calls) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": "*"}, 304),
        ({"Origin": "https://elsewhere.example"}, 200),
        ({"X-Request-Id": "as-the-client-likes"}, 200),
        ({"Authorization": "Bearer nonsense"}, 401),
        ({"Authorization": "Basic nonsense"}, 401),
    ],
)
def test_what_asks_for_more_is_read_whole(watched: Watched, headers: dict[str, str], status: int) -> None:
    watched.get(QUESTIONS[1])
    answer = watched.get(QUESTIONS[1], headers=headers)
    assert (watched.seen, answer.status_code) == (2, status)
    if "X-Request-Id" in headers:
        assert answer.headers["X-Request-Id"] == headers["X-Request-Id"]


def test_other_methods_are_read_whole(watched: Watched) -> None:
    watched.get(QUESTIONS[1])
    assert watched.door.call("HEAD", QUESTIONS[1]).data == b""
    assert watched.door.call("DELETE", QUESTIONS[1]).status_code == 405
    assert watched.seen == 3


def test_what_a_change_ended_is_not_said_again(watched: Watched) -> None:
    """promise B7: not once after the change."""
    watched.get(QUESTIONS[2])
    watched.door.resources.cache.raise_generations([cache_entries.provider_subject(PROVIDER)])
    watched.get(QUESTIONS[2])
    assert (watched.seen, len(watched.door.services.calls)) == (2, 2)


def test_another_answer_to_the_same_question_is_told_as_its_own(watched: Watched) -> None:
    first = watched.get(QUESTIONS[0])
    categories: dict[str, Any] = {"categories": []}
    watched.door.services.answers["search.list_categories"] = partial(_answer, categories)
    watched.door.resources.cache.raise_generations([cache_entries.CATEGORIES])
    for _ in range(2):
        other = watched.get(QUESTIONS[0])
        assert other.json is not None
        assert other.json["data"] == categories
        assert other.headers["ETag"] != first.headers["ETag"]
        assert int(other.headers["Content-Length"]) == len(other.data)
    assert watched.seen == 2


@pytest.mark.parametrize(("is_known", "limit"), [(False, 50), (True, 120)])
def test_it_counts_like_any_question(watched: Watched, is_known: bool, limit: int) -> None:
    """promise H4: once each, of a stranger by address, of an account by itself, whichever way is taken."""
    token = watched.door.token() if is_known else ""
    address = f"2001:db8:5a1d:{next(_places):x}::1"
    ask = partial(watched.get, QUESTIONS[1], address=address, token=token)
    assert {ask().status_code for _ in range(limit)} == {200}
    assert watched.seen == 1
    refused = ask()
    assert problem_of(refused)["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("access", [access for access in Access if access is not Access.ANYONE])
def test_only_what_anyone_may_hear_is_said_again(access: Access) -> None:
    """promise H2: nobody's right to an answer is asked for where it is said again."""
    with pytest.raises(ValueError, match="anyone"):
        declares(access, Budget.OTHER, is_cached=True)(lambda: None)


def test_a_process_remembers_so_many(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """rule B20: keys have a bound, also where strangers make them up."""
    monkeypatch.setattr(said_again, "REMEMBERED", 8)
    remembered = watched.door.app.wsgi_app
    assert isinstance(remembered, said_again.SaidAgain)
    for number in range(12):
        watched.get(f"customer/search?query=q{number}")
    assert len(remembered) == 8
    watched.get(f"customer/search?query={'x' * 150}&category={'y' * 99}&cursor={'z' * 300}")
    assert len(remembered) == 8
