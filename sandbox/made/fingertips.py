"""Made Fingertips download: campylobacter by upper-tier area, 2005 to 2011, 27 columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from sandbox.areas import ENGLAND, UPPER, Area, Geography
from sandbox.made.dice import dice, poisson, write_csv
from sandbox.made.people import CITY_OF_LONDON, People

YEARS = range(2005, 2012)
HEADER = (
    "Indicator ID", "Indicator Name", "Parent Code", "Parent Name", "Area Code", "Area Name", "Area Type", "Sex", "Age",
    "Category Type", "Category", "Time period", "Value", "Lower CI 95.0 limit", "Upper CI 95.0 limit",
    "Lower CI 99.8 limit", "Upper CI 99.8 limit", "Count", "Denominator", "Value note", "Recent Trend",
    "Compared to England value or percentiles", "Compared to percentiles", "Time period Sortable", "New data",
    "Compared to goal", "Time period range",
)  # fmt: skip
_NAME = "Campylobacter incidence rate/100,000\n"
_ADDED = "Aggregated from all known lower geography values"
_SUPPRESSED = "Value suppressed for disclosure control due to small count"
_DECILES = "County & UA deprivation deciles in England (IMD2010)"
_DAY = "2011-12-31"
_SMALL = (CITY_OF_LONDON, "E06000053")


def _byar(count: int, z: float) -> tuple[float, float]:
    if count == 0:
        return 0.0, 3.689
    upper = (count + 1) * (1 - 1 / (9 * (count + 1)) + z / (3 * math.sqrt(count + 1))) ** 3
    return max(0.0, count * (1 - 1 / (9 * count) - z / (3 * math.sqrt(count))) ** 3), upper


def write(target: Path, seed: int, geography: Geography, people: People) -> None:
    """Write the rows as the body does: England twice, its deciles, regions, then areas; CRLF."""
    areas = geography.at(_DAY, UPPER)
    regions = geography.at(_DAY, ("region",))

    def count(area: Area, year: int) -> int:
        level = dice(seed, "fingertips", area.code).lognormvariate(0, 0.22)
        rng = dice(seed, "fingertips", area.code, year)
        return poisson(rng, people.residents(area.code, year) * 94e-5 * level * 1.02 ** (year - 2008))

    def rows() -> Iterator[Sequence[object]]:
        for year in YEARS:
            counts = {area.code: count(area, year) for area in areas}
            heads = {area.code: people.residents(area.code, year) for area in areas}
            whole = (sum(counts.values()), sum(heads.values()))
            rate = whole[0] / whole[1]
            england = (ENGLAND, geography.name(ENGLAND))
            for parent in (("", ""), england):
                yield _row(year, parent, england, "Country", *whole)
            ranked = sorted(areas, key=lambda area: str(dice(seed, "deciles", area.code).random()))
            for tenth in range(10):
                part = [area.code for area in ranked[tenth::10]]
                sums = sum(counts[code] for code in part), sum(heads[code] for code in part)
                decile = (_DECILES, f"Decile {tenth + 1} (IMD2010)")
                yield _row(year, ("", ""), england, "Country", *sums, category=decile, note=_ADDED)
            for region in regions:
                part = [area.code for area in areas if area.region == region.code]
                sums = sum(counts[code] for code in part), sum(heads[code] for code in part)
                yield _row(year, england, (region.code, f"{region.name} region"), "Region", *sums, note=_ADDED)
            for area in areas:
                yield _row(
                    year, england, (area.code, area.name), "County & UA", counts[area.code], heads[area.code],
                    england=rate, note=_SUPPRESSED if area.code in _SMALL else "",
                )  # fmt: skip

    write_csv(target, HEADER, rows(), newline="\r\n")


def _row(
    year: int, parent: tuple[str, str], area: tuple[str, str], level: str, count: int, heads: int, *,
    category: tuple[str, str] = ("", ""), england: float | None = None, note: str = "",
) -> Sequence[object]:  # fmt: skip
    scale = 100_000 / heads
    figures: tuple[str, ...] = (repr(count * scale), "", "", "", "", str(count), str(heads))
    verdict = "Not compared"
    if england is not None:
        low, high = (limit * scale for limit in _byar(count, 1.959964))
        wide = tuple(repr(limit * scale) for limit in _byar(count, 3.090232))
        figures = (repr(count * scale), repr(low), repr(high), *wide, str(count), str(heads))
        verdict = "Worse" if low > england * 100_000 else ("Better" if high < england * 100_000 else "Similar")
    if note == _SUPPRESSED:
        figures, verdict = ("",) * 7, "Not compared"
    newest = year == YEARS[-1]
    trend = "Cannot be calculated" if newest else ""
    return (
        93356, _NAME, *parent, *area, level, "Persons", "All ages", *category, year, *figures, note, trend, verdict,
        "Not compared", f"{year}0000", "New data" if newest else "", "", "1y",
    )  # fmt: skip
