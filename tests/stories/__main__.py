"""Tells a story through a running stack: `python -m tests.stories --story agency --instance demo`."""

import argparse
import sys
from typing import Any

from deploy.local.stack import Stack
from tests.stories import agency
from tests.stories.life import life
from tests.stories.money import money
from tests.stories.story import Story

STORIES: dict[str, Story[Any]] = {"agency": agency.STORY, "life": life.STORY, "money": money.STORY}


def main() -> int:
    """Tell every step; 1 when a promise was broken, 2 when this stack can't show it."""
    parser = argparse.ArgumentParser(prog="python -m tests.stories", description=__doc__)
    parser.add_argument("--story", choices=sorted(STORIES), required=True)
    parser.add_argument("--instance", default="demo", help="name of the instance, which runs")
    chosen = parser.parse_args()
    return STORIES[chosen.story].tell(Stack(chosen.instance))


if __name__ == "__main__":
    sys.exit(main())
