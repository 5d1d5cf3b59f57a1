"""Processes that outlive their starter: held on to, so that nobody is warned of a child that still runs."""

import subprocess

_started: list["subprocess.Popen[bytes]"] = []


def outliving(process: "subprocess.Popen[bytes]") -> "subprocess.Popen[bytes]":
    """The process itself; those that have ended meanwhile are reaped."""
    _started[:] = [earlier for earlier in _started if earlier.poll() is None]
    _started.append(process)
    return process
