"""Entry of `python3 -m deploy.local`; checks the version of Python before anything newer is imported."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (this is where an older one is told)
    sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=python3.11 ...")

from deploy.local.cli import main

sys.exit(main(sys.argv[1:]))
