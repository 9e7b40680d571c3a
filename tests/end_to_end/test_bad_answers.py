"""Bodies that do not answer as they should, and commands that cannot be right: what is told, what is kept."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from ingest.settings import Settings
from tests.end_to_end.commands import command, kill, query, read_until, start, told
from tests.end_to_end.world import World

pytestmark = pytest.mark.end_to_end

CO2 = "/data.gov.uk/dataset/local-authority-co2-emissions/*"
FUEL = "/data.gov.uk/dataset/sub-regional-fuel-poverty/fuel_poverty_la_2011.csv"
CRIME = "/data.london.gov.uk/download/recorded_crime_summary/*"
ABSENCE = "*persistent-absences-for-all-pupils.csv"
PAY = "*gross-median-weekly-pay.csv"
RATE = "*employment-rate.csv"
WASTE_PAGE = "/www.gov.uk/api/content/government/statistical-data-sets/env18*"


class Held(NamedTuple):
    """What the warehouse and the landing store hold."""

    releases: int
    unfinished: set[str]
    """Downloads that were never ended; those of a run that was killed stay for a day."""


@dataclass(frozen=True)
class Landing:
    """What a landing told, how many answers were spoilt, what was held before and after."""

    done: subprocess.CompletedProcess[str]
    struck: int
    before: Held
    after: Held


def _held(world: World) -> Held:
    incoming = (world.settings.home / "landing" / "incoming").iterdir()
    return Held(len(query(world.settings, "select 1 from ops.release")), {path.name for path in incoming})


def _landing(world: World, *datasets: str, **more: str) -> Landing:
    before = _held(world)
    done = world.nis("land", *datasets, **more)
    struck = world.struck()
    world.mend()
    return Landing(done, struck, before, _held(world))


@pytest.fixture(scope="module")
def passing(world: World) -> Landing:
    """A landing in which each body fails once in its own way; and how many answers were spoilt."""
    world.fault(CO2, "503")
    world.fault(CRIME, "429", args={"retry_after": 1})
    world.fault(ABSENCE, "drop")
    world.fault(PAY, "timeout", args={"seconds": 4})
    world.fault(FUEL, "504")
    world.fault(WASTE_PAGE, "500")
    return _landing(
        world, "decc_la_co2", "mps_borough_crime", "ons_persistent_absence", "ons_weekly_pay",
        "decc_fuel_poverty", "defra_waste",
    )  # fmt: skip


def test_failures_that_pass_are_tried_again(passing: Landing) -> None:
    assert passing.done.returncode == 0, passing.done.stderr
    assert passing.struck == 6
    assert passing.done.stderr.count("trying again") == 6


def test_nothing_new_came_of_it(passing: Landing) -> None:
    assert "nothing new: 6 of 6" in passing.done.stderr
    assert passing.before == passing.after


@pytest.fixture(scope="module")
def failing(world: World) -> Landing:
    """A landing in which bodies fail for as long as we try; one of them cannot be reached at all."""
    world.fault(CO2, "html")
    world.fault(ABSENCE, "empty")
    world.fault(PAY, "drop", times=0)
    world.fault(RATE, "503", times=0)
    return _landing(
        world, "decc_la_co2", "ons_persistent_absence", "ons_weekly_pay", "ons_employment_rate",
        "mps_borough_crime", "ons_population",
        # Port 9 (discard) of this machine: nobody listens.
        NIS_BASE_URLS='{"data.london.gov.uk": "http://127.0.0.1:9"}',
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("decc_la_co2", "2005-11_UK_local_authority_CO2_emissions.csv", "sent HTML", "Service unavailable"),
        ("ons_persistent_absence", "persistent-absences-for-all-pupils.csv", "an empty body"),
        ("ons_weekly_pay", "gross-median-weekly-pay.csv", "broke off after", "given up after 2 tries"),
        ("ons_employment_rate", "employment-rate.csv", "answered 503", "given up after 2 tries"),
        ("mps_borough_crime", "127.0.0.1:9", "the connection failed", "given up after 2 tries"),
    ],
    ids=["html", "empty", "drop", "503", "unreachable"],
)
def test_a_failing_body_is_told_with_its_address(failing: Landing, words: tuple[str, ...]) -> None:
    assert failing.done.returncode == 1, failing.done.stderr
    told(failing.done.stderr, "failed:", *words)


def test_failing_bodies_leave_nothing_behind(failing: Landing) -> None:
    assert failing.done.stderr.count("failed:") == 5, "the sixth body was asked too, and had no fault"
    assert failing.before == failing.after


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--datasets", "x"), ("No such option", "--datasets")),
        (
            ("run", "--dataset", "decc_co2"),
            ("there is no dataset 'decc_co2'", "way out", "decc_la_co2", "ons_weekly_pay"),
        ),
        (("run", "--domain", "space"), ("there is no domain 'space'", "way out", "environment")),
        (("run", "--samples", "no/such/folder"), ("no/such/folder", "does not exist")),
    ],
    ids=["option", "dataset", "domain", "samples"],
)
def test_a_wrong_command_names_what_is_wrong(
    tmp_path_factory: pytest.TempPathFactory, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = command(Settings(home=tmp_path_factory.getbasetemp() / "unused", source="made"), *arguments)
    assert done.returncode == 2, done.stderr
    told = " ".join(done.stderr.replace("│", " ").split())
    assert all(word in told for word in words), done.stderr


def test_the_second_of_two_runs_gives_way(world: World) -> None:
    world.fault(CO2, "timeout", args={"seconds": 20})
    first = start(world.settings, "run", "--dataset", "decc_la_co2")
    try:
        read_until(first, lambda event: event["event"] == "stage started")
        began = time.monotonic()
        second = world.nis("run", "decc_la_co2")
        assert second.returncode == 1, second.stderr
        assert "another run is at work" in second.stderr
        assert "way out" in second.stderr
        assert time.monotonic() - began < 10
    finally:
        kill(first)
        world.mend()
