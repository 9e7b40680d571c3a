"""Seeded chance, and the CSV writer of made files."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterable, Sequence
from pathlib import Path


def dice(*parts: object) -> random.Random:
    """A generator that depends on these words alone, so that files do not depend on the order they are made in."""
    return random.Random(":".join(str(part) for part in parts))


def poisson(rng: random.Random, mean: float) -> int:
    """A count with this mean: exact for small means, rounded normal above 30."""
    if mean <= 0:
        return 0
    if mean > 30:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def clamp(value: float, low: float, high: float) -> float:
    """The value, or the bound it oversteps."""
    return min(high, max(low, value))


def write_csv(
    target: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    bom: bool = False,
    newline: str = "\n",
    delimiter: str = ",",
) -> None:
    """Write a CSV file in UTF-8 with the line ends and byte order mark of the genuine one."""
    with target.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=newline)
        writer.writerow(header)
        writer.writerows(rows)
