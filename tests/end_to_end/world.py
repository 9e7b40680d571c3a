"""Bodies that can be made to misbehave, beside a warehouse of theirs; which datasets it holds."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Any

import requests

from ingest.settings import Settings
from tests.end_to_end.commands import command

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
