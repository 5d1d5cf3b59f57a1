"""`python -m shared.worker services.<name>.service`: patches first, then imports everything else."""

import sys
import warnings

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")

import eventlet  # noqa: E402 - nothing may be imported before it is patched

eventlet.monkey_patch()

from shared.worker.runner import EXIT_SETTINGS, run  # noqa: E402


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m shared.worker services.<name>.service\n")
        return EXIT_SETTINGS
    return run(arguments[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
