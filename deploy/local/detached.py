"""Processes that outlive their starter: held on to, so that nobody is warned of a child that still runs."""

import atexit
import subprocess
import warnings

_started: list["subprocess.Popen[bytes]"] = []

# At the starter's own end they go on, as they should.
atexit.register(warnings.simplefilter, "ignore", ResourceWarning)


def outliving(process: "subprocess.Popen[bytes]") -> "subprocess.Popen[bytes]":
    """The process itself; those that have ended meanwhile are reaped."""
    _started[:] = [earlier for earlier in _started if earlier.poll() is None]
    _started.append(process)
    return process
