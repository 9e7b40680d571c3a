"""What a build in part is compared with: a build of everything that can differ, and the tables that both make."""

from __future__ import annotations

from ingest.settings import ROOT
from tests.end_to_end.commands import query
from tests.end_to_end.world import World

EVERYTHING_ANEW = ("run", "--select", "+config.incremental_strategy:remake", "--exclude", "path:models/areas", "stg_*")
"""Of dbt: what is made in part and what that is made from, for some tables hold what changed last alone.

Areas are made from seeds, and the cells of a dataset whole whenever it changes: both are as they should be.
"""


def tables_of_the_build(world: World) -> list[str]:
    """Tables of the build; not those that only feed others and hold what changed last alone."""
    working = [f"indicators.{model.stem}" for model in (ROOT / "dbt_project" / "models" / "assessment").glob("*.sql")]
    rows = query(
        world.settings,
        "select name from (select relnamespace::regnamespace || '.' || relname as name from pg_class "
        "where relkind = 'r' and (relnamespace::regnamespace::text in ('measures', 'indicators', 'candidate') "
        "or relname = 'quarantine' and relnamespace = 'staging'::regnamespace)) as made "
        "where name <> all(%s) order by 1",
        (working,),
    )
    return [row["name"] for row in rows]
