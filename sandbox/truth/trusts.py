"""Primary care trusts: which councils each stands for on a day, and what a council has of them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sandbox.truth.chance import shared_out
from sandbox.truth.rules import table

SCHEME = "pct"


class Bridge(NamedTuple):
    """A trust and a council that share ground, with their dates, and each one's share of the other."""

    trust: str
    council: str
    start: str
    end: str
    share_of_trust: float
    share_of_council: float

    def holds(self, day: str) -> bool:
        """Tell whether the row holds on a day."""
        return (not self.start or self.start <= day) and (not self.end or day <= self.end)


class Trusts:
    """Trusts with the ground of one council, with parts of one, or across several."""

    def __init__(self, seeds: Path) -> None:
        """Read the trusts' aliases and bridges; a seed folder without bridges has no such trusts."""
        self._whole = [
            Bridge(row["alias"], row["area_code"], row["valid_from"], row["valid_to"], 1, 1)
            for row in table(seeds / "area_aliases.csv")
            # England stands under its own code among the trusts.
            if row["alias_kind"] == SCHEME and row["alias"] != row["area_code"]
        ]
        path = seeds / "area_bridges.csv"
        self._parts = [
            Bridge(
                row["body_area"],
                row["area_code"],
                row["valid_from"],
                row["valid_to"],
                float(row["weight"]),
                float(row["mean_weight"]),
            )
            for row in (table(path) if path.exists() else ())
            if row["scheme"] == SCHEME
        ]
        self.codes = frozenset(bridge.trust for bridge in (*self._whole, *self._parts))

    def on(self, day: str) -> list[str]:
        """Trusts in force on a day, sorted."""
        return sorted({bridge.trust for bridge in (*self._whole, *self._parts) if bridge.holds(day)})

    def ground(self, trust: str, day: str) -> str:
        """The council whose ground a trust has; empty when there is none."""
        return next((bridge.council for bridge in self._whole if bridge.trust == trust and bridge.holds(day)), "")

    def of_trust(self, trust: str, day: str) -> list[Bridge]:
        """Bridges of a trust that has parts of councils, or of several."""
        return [bridge for bridge in self._parts if bridge.trust == trust and bridge.holds(day)]

    def of_council(self, council: str, day: str) -> list[Bridge]:
        """Bridges of a council that has no trust of its own, by trust."""
        return sorted(bridge for bridge in self._parts if bridge.council == council and bridge.holds(day))

    def part(self, bridge: Bridge, whole: int, day: str) -> int:
        """A trust's part of a council's whole number, by the share of the council that it covers."""
        every = self.of_council(bridge.council, day)
        return shared_out(whole, [other.share_of_council for other in every])[every.index(bridge)]
