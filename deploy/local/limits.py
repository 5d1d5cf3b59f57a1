"""How many files and sockets our processes may open."""

from __future__ import annotations

import resource

_WANTED = 65_536


def allow_many_files() -> None:
    """Raise our own limit, which those whom we start inherit: 1,024 is less than some thousand sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
