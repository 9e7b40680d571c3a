"""A sandbox of its own and a warehouse that killed runs filled from it, for what goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from ingest import database
from ingest.settings import ROOT, Settings
from tests.end_to_end.commands import command
from tests.end_to_end.killing import Story, killed_again_and_again

DATASETS = (
    "clg_homelessness", "decc_fuel_poverty", "decc_la_co2", "defra_waste", "mps_borough_crime",
    "ons_employment_rate", "ons_net_additions", "ons_persistent_absence", "ons_population", "ons_weekly_pay",
)  # fmt: skip
ONE_OF_EACH_LAYOUT = (
    "clg_council_homes", "dcsf_a_levels", "dcsf_absence_exclusions", "dwp_housing_benefit", "marac_cases", "mhmds",
    "nhs_child_measurement", "nhs_patient_survey", "ons_earnings", "ons_place_of_death",
)  # fmt: skip
"""What test_metamorphic.py asks for again; its figures are in the world from the first run."""
QUICK = {"NIS_RETRY_ATTEMPTS": "2", "NIS_RETRY_MAX_WAIT": "0.2", "NIS_READ_TIMEOUT": "3"}


@dataclass(frozen=True)
class World:
    """Bodies that can be made to misbehave, and a warehouse that holds what they published before."""

    settings: Settings
    url: str

    def fault(self, path: str, kind: str, **more: Any) -> None:
        """Make the bodies misbehave (sandbox/README.md)."""
        answer = requests.post(f"{self.url}/__control/faults", json={"path": path, "kind": kind, **more}, timeout=60)
        assert answer.status_code == 201, answer.text

    def struck(self) -> int:
        """How many answers were spoilt by the faults in force."""
        faults: list[dict[str, int]] = requests.get(f"{self.url}/__control/faults", timeout=20).json()
        return sum(fault["struck"] for fault in faults)

    def mend(self) -> None:
        """Let the bodies behave again."""
        requests.delete(f"{self.url}/__control/faults", timeout=20)

    def nis(self, name: str, *datasets: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `nis` for some datasets, with short waits for the bodies."""
        options = [part for dataset in datasets for part in ("--dataset", dataset)]
        return command(self.settings, name, *options, more=QUICK | more)


@pytest.fixture(scope="session")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a sandbox over made data, a process of its own."""
    arguments = ["--origin", "made", "--cache", str(tmp_path_factory.mktemp("bodies")), "--watch-stdin"]
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None, "it is a pipe"
        yield json.loads(process.stdout.readline())["url"]


@pytest.fixture(scope="session")
def killed_runs(sandbox_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A warehouse over some datasets, in which every run but the last was killed."""
    settings = Settings(home=tmp_path_factory.mktemp("world"), source="made", sandbox_url=sandbox_url)
    try:
        yield killed_again_and_again(settings, *DATASETS, *ONE_OF_EACH_LAYOUT)
    finally:
        database.embedded(settings).stop()


@pytest.fixture(scope="session")
def world(killed_runs: Story) -> World:
    """Bodies without faults and what they published, finished by the run that was not killed."""
    assert killed_runs.last_code == 0, killed_runs.last
    return World(killed_runs.settings, killed_runs.settings.sandbox_url)
