"""What holds of the methods whatever the figures are."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.settings import ROOT
from tests.warehouse.engine import Engine, Figure, calendar_year, financial_year, mid_year

pytestmark = pytest.mark.warehouse

YEAR = financial_year(2009)
END = YEAR[1]
# Each example is a run of all the engine's models, so few examples with many areas each.
FEW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
COUNTS = st.integers(min_value=0, max_value=10**6)
BANDS = ("18-64", "65-74", "75-84", "85+")
CALENDAR = calendar_year(2009)


def members(parent: str, last_day: date = END) -> list[str]:
    """Districts of a county on a day, from the seed."""
    with (ROOT / "dbt_project" / "seeds" / "area_memberships.csv").open(encoding="utf-8", newline="") as handle:
        return [
            row["area_code"]
            for row in csv.DictReader(handle)
            if row["parent_code"] == parent
            and row["area_code"].startswith("E07")
            and (row["valid_from"] or "0000") <= last_day.isoformat() <= (row["valid_to"] or "9999")
        ]


KENT, KENT_DISTRICTS = "E10000016", members("E10000016")
SURREY, SURREY_DISTRICTS = "E10000030", members("E10000030")
RECYCLED, COLLECTED = "household_waste_tonnes_recycled", "household_waste_tonnes_collected"


def test_there_are_enough_districts() -> None:
    assert (len(KENT_DISTRICTS), len(SURREY_DISTRICTS)) == (12, 11)


@FEW
@given(data=st.data())
def test_rolling_up_and_dividing_is_dividing_the_sums(engine: Engine, data: st.DataObject) -> None:
    pairs = {
        area: (data.draw(COUNTS, label=f"{area} above"), data.draw(COUNTS, label=f"{area} below"))
        for area in (*KENT_DISTRICTS, *SURREY_DISTRICTS)
    }
    figures = [Figure(RECYCLED, area, *YEAR, above) for area, (above, _) in pairs.items()]
    figures += [Figure(COLLECTED, area, *YEAR, below) for area, (_, below) in pairs.items()]
    engine.run(figures, marts=False)
    values = engine.values("ni_192", "main")
    for county, districts in ((KENT, KENT_DISTRICTS), (SURREY, SURREY_DISTRICTS)):
        above, below = (sum(pairs[area][side] for area in districts) for side in (0, 1))
        value, marker, reason = values[county, END]
        if below == 0:
            assert (value, marker, reason) == (None, "[z]", "zero_denominator")
        else:
            assert abs(Fraction(value) - Fraction(100 * above, below)) <= Fraction(1, 10**9)


@FEW
@given(
    gaps=st.dictionaries(st.sampled_from(KENT_DISTRICTS), st.sampled_from(["[c]", "[x]", "absent"]), min_size=1),
)
def test_a_sum_with_a_gap_is_never_a_number(engine: Engine, gaps: dict[str, str]) -> None:
    figures = [Figure(COLLECTED, area, *YEAR, 10) for area in KENT_DISTRICTS]
    figures += [
        Figure(RECYCLED, area, *YEAR, None if area in gaps else 5, gaps.get(area))
        for area in KENT_DISTRICTS
        if gaps.get(area) != "absent"
    ]
    engine.run(figures, marts=False)
    value, marker, _ = engine.values("ni_192", "main")[KENT, END]
    assert value is None
    # Whoever withholds one of several wants none to be worked out.
    assert marker == ("[c]" if "[c]" in gaps.values() else "[x]")


@FEW
@given(
    users=st.lists(st.integers(0, 500), min_size=4, max_size=4),
    people=st.lists(st.integers(1, 50_000), min_size=4, max_size=4),
    empty=st.sets(st.sampled_from(range(4)), max_size=3),
)
def test_a_stratum_of_zero_changes_nothing(
    engine: Engine, users: list[int], people: list[int], empty: set[int]
) -> None:
    """Beside a district of figures stands one of zeros: the county has the rate of the first. Empty bands weigh nothing."""
    measure, base = "adults_self_directed_support_by_care_age_band", "residents_aged_18_and_over_by_care_age_band"
    first = KENT_DISTRICTS[0]
    figures = []
    for number, band in enumerate(BANDS):
        above, below = (0, 0) if number in empty else (users[number], people[number])
        for area in KENT_DISTRICTS:
            figures.append(Figure(measure, area, *YEAR, above if area == first else 0, stratum=band))
            figures.append(Figure(base, area, *mid_year(2009), below if area == first else 0, stratum=band))
    engine.run(figures, marts=False)
    values = engine.values("ni_130", "main")
    weights = {"18-64": 32_270_000, "65-74": 4_270_000, "75-84": 2_850_000, "85+": 1_130_000}
    used = [number for number in range(4) if number not in empty]
    expected = Fraction(
        sum(Fraction(weights[BANDS[n]] * users[n], people[n]) for n in used), sum(weights[BANDS[n]] for n in used)
    )
    value, marker, _ = values[KENT, END]
    assert marker is None
    assert abs(Fraction(value) - 100_000 * expected) < Fraction(1, 10**6)


@FEW
@given(now=st.integers(0, 10**6), before=st.integers(1, 10**6))
def test_a_fall_is_good_news_only_with_the_sign(engine: Engine, now: int, before: int) -> None:
    """NI 185 counts a reduction as positive, NI 40 a rise."""
    area = KENT_DISTRICTS[0]
    figures = [
        Figure("co2_tonnes_council_operations", area, *financial_year(2008), before),
        Figure("co2_tonnes_council_operations", area, *YEAR, now),
        Figure("drug_users_in_effective_treatment", KENT, *financial_year(2007), before),
        Figure("drug_users_in_effective_treatment", KENT, *YEAR, now),
    ]
    engine.run(figures, marts=False)
    fall = engine.values("ni_185", "main")[area, END][0]
    rise = engine.values("ni_040", "change")[KENT, END][0]
    assert fall == -rise
    assert (rise > 0) == (now > before) or rise == 0
    assert abs(Fraction(rise) - (Fraction(100 * now, before) - 100)) <= Fraction(1, 10**9)


@FEW
@given(data=st.data())
def test_a_change_never_mixes_releases_where_it_must_not(engine: Engine, data: st.DataObject) -> None:
    """NI 186: both years of each council come from the same releases, or there is no value."""
    releases = (1, 2, 3)
    measures = ("co2_tonnes_industry_and_commercial", "co2_tonnes_domestic", "co2_tonnes_road_transport")
    chosen: dict[tuple[str, int], set[int]] = {}
    figures = []
    for area in KENT_DISTRICTS:
        for year in (2005, 2009):
            from_releases = data.draw(
                st.sets(st.sampled_from(releases), min_size=1, max_size=2), label=f"{area} {year}"
            )
            chosen[area, year] = from_releases
            cycle = sorted(from_releases) * 4
            for measure, release in zip((*measures, "residents_all_ages_co2_release"), cycle, strict=False):
                value = Decimal(1000 if year == 2005 else 900)
                figures.append(Figure(measure, area, *calendar_year(year), value, release_id=release))
    engine.run(figures, releases, marts=False)
    values = engine.values("ni_186", "reduction")
    for area in KENT_DISTRICTS:
        value, _, reason = values[area, CALENDAR[1]]
        if chosen[area, 2005] == chosen[area, 2009]:
            assert value == 0  # every measure fell by a tenth, residents too
        else:
            assert (value, reason) == (None, "mixed_releases")
