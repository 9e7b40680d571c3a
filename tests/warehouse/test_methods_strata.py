"""Standardised rates and life tables, against textbook formulas written down a second time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import pytest

from tests.warehouse.engine import Engine, Figure, calendar_year, figure, mid_year, shown

pytestmark = pytest.mark.warehouse

NORTH_EAST = "E12000001"
HARTLEPOOL, MIDDLESBROUGH, REDCAR, STOCKTON, DARLINGTON = (f"E0600000{n}" for n in range(1, 6))
HOUNSLOW = "E09000018"
CALENDAR = calendar_year(2009)
SUPPRESSED = "[c]"
EUROPE_1976 = {
    "0": 1600, "1-4": 6400, "5-9": 7000, "10-14": 7000, "15-19": 7000, "20-24": 7000, "25-29": 7000, "30-34": 7000,
    "35-39": 7000, "40-44": 7000, "45-49": 7000, "50-54": 7000, "55-59": 6000, "60-64": 5000, "65-69": 4000,
    "70-74": 3000, "75-79": 2000, "80-84": 1000, "85+": 1000,
}  # fmt: skip
"""European Standard Population of 1976 (Waterhouse and others), the first band in two."""
BANDS = ("65-69", "70-74", "75-79", "80-84", "85+")


def by_band(
    measure: str, area: str, values: Mapping[str, float | str], period: tuple[date, date] = CALENDAR
) -> Iterator[Figure]:
    """Figures of one measure by age band; a text is the marker of a gap."""
    for band, value in values.items():
        gap = isinstance(value, str)
        yield Figure(measure, area, *period, None if gap else value, value if gap else None, band)  # type: ignore[arg-type]


def standardised(deaths: Mapping[str, int], people: Mapping[str, int], last: str = "85+") -> float:
    """Deaths per 100,000, directly standardised: sum of weight x rate over the sum of weights (any textbook)."""
    bands = list(EUROPE_1976)
    used = [band for band in bands[: bands.index(last) + 1] if people[band] > 0]
    return 100_000 * sum(EUROPE_1976[b] * deaths[b] / people[b] for b in used) / sum(EUROPE_1976[b] for b in used)


def sullivan(deaths: Sequence[int], people: Sequence[int], healthy: Sequence[int], asked: Sequence[int]) -> float:
    """Healthy years to come at the first age of five-year bands with an open last one: Sullivan, by a plain loop."""
    alive, years = 1.0, 0.0
    for band, (died, lived, well, answered) in enumerate(zip(deaths, people, healthy, asked, strict=True)):
        rate = died / lived
        if band == len(deaths) - 1:
            years += alive / rate * well / answered
            break
        survivors = alive * (1 - 5 * rate / (1 + 2.5 * rate))
        years += 5 * (alive + survivors) / 2 * well / answered
        alive = survivors
    return years


DEATHS = dict(zip(EUROPE_1976, (3, 1, 0, 0, 2, 3, 4, 5, 7, 9, 14, 22, 35, 60, 90, 140, 210, 280, 510), strict=True))
PEOPLE_BY_BAND = (
    1200, 4700, 5600, 5900, 6300, 6100, 5800, 5900, 6700, 7300, 7000, 6300, 5700, 5600, 4200, 3700, 2900, 1900, 1700,
)  # fmt: skip
PEOPLE = dict(zip(EUROPE_1976, PEOPLE_BY_BAND, strict=True))


class TestStrata:
    """Standardised rates and life tables."""

    ALL, RESIDENTS = "deaths_all_causes_by_age_and_sex", "residents_by_age_and_sex"
    HEART, UNDER_75 = "deaths_circulatory_aged_0_74_by_age_and_sex", "residents_aged_0_74_by_age_and_sex"
    MALE = ((40, 60, 90, 110, 200), (2500, 2100, 1600, 1000, 700), (60, 50, 44, 30, 12), (90, 80, 77, 60, 31))
    FEMALE = ((25, 40, 70, 100, 300), (2700, 2300, 1900, 1400, 1300), (70, 55, 48, 33, 20), (95, 85, 80, 66, 50))

    @pytest.fixture(scope="class", autouse=True)
    def _given(self, engine: Engine) -> None:
        half = {band: count // 2 for band, count in DEATHS.items()}
        north_east = ("E06000047", "E06000048", *(f"E080000{n}" for n in (20, 21, 22, 23, 24)))
        figures: list[Figure] = []
        for number, area in enumerate((HARTLEPOOL, MIDDLESBROUGH, REDCAR, STOCKTON, DARLINGTON, *north_east)):
            deaths: dict[str, float | str] = dict(half if number else DEATHS)
            people: dict[str, float | str] = dict(PEOPLE)
            if area == MIDDLESBROUGH:
                deaths["5-9"], people["5-9"] = 0, 0
            under_75 = [band for band in EUROPE_1976 if band not in ("75-79", "80-84", "85+")]
            figures += by_band(self.ALL, area, deaths)
            figures += by_band(self.RESIDENTS, area, people, mid_year(2009))
            heart: dict[str, float | str] = {band: deaths[band] for band in under_75}
            if area == REDCAR:
                del heart["0"]
            if area == STOCKTON:
                heart["0"] = SUPPRESSED
            if area == DARLINGTON:
                people["70-74"] = 0
            figures += by_band(self.HEART, area, heart)
            figures += by_band(self.UNDER_75, area, {band: people[band] for band in under_75}, mid_year(2009))
        for sex, rows in (("male", self.MALE), ("female", self.FEMALE)):
            figures += self._old(sex, HARTLEPOOL, rows)
            # Nobody dies before 85, a quarter a year from then on, and half are well: (4 x 5 + 1 / 0.25) / 2 = 12.
            figures += self._old(sex, STOCKTON, ((0, 0, 0, 0, 25), (100,) * 5, (5,) * 5, (10,) * 5))
            figures += self._old(sex, DARLINGTON, ((0, 0, 0, 0, 0), (100,) * 5, (5,) * 5, (10,) * 5))
        figures += self._old("male", MIDDLESBROUGH, ((1,) * 5, (100,) * 5, (5, SUPPRESSED, 5, 5, 5), (10,) * 5))
        figures += self._old("male", REDCAR, ((1,) * 4, (100,) * 4, (5,) * 4, (10,) * 4))
        engine.run(figures)

    @staticmethod
    def _old(sex: str, area: str, rows: Sequence[Sequence[int | str]]) -> Iterator[Figure]:
        names = ("deaths_{}_aged", "residents_{}_aged", "survey_weight_good_health_{}_aged")
        for name, values in zip((*names, "survey_weight_base_good_health_{}_aged"), rows, strict=True):
            measure = f"{name.format(sex)}_65_and_over_by_age"
            yield from by_band(measure, area, dict(zip(BANDS, values, strict=False)))

    def test_a_standardised_rate(self, engine: Engine) -> None:
        value, _, weights = figure(engine.answer("ni_120", "p", HARTLEPOOL, CALENDAR[1]))
        assert value == pytest.approx(standardised(DEATHS, PEOPLE), abs=1e-6)
        assert weights == 100_000

    def test_a_rate_below_75_divides_by_the_weights_in_use(self, engine: Engine) -> None:
        value, _, weights = figure(engine.answer("ni_121", "main", HARTLEPOOL, CALENDAR[1]))
        assert value == pytest.approx(standardised(DEATHS, PEOPLE, "70-74"), abs=1e-6)
        assert weights == 96_000

    def test_a_band_without_people_has_no_weight(self, engine: Engine) -> None:
        deaths = {band: count // 2 for band, count in DEATHS.items()} | {"5-9": 0}
        value, _, weights = figure(engine.answer("ni_120", "p", MIDDLESBROUGH, CALENDAR[1]))
        assert value == pytest.approx(standardised(deaths, PEOPLE | {"5-9": 0}), abs=1e-6)
        assert weights == 93_000

    def test_strata_are_pooled_over_areas_before_they_are_standardised(self, engine: Engine) -> None:
        deaths = {band: count + 11 * (count // 2) for band, count in DEATHS.items()}
        people = {band: 12 * count for band, count in PEOPLE.items()}
        deaths["5-9"] -= DEATHS["5-9"] // 2
        people["5-9"] -= PEOPLE["5-9"]
        value, _, _ = figure(engine.answer("ni_120", "p", NORTH_EAST, CALENDAR[1]))
        assert value == pytest.approx(standardised(deaths, people), abs=1e-6)

    @pytest.mark.parametrize(
        ("area", "expected"),
        [
            (REDCAR, (None, "[x]", "incomplete_strata")),
            (STOCKTON, (None, "[c]", "suppressed")),
            # People died in a band in which nobody lives.
            (DARLINGTON, (None, "[z]", "zero_denominator")),
            (HOUNSLOW, (None, "[x]", "not_yet_published")),
        ],
    )
    def test_no_standardised_rate(self, engine: Engine, area: str, expected: tuple[None, str, str]) -> None:
        assert shown(engine.answer("ni_121", "main", area, CALENDAR[1])) == expected

    def test_a_life_table(self, engine: Engine) -> None:
        for component, rows in (("m", self.MALE), ("f", self.FEMALE)):
            value, _, _ = figure(engine.answer("ni_137", component, HARTLEPOOL, CALENDAR[1]))
            assert value == pytest.approx(sullivan(*rows), abs=1e-6)
        both = [[a + b for a, b in zip(m, f, strict=True)] for m, f in zip(self.MALE, self.FEMALE, strict=True)]
        value, _, _ = figure(engine.answer("ni_137", "p", HARTLEPOOL, CALENDAR[1]))
        assert value == pytest.approx(sullivan(*both), abs=1e-6)

    @pytest.mark.parametrize(
        ("area", "expected"),
        [
            (STOCKTON, (12, None, None)),
            (DARLINGTON, (None, "[z]", "zero_denominator")),
            (MIDDLESBROUGH, (None, "[c]", "suppressed")),
            (REDCAR, (None, "[x]", "incomplete_strata")),
        ],
    )
    def test_life_tables_by_hand(
        self, engine: Engine, area: str, expected: tuple[float | None, str | None, str | None]
    ) -> None:
        assert shown(engine.answer("ni_137", "m", area, CALENDAR[1])) == expected
