"""The generated files of vectors, as texts."""

from typing import Any

import tzdata

from tests.vectors.clock_subjects import clock_subjects
from tests.vectors.reckoning import Reckoning
from tests.vectors.subjects import Subject
from tests.vectors.supply_subjects import supply_subjects
from tests.vectors.way_subjects import way_subjects
from tests.vectors.writing import text_of

FORMAT = 2


def generated_texts() -> dict[str, str]:
    """Every generated file by its name."""
    subjects = [*clock_subjects(), *supply_subjects(), *way_subjects()]
    return {f"{subject.name}.json": text_of(_file(subject)) for subject in subjects}


def _file(subject: Subject) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "title": subject.title,
        "made": "generated",
        "source": f"IANA tz database {tzdata.IANA_VERSION} by the library whenever, minute by minute",
        "given": subject.given,
        "cases": [
            {
                "name": name,
                "given": given,
                "expected": Reckoning({**subject.given, **given}).expected(),
            }
            for name, given in subject.cases.items()
        ],
    }
