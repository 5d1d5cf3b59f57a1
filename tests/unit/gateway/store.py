"""As much of Redis as the cache uses, in memory: what the real one does is tested with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from services.gateway.redis_link import RedisDownError


class Store:
    """As much of Redis as the cache uses."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.is_away = False

    @contextmanager
    def asking(self) -> Iterator["Store"]:
        if self.is_away:
            raise RedisDownError
        yield self

    @contextmanager
    def along(self, *command: Any) -> Iterator[Callable[[], Any]]:
        yield lambda: self._answer(command)

    def ask(self, *commands: tuple[Any, ...]) -> list[Any]:
        return [self._do(command) for command in commands]

    def _answer(self, command: tuple[Any, ...]) -> Any:
        with self.asking():
            return self._do(command)

    def _do(self, command: tuple[Any, ...]) -> Any:
        name, *arguments = command
        if name == "MGET":
            return [self.values.get(key) for key in arguments]
        key, value, *options = arguments
        before = self.values.get(key)
        if "NX" not in options or before is None:
            self.values[key] = value if isinstance(value, bytes) else str(value).encode()
        return before if "GET" in options else True
