"""The truth behind made figures: near what was published, adding up, the same for the same seed."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.areas import ENGLAND, SEEDS, Geography
from sandbox.made.people import CITY_OF_LONDON, SCILLY
from sandbox.truth import Period, Truth
from sandbox.truth.chance import counted, mixed, normal, shared_out, unit
from sandbox.truth.periods import label
from sandbox.truth.rules import AGE_BANDS, RULES, read_rules

FY = ("2008-04-01", "2009-03-31")
ACADEMIC_2008, ACADEMIC_2009 = ("2007-09-01", "2008-08-31"), ("2008-09-01", "2009-08-31")
CALENDAR = ("2008-01-01", "2008-12-31")
PLACE = ("2008-09-29", "2008-12-19")
ETHNIC = [
    "aban",
    "aind",
    "aoth",
    "apkn",
    "bafr",
    "bcrb",
    "both",
    "chne",
    "moth",
    "mwas",
    "mwba",
    "mwbc",
    "ooth",
    "wiri",
    "wirt",
    "woth",
    "wrom",
]
# Made files that are older than the truth and have their own.
WITHOUT = {
    "campylobacter_cases", "co2_tonnes_domestic", "co2_tonnes_industry_and_commercial", "co2_tonnes_road_transport",
    "employment_rate_16_to_64_published", "fuel_poor_households", "fuel_poverty_households",
    "household_waste_recycled_pct_published", "household_waste_tonnes_collected", "household_waste_tonnes_recycled",
    "households_in_temporary_accommodation", "municipal_waste_landfilled_pct_published",
    "municipal_waste_tonnes_collected", "municipal_waste_tonnes_landfilled", "net_additions_per_1000_stock_published",
    "persistent_absence_pct_published", "residual_household_waste_kg_published", "road_casualties_ksi",
    "road_casualties_ksi_aged_0_15", "street_crimes_recorded", "weekly_pay_median_published",
}  # fmt: skip


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth(2008, Geography())


def _value(truth: Truth, measure: str, area: str, period: tuple[str, str], stratum: str = "") -> float:
    value = truth.value(measure, area, period, stratum)
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("numerator", "denominator", "multiplier", "period", "published"),
    [
        # Place Survey 2008, England: NI 5, 2, 4 and 6.
        ("survey_weight_satisfied_with_local_area", "survey_weight_base_satisfied_with_local_area", 100, PLACE, 80),
        ("survey_weight_belong_to_neighbourhood", "survey_weight_base_belong_to_neighbourhood", 100, PLACE, 59),
        ("survey_weight_influence_local_decisions", "survey_weight_base_influence_local_decisions", 100, PLACE, 29),
        ("survey_weight_regular_volunteering", "survey_weight_base_regular_volunteering", 100, PLACE, 23),
        # NI 55 and 56, 2008/09; NI 60, 2007/08; NI 64, 2007/08; NI 72, 2007/08; NI 75, both years; NI 84, 2007/08.
        ("children_reception_obese", "children_reception_measured", 100, ACADEMIC_2009, 9.6),
        ("children_year_6_obese", "children_year_6_measured", 100, ACADEMIC_2009, 18.3),
        ("core_assessments_within_35_working_days", "core_assessments_completed", 100,
         ("2007-04-01", "2008-03-31"), 80),
        ("child_protection_plans_ended_after_2_years", "child_protection_plans_ended", 100,
         ("2007-04-01", "2008-03-31"), 5),
        ("children_eyfs_78_points_and_6_in_psed_and_cll", "children_eyfs_assessed", 100, ACADEMIC_2008, 49),
        ("pupils_ks4_five_a_star_c_with_english_and_maths", "pupils_ks4_end", 100, ACADEMIC_2008, 47.2),
        ("pupils_ks4_five_a_star_c_with_english_and_maths", "pupils_ks4_end", 100, ACADEMIC_2009, 49.7),
        ("pupils_ks4_two_a_star_c_science", "pupils_ks4_end", 100, ACADEMIC_2008, 50),
        # NI 80, 2008/09; NI 113, 2008/09; NI 149, 2010/11; NI 160, 2008; NI 178 i, 2009/10.
        ("young_people_level3_by_19", "young_people_cohort_at_19", 100, ACADEMIC_2009, 51.4),
        ("chlamydia_tested_aged_15_24", "residents_aged_15_24", 100, FY, 15.9),
        ("adults_care_programme_approach_settled_accommodation", "adults_care_programme_approach", 100,
         ("2010-04-01", "2011-03-31"), 66.8),
        ("survey_weight_council_tenants_satisfied", "survey_weight_base_council_tenants_satisfied", 100,
         ("2008-09-01", "2008-12-31"), 75),
        ("bus_departures_non_frequent_on_time", "bus_departures_non_frequent_observed", 100,
         ("2009-04-01", "2010-03-31"), 80),
    ],
)  # fmt: skip
def test_england_lies_near_the_published_figure(
    truth: Truth, numerator: str, denominator: str, multiplier: int, period: tuple[str, str], published: float
) -> None:
    level = multiplier * _value(truth, numerator, ENGLAND, period) / _value(truth, denominator, ENGLAND, period)
    assert abs(level - published) < 1.5


@pytest.mark.parametrize(
    ("whole", "parts", "period"),
    [
        *(
            (
                f"pupils_aged_{ages}_travel_mode_recorded",
                [f"pupils_aged_{ages}_travel_{mode}" for mode in
                 ("car", "car_share", "cycling", "other", "public_transport", "walking")],
                ACADEMIC_2009,
            )
            for ages in ("5_10", "11_16")
        ),
        *(
            (f"pupils_{stage}_{whole}{suffix}", [f"pupils_{stage}_{part}{suffix}" for part in parts], ACADEMIC_2009)
            for stage, suffix in (
                ("ks2", ""), ("ks2", "_level4_english_and_maths"), ("ks4", ""),
                ("ks4", "_five_a_star_c_with_english_and_maths"),
            )
            for whole, parts in (("minority_ethnic", [f"ethnic_{group}" for group in ETHNIC]),)
        ),
        ("pupils_ks2_eligible", ["pupils_ks2_fsm", "pupils_ks2_not_fsm"], ACADEMIC_2009),
        ("pupils_ks2_eligible", ["pupils_ks2_sen", "pupils_ks2_not_sen"], ACADEMIC_2009),
        (
            "pupils_ks4_five_a_star_c_with_english_and_maths",
            [f"pupils_ks4_{group}_five_a_star_c_with_english_and_maths" for group in ("fsm", "not_fsm")],
            ACADEMIC_2009,
        ),
        (
            "pupils_ks2_level4_english_and_maths",
            [f"pupils_ks2_{group}_level4_english_and_maths" for group in ("sen", "not_sen")],
            ACADEMIC_2009,
        ),
        (
            "young_offenders_on_disposals_known_ethnicity",
            [f"young_offenders_on_disposals_{group}" for group in
             ("white", "mixed", "asian", "black", "chinese_or_other")],
            FY,
        ),
        (
            "residents_aged_10_17_all_ethnic_groups",
            [f"residents_aged_10_17_{group}" for group in ("white", "mixed", "asian", "black", "chinese_or_other")],
            FY,
        ),
        ("deaths_of_residents", ["deaths_all_causes_male_by_age", "deaths_all_causes_female_by_age"], CALENDAR),
    ],
)  # fmt: skip
def test_parts_add_up_to_the_whole_in_every_council(
    truth: Truth, whole: str, parts: list[str], period: tuple[str, str]
) -> None:
    for atom in truth.geography.atoms:
        assert sum(_value(truth, part, atom.code, period) for part in parts) == _value(truth, whole, atom.code, period)


def test_a_group_has_no_more_successes_than_pupils(truth: Truth) -> None:
    for atom in truth.geography.atoms:
        for group in [f"ethnic_{code}" for code in ETHNIC] + ["fsm", "sen", "not_fsm", "not_sen", "minority_ethnic"]:
            pupils = _value(truth, f"pupils_ks2_{group}", atom.code, ACADEMIC_2009)
            reached = _value(truth, f"pupils_ks2_{group}_level4_english_and_maths", atom.code, ACADEMIC_2009)
            assert 0 <= reached <= pupils, (atom.code, group)


def test_two_causes_of_death_are_never_more_than_all(truth: Truth) -> None:
    causes = ("deaths_circulatory_aged_0_74_by_age_and_sex", "deaths_cancer_aged_0_74_by_age_and_sex")
    assert truth.strata(causes[0]) == AGE_BANDS[:16]
    for atom in truth.geography.atoms:
        for band in AGE_BANDS[:16]:
            both = sum(_value(truth, cause, atom.code, CALENDAR, band) for cause in causes)
            assert both <= _value(truth, "deaths_all_causes_by_age_and_sex", atom.code, CALENDAR, band)


@pytest.mark.parametrize("area", [SCILLY, CITY_OF_LONDON, "E06000001", "E09000033"])
def test_no_share_leaves_its_base_even_in_the_smallest_places(truth: Truth, area: str) -> None:
    for measure_id, rule in truth.rules.items():
        if rule.kind != "share" or measure_id not in truth.measures or rule.base[0][1] not in truth.measures:
            continue
        period = truth.periods(measure_id)[-1]
        part, whole = truth.value(measure_id, area, period), truth.value(rule.base[0][1], area, period)
        if part is not None and whole is not None:
            assert 0 <= part <= whole, measure_id


def test_larger_places_are_sums_of_their_councils(truth: Truth) -> None:
    measure = "fly_tipping_incidents"
    # Cheshire East was made of Congleton, Crewe and Nantwich, and Macclesfield.
    parts = ["E07000014", "E07000015", "E07000017"]
    period = ("2009-04-01", "2010-03-31")
    assert _value(truth, measure, "E06000049", period) == sum(_value(truth, measure, part, period) for part in parts)
    regions = [f"E1200000{number}" for number in range(1, 10)]
    assert _value(truth, measure, ENGLAND, FY) == sum(_value(truth, measure, region, FY) for region in regions)
    # Wessex youth offending team: Hampshire, Isle of Wight, Portsmouth and Southampton.
    wessex = ["E10000014", "E06000046", "E06000044", "E06000045"]
    sentences = "court_sentences_young_people"
    assert _value(truth, sentences, "YOT09", FY) == sum(_value(truth, sentences, part, FY) for part in wessex)


def test_residents_are_those_of_the_population_file(truth: Truth, tmp_path: Path) -> None:
    from sandbox.made.population import write_ages

    write_ages(tmp_path / "ages.csv", truth.geography, truth.people)
    counts: Counter[str] = Counter()
    with (tmp_path / "ages.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["year"] == "2008" and row["gss_code"] == "E08000016":
                age, number = int(row["age"]), int(row["population"])
                counts["residents_all_ages"] += number
                counts["residents_aged_10_17"] += number * (10 <= age <= 17)
                counts["residents_female_aged_15_17"] += number * (15 <= age <= 17 and row["sex"] == "F")
                counts["residents_working_age"] += number * (16 <= age <= (64 if row["sex"] == "M" else 59))
                counts["85+"] += number * (age >= 85)
    day = ("2008-06-30", "2008-06-30")
    assert counts["85+"] == truth.value("residents_by_age_and_sex", "E08000016", day, "85+")
    del counts["85+"]
    assert {name: truth.value(name, "E08000016", day) for name in counts} == counts


def test_every_measure_of_the_catalogue_has_a_truth_but_those_of_older_files(truth: Truth) -> None:
    unknown = {measure for measure in truth.measures if not truth.knows(measure)}
    called_off = {measure for measure in unknown if truth.measures[measure].dataset_id == "asb_reporter_survey"}
    london = {measure for measure in unknown if measure.startswith("met_recorded_crimes_")}
    assert unknown - called_off - london == WITHOUT
    assert all(truth.periods(measure) == () for measure in called_off)


def test_values_do_not_depend_on_what_was_asked_before_or_on_the_process(truth: Truth) -> None:
    asked = [
        ("pupils_ks2_ethnic_apkn_level4_english_and_maths", "E10000017", ACADEMIC_2009),
        ("admissions_alcohol_related", "E10000014", FY),
        ("road_km_c_rci_100_or_more_grossed", ENGLAND, FY),
        ("score_disabled_children_feedback_care", "E06000001", ("2009-12-01", "2010-03-31")),
    ]
    first = [truth.value(*question) for question in asked]
    again = Truth(2008, Geography())
    assert [again.value(*question) for question in reversed(asked)] == first[::-1]
    other = Truth(2009, Geography())
    assert all(other.value(*question) != value for question, value in zip(asked[:3], first[:3], strict=True))
    script = (
        "from sandbox.areas import Geography; from sandbox.truth import Truth;"
        f"t = Truth(2008, Geography()); print([t.value(*q) for q in {asked!r}])"
    )
    root = Path(__file__).parents[2]
    for hashing in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hashing}
        out = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, env=environment, cwd=root, check=True
        )
        assert out.stdout.strip() == repr(first)


def test_a_year_is_the_sum_of_its_quarters_and_a_mean_of_its_months(truth: Truth) -> None:
    area = "E06000021"
    quarters = [("2008-04-01", "2008-06-30"), ("2008-07-01", "2008-09-30"), ("2008-10-01", "2008-12-31"),
                ("2009-01-01", "2009-03-31")]  # fmt: skip
    total = sum(_value(truth, "planning_decisions_other", area, quarter) for quarter in quarters)
    assert truth.rolled("planning_decisions_other", area, FY) == total
    months = [("2008-11-01", "2008-11-30"), ("2008-12-01", "2008-12-31"), ("2009-01-01", "2009-01-31")]
    neet = [_value(truth, "young_people_aged_16_18_neet_adjusted", area, month) for month in months]
    rolled = truth.rolled("young_people_aged_16_18_neet_adjusted", area, ("2008-11-01", "2009-01-31"))
    assert rolled == pytest.approx(sum(neet) / 3)


def test_what_ended_or_had_not_begun_has_no_value(truth: Truth) -> None:
    assert truth.value("pupils_ks3_eligible", ENGLAND, ACADEMIC_2008)
    assert truth.value("pupils_ks3_eligible", ENGLAND, ACADEMIC_2009) is None
    assert truth.periods("pupils_ks3_eligible")[-1] == ACADEMIC_2008
    assert truth.value("victims_serious_sexual_offence", ENGLAND, FY) is None
    assert truth.periods("conceptions_under_18")[0] == Period("1998-01-01", "1998-12-31")
    held = [
        area.code
        for area in truth.geography.at("2009-03-31", ("unitary", "county", "metropolitan_district", "london_borough"))
        if truth.value("score_disabled_children_feedback_care", area.code, ("2008-12-01", "2009-03-31")) is not None
    ]
    assert len(held) == 30


def test_small_counts_of_people_are_hidden_and_nothing_else(truth: Truth) -> None:
    measure, seen = "pupils_ks4_ethnic_wirt", set()
    for atom in truth.geography.atoms:
        value = _value(truth, measure, atom.code, ACADEMIC_2009)
        assert truth.is_suppressed(measure, atom.code, ACADEMIC_2009) == (0 < value < 6)
        seen.add(value)
    assert {0, 1} <= seen
    assert not truth.is_suppressed(measure, "E12000001", ACADEMIC_2009)
    # Fires and crimes are printed whatever their number.
    assert not any(truth.is_suppressed("fire_fatalities_primary", atom.code, FY) for atom in truth.geography.atoms)


def test_two_bodies_are_late_and_a_few_councils_forget(truth: Truth) -> None:
    assert truth.is_late("local_sites", "E06000001", ("2010-04-01", "2011-03-31"))
    assert truth.is_late("school_travel", ENGLAND, ("2009-09-01", "2010-08-31"))
    assert not truth.is_late("local_sites", "E06000001", ("2009-04-01", "2010-03-31"))
    missing = [a.code for a in truth.geography.atoms if truth.is_late("climate_adaptation", a.code, FY)]
    assert 0 < len(missing) < 12


def test_trusts_together_are_england_and_councils_have_what_their_trusts_have(truth: Truth) -> None:
    period, measure = ("2008-07-01", "2008-09-30"), "women_maternities"
    trusts = truth.trusts.on(period[1])
    assert len(trusts) == 152
    assert sum(_value(truth, measure, trust, period) for trust in trusts) == _value(truth, measure, ENGLAND, period)
    # Nottinghamshire is Bassetlaw and Nottinghamshire County, wholly; Thurrock is 0.3888 of South West Essex.
    parts = [_value(truth, measure, trust, period) for trust in ("E16000023", "E16000081")]
    assert _value(truth, measure, "E10000024", period) == sum(parts)
    assert _value(truth, measure, "E06000034", period) == pytest.approx(
        0.3888 * _value(truth, measure, "E16000131", period)
    )


@pytest.mark.parametrize(
    ("period", "style", "text"),
    [
        (FY, "financial_year", "2008/09"),
        (("1999-04-01", "2000-03-31"), "financial_year", "1999/00"),
        (CALENDAR, "calendar_year", "2008"),
        (("2009-01-01", "2009-03-31"), "quarter", "2008/09 Q4"),
        (("2008-04-01", "2008-06-30"), "quarter", "2008/09 Q1"),
        (("2008-12-01", "2009-03-31"), "survey_tranche", "2008/09 T3"),
        (("2008-11-01", "2008-11-30"), "month", "2008-11"),
        (("2008-03-31", "2008-04-06"), "week", "2008-04-06"),
        (FY, "month_span", "Apr 2008-Mar 2009"),
        (("2008-06-30", "2008-06-30"), "mid_year", "2008"),
    ],
)
def test_periods_are_written_as_bodies_write_them(period: tuple[str, str], style: str, text: str) -> None:
    assert label(period, style) == text


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("a,guess,b,1" + "," * 13, "line 2, a: the rule is 'guess'"),
        ("a,people,10-17,1" + "," * 13, "line 2, a: the base is '10-17'"),
        ("a,share,nowhere,1" + "," * 13, "no rule: nowhere"),
        ("a,number,,many" + "," * 13, "line 2, a: could not convert"),
    ],
)
def test_a_rule_that_cannot_be_read_is_named(tmp_path: Path, row: str, complaint: str) -> None:
    header = RULES.read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "measures.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=complaint.replace("'", ".")):
        read_rules(path=tmp_path / "measures.csv")


def test_the_rules_are_sorted_and_name_only_what_there_is() -> None:
    with RULES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["measure_id"] for row in rows] == sorted(row["measure_id"] for row in rows)
    with (SEEDS / "measures.csv").open(encoding="utf-8", newline="") as file:
        catalogue = {row["measure_id"] for row in csv.DictReader(file)}
    for row in rows:
        assert (row["measure_id"] in catalogue) is not row["note"].startswith("helper"), row["measure_id"]


@given(
    st.lists(st.tuples(st.just(0.0) | st.floats(0.001, 1_000), st.integers(0, 500)), min_size=1, max_size=20),
    st.floats(0, 1),
)
def test_sharing_out_loses_nothing_and_keeps_limits(parts: list[tuple[float, int]], filled: float) -> None:
    weights, limits = [weight for weight, _ in parts], [limit for _, limit in parts]
    amount = int(sum(limits) * filled)
    shared = shared_out(amount, weights, limits)
    assert sum(shared) == amount
    assert all(0 <= part <= limit for part, limit in zip(shared, limits, strict=True))
    with pytest.raises(ValueError, match="does not fit"):
        shared_out(sum(limits) + 1, weights, limits)


@pytest.mark.parametrize("mean", [0.2, 3.0, 25.0, 300.0])
def test_counts_have_the_mean_and_spread_of_chance(mean: float) -> None:
    drawn = [counted(mixed(7, number), mean) for number in range(20_000)]
    average = sum(drawn) / len(drawn)
    spread = sum((one - average) ** 2 for one in drawn) / len(drawn)
    # Of a Poisson count the variance equals the mean.
    assert average == pytest.approx(mean, rel=0.03)
    assert spread == pytest.approx(mean, rel=0.06)


def test_draws_fill_their_range_evenly() -> None:
    keys = [mixed(11, number) for number in range(20_000)]
    tenths = Counter(int(unit(key) * 10) for key in keys)
    assert all(1_800 < count < 2_200 for count in tenths.values())
    inside = sum(abs(normal(key)) < 1 for key in keys) / len(keys)
    assert inside == pytest.approx(0.6827, abs=0.01)
