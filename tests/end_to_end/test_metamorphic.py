"""The same figures in other bytes: rows in another order, another encoding, other pages, a return sent again."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.end_to_end.commands import command, in_use, published, query
from tests.end_to_end.world import ONE_OF_EACH_LAYOUT, World

pytestmark = [pytest.mark.end_to_end, pytest.mark.undisturbed]

EES = "/api.education.gov.uk/statistics/v1/data-sets"
CHANGES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    # CSV for COPY from an interface; its query, put together from pages; long and survey CSV; CP1252 with CRLF
    "dcsf_absence_exclusions": ("ni_087", f"{EES}/2c206437-8116-56ac-8c75-5ff5d9fa2da6/*", ("permute", "bom", "crlf")),
    "dcsf_a_levels": ("ni_085", f"{EES}/d4b0ebb1-b189-5487-ab65-a62b16606603/*", ("permute", "pages")),
    "ons_place_of_death": ("ni_129", "/data.gov.uk/dataset/ons-place-of-death/*", ("permute", "bom", "crlf")),
    "nhs_patient_survey": ("ni_124", "/data.gov.uk/dataset/nhs-patient-survey/*", ("permute", "bom", "crlf")),
    "mhmds": ("ni_149", "/data.gov.uk/dataset/mhmds/*", ("permute", "crlf")),
    "ons_earnings": ("ni_166", "/www.nomisweb.co.uk/*/NM_30_1.data.csv", ("permute", "pages")),
    "clg_council_homes": ("ni_158", "/www.gov.uk/api/content/*/clg-council-homes", ("permute",)),
    "nhs_child_measurement": ("ni_055", "/fingertips.phe.org.uk/*/nhs_child_measurement", ("permute",)),
    "dwp_housing_benefit": ("ni_181", "/stat-xplore.dwp.gov.uk/*", ("permute",)),
}
"""Dataset: an indicator that rests on it alone, its address, and what is done to it; one for each layout."""
SORTED = "dcsf_a_levels"
"""Its rows are asked for in order, so what the connector joins from other pages is the same file again."""
SMALL_PAGE = 250
RETURNED, OF_RETURNS = "marac_cases", "ni_032"
INDICATORS = (*(indicator for indicator, _, _ in CHANGES.values()), OF_RETURNS)
Cells = dict[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True)
class State:
    """What a run leaves: the releases in use, the cells that readers see, and every row ever published."""

    releases: dict[tuple[str, str], str]
    cells: Cells
    history: list[dict[str, Any]]


@dataclass(frozen=True)
class Twice:
    """A run, a run over the same figures in other bytes, and what each left."""

    sender: str
    sent: list[subprocess.CompletedProcess[str]]
    run: subprocess.CompletedProcess[str]
    query: str
    """Address of the query that was put together from smaller pages."""
    before: State
    after: State


def _state(world: World) -> State:
    releases = {(dataset, part): sha256 for dataset, part, sha256 in in_use(world.settings)}
    order = "indicator_id, component, area_code, period_end, period_start, known_during"
    history = query(world.settings, f"select * from published.value_history order by {order}")
    return State(releases, published(world.settings), history)


def _turned_round(data: bytes) -> bytes:
    """A return as a spreadsheet program would save it after its rows were sorted the other way."""
    title, *rows = data.decode().splitlines()
    assert len(rows) > 1, "one row has no order"
    assert '"' not in title
    return b"\xef\xbb\xbf" + ("\r\n".join([title, *reversed(rows)]) + "\r\n").encode()


@pytest.fixture(scope="module")
def twice(world: World) -> Iterator[Twice]:
    """The run that filled the world, and one over what is the same in other bytes."""
    before = _state(world)
    for _, path, kinds in CHANGES.values():
        for kind in kinds:
            world.fault(path, kind, **({"args": {"size": SMALL_PAGE}} if kind == "pages" else {}))
    home = world.settings.home
    first_return = max((home / "sandbox" / "returns" / RETURNED).glob("*.csv"), key=lambda path: path.stat().st_size)
    turned = home / "turned.csv"
    turned.write_bytes(_turned_round(first_return.read_bytes()))
    submit = ("returns", "submit", str(turned), "--dataset", RETURNED, "--sender", first_return.stem)
    try:
        sent = [command(world.settings, *submit) for _ in range(2)]
        run = world.nis("run", *CHANGES, RETURNED, NIS_READ_TIMEOUT="60")
        (last,) = query(world.settings, "select url from ops.release where dataset_id = %s", (SORTED,))
        yield Twice(first_return.stem, sent, run, last["url"], before, _state(world))
    finally:
        world.mend()


def test_every_dataset_gives_figures_to_compare(twice: Twice) -> None:
    assert {*CHANGES, RETURNED} == set(ONE_OF_EACH_LAYOUT)
    figures = Counter(key[1] for key, row in twice.before.cells.items() if row["value"] is not None)
    assert {name: figures[name] for name in INDICATORS if figures[name] < 100} == {}


def test_the_other_bytes_are_taken(twice: Twice) -> None:
    assert [done.returncode for done in twice.sent] == [0, 0], twice.sent
    assert twice.run.returncode == 0, twice.run.stderr
    before, after = twice.before.releases, twice.after.releases
    assert before.keys() == after.keys()
    changed = {key for key in before if before[key] != after[key]}
    assert {dataset for dataset, _ in changed} == {*CHANGES, RETURNED} - {SORTED}
    # The second release of a data set is a minor step up for each change, and it was asked for anew.
    assert twice.query.endswith("/query?dataSetVersion=1.2")
    assert {part for dataset, part in changed if dataset == RETURNED} == {twice.sender}


def test_no_published_cell_differs(twice: Twice) -> None:
    before, after = twice.before.cells, twice.after.cells
    assert before.keys() == after.keys()
    differs = {key: (row, after[key]) for key, row in before.items() if row != after[key]}
    assert not differs, f"{len(differs)} cells differ, such as {next(iter(differs.items()))}"


def test_nothing_is_published_anew(twice: Twice) -> None:
    assert twice.after.history == twice.before.history
