"""The unit tests of the dbt project run against a warehouse that has been built."""

from __future__ import annotations

import pytest

from ingest.settings import Settings
from tests.conftest import nis


@pytest.mark.end_to_end
def test_units_of_sql_do_what_they_were_worked_out_to_do(made_run: Settings) -> None:
    done = nis(made_run, "build", "--", "test", "--select", "test_type:unit")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "PASS=0" not in done.stdout
    assert "Completed successfully" in done.stdout
