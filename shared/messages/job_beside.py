"""Writes a row and the job that it asks for by one statement: for what comes too often for two trips."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from shared.messages import jobs

_GIVEN = ("id", "kind", "key", "payload", "trace", "state")
_PREFIX = "job_"
"""Before the names of what `values` gives, so that they meet no column of the row's."""


def with_job(written: ReturningInsert[Any], run_at: str, table: Table | None = None) -> Select[Any]:
    """The statement that inserts the row, and for it, when it is new, the job; it answers what `written`
    returns. Make it once. `run_at`: which of the returned columns says when the job is due."""
    job = jobs.table_of(table)
    row = written.cte("written")
    given = [bindparam(_PREFIX + name, type_=job.c[name].type) for name in _GIVEN]
    asked = (
        insert(job)
        .from_select([*_GIVEN, "run_at"], select(*given, row.c[run_at]), include_defaults=False)
        .on_conflict_do_nothing(index_elements=["kind", "key"])
        .returning(job.c.id)
    )
    return select(*row.c).add_cte(asked.cte("asked"))


def values(kind: str, key: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The job's part of the values that the statement is executed with."""
    return {_PREFIX + name: value for name, value in jobs.values(kind, key, payload).items()}
