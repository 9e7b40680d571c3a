"""Checks that the seeds of areas and of the catalogue are complete, sorted and consistent."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
LAST_DAY_OF_2008_09 = date(2009, 3, 31)
FIRST_DAY_OF_2009_10 = date(2009, 4, 1)

Row = dict[str, str]


@cache
def rows_of(name: str) -> list[Row]:
    """Read one seed as a list of rows, each a mapping from column to text."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def properties() -> dict[str, dict[str, Any]]:
    """Read the seed properties, by name of the seed."""
    documents = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in SEEDS.glob("_*.yml"))
    return {entry["name"]: entry for document in documents for entry in document["seeds"]}


def in_force(row: Row, day: date) -> bool:
    """Say whether a dated row holds on one day; an empty date is an open end."""
    starts = date.fromisoformat(row["valid_from"]) if row["valid_from"] else date.min
    ends = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
    return starts <= day <= ends


def overlap(one: Row, other: Row) -> bool:
    """Say whether two dated rows hold on a common day."""
    starts = max(one["valid_from"] or "0000-00-00", other["valid_from"] or "0000-00-00")
    ends = min(one["valid_to"] or "9999-99-99", other["valid_to"] or "9999-99-99")
    return starts <= ends


SEED_NAMES = sorted(path.stem for path in SEEDS.glob("*.csv"))


@pytest.fixture(scope="module")
def areas() -> dict[str, Row]:
    """Give every area by its code."""
    return {row["area_code"]: row for row in rows_of("areas")}


# The figures below are those the reference material and the history of the framework give, not counts of
# the files: 150 agreement areas, 152 upper tiers after April 2009, 354 and 326 lowest-tier authorities.
@pytest.mark.parametrize(
    ("area_set", "expected"),
    [("laa_2008", 150), ("utla_2009", 152), ("lad_2008", 354), ("lad_2009", 326)],
)
def test_area_sets_have_the_published_number_of_areas(area_set: str, expected: int) -> None:
    members = [row["area_code"] for row in rows_of("area_sets") if row["area_set"] == area_set]
    assert len(members) == len(set(members)) == expected


def test_agreement_areas_are_of_the_published_kinds(areas: dict[str, Row]) -> None:
    members = [row["area_code"] for row in rows_of("area_sets") if row["area_set"] == "laa_2008"]
    kinds = Counter(areas[code]["area_type"] for code in members)
    # The Isles of Scilly are the one "district": a council of their own kind, with the tasks of a county.
    assert kinds == {
        "county": 34,
        "unitary": 46,
        "metropolitan_district": 36,
        "london_borough": 33,
        "district": 1,
    }


@pytest.mark.parametrize(
    ("area_type", "expected"),
    [("country", 1), ("region", 9), ("maa", 7), ("county", 34), ("police_force", 39), ("waste_authority", 8)],
)
def test_areas_hold_every_one_of_a_kind(areas: dict[str, Row], area_type: str, expected: int) -> None:
    assert sum(row["area_type"] == area_type for row in areas.values()) == expected


def test_areas_in_force_match_the_lists_of_their_day(areas: dict[str, Row]) -> None:
    lowest = {"unitary", "district", "metropolitan_district", "london_borough"}
    for area_set, day in (("lad_2008", LAST_DAY_OF_2008_09), ("lad_2009", FIRST_DAY_OF_2009_10)):
        listed = {row["area_code"] for row in rows_of("area_sets") if row["area_set"] == area_set}
        living = {code for code, row in areas.items() if row["area_type"] in lowest and in_force(row, day)}
        assert listed == living, area_set


def test_indicators_are_the_199_with_196_in_the_set() -> None:
    indicators = rows_of("indicators")
    assert [int(row["ni"]) for row in indicators] == list(range(1, 200))
    assert all(row["indicator_id"] == f"ni_{int(row['ni']):03d}" for row in indicators)
    outside = {int(row["ni"]) for row in indicators if row["set_status"] != "in_set"}
    assert outside == {24, 25, 31}
    assert sum(row["place_survey"] == "yes" for row in indicators) == 18
    assert sum(row["statutory_education_target"] == "yes" for row in indicators) == 16


def test_framework_names_an_area_set_that_exists() -> None:
    sets = {row["area_set"] for row in rows_of("area_sets")}
    frameworks = rows_of("frameworks")
    assert [row["framework_id"] for row in frameworks] == ["nis_2008"]
    assert {row["area_set"] for row in frameworks} <= sets
    assert frameworks[0]["max_designated_priorities"] == "35"
    assert {row["framework_id"] for row in rows_of("indicators")} == {"nis_2008"}


@pytest.mark.parametrize("name", SEED_NAMES)
def test_seed_is_described_and_sorted_by_its_key(name: str) -> None:
    described = properties()
    assert name in described, f"{name}.csv has no entry in {SEEDS / '_seeds.yml'}: describe it and name its key"
    key: list[str] = described[name]["config"]["meta"]["key"]
    keys = [tuple(row[column] for column in key) for row in rows_of(name)]
    for line, (before, after) in enumerate(pairwise(keys), start=3):
        assert before < after, f"{name}.csv line {line}: {after} must come after {before} and not repeat it"


@pytest.mark.parametrize("name", SEED_NAMES)
def test_seed_has_the_columns_its_properties_declare(name: str) -> None:
    entry = properties()[name]
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        header = next(csv.reader(handle))
    assert [column["name"] for column in entry["columns"]] == header
    assert list(entry["config"]["column_types"]) == header
    assert all(column["description"] for column in entry["columns"])


@pytest.mark.parametrize("name", SEED_NAMES)
def test_seed_is_plain_utf8_with_unix_line_ends(name: str) -> None:
    content = (SEEDS / f"{name}.csv").read_bytes()
    content.decode("utf-8")
    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.endswith(b"\n")


@pytest.mark.parametrize("name", SEED_NAMES)
def test_dates_are_iso_and_in_order(name: str) -> None:
    dated = [column for column, kind in properties()[name]["config"]["column_types"].items() if kind == "date"]
    for line, row in enumerate(rows_of(name), start=2):
        for column in dated:
            if row[column]:
                assert date.fromisoformat(row[column]).isoformat() == row[column], f"{name}.csv line {line}"
        if {"valid_from", "valid_to"} <= row.keys() and row["valid_from"] and row["valid_to"]:
            assert row["valid_from"] <= row["valid_to"], f"{name}.csv line {line}"


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("area_aliases", ["area_code"]),
        ("area_bridges", ["area_code", "body_area"]),
        ("area_changes", ["from_code", "to_code"]),
        ("area_memberships", ["area_code", "parent_code"]),
        ("area_sets", ["area_code"]),
    ],
)
def test_every_code_used_is_an_area(areas: dict[str, Row], name: str, columns: list[str]) -> None:
    unknown = {row[column] for row in rows_of(name) for column in columns} - areas.keys()
    assert unknown == set()


def test_parents_are_of_the_kind_they_are_said_to_be(areas: dict[str, Row]) -> None:
    for row in rows_of("area_memberships"):
        assert areas[row["parent_code"]]["area_type"] == row["parent_kind"], row


def test_membership_lies_within_the_life_of_both_areas(areas: dict[str, Row]) -> None:
    for row in rows_of("area_memberships"):
        child, parent = areas[row["area_code"]], areas[row["parent_code"]]
        assert row["valid_from"] >= child["valid_from"], row
        assert not child["valid_to"] or "" < row["valid_to"] <= child["valid_to"], row
        assert row["valid_from"] >= parent["valid_from"], row


@pytest.mark.parametrize("kind", ["county", "region", "police_force", "country", "csp", "yot"])
def test_no_area_has_two_parents_of_a_kind_on_one_day(kind: str) -> None:
    by_area: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of("area_memberships"):
        if row["parent_kind"] == kind:
            by_area[row["area_code"]].append(row)
    assert by_area
    for code, found in by_area.items():
        assert not any(overlap(one, other) for one, other in combinations(found, 2)), code


def test_every_agreement_area_has_a_region_on_31_march_2009(areas: dict[str, Row]) -> None:
    regions = {
        row["area_code"]: row["parent_code"]
        for row in rows_of("area_memberships")
        if row["parent_kind"] == "region" and in_force(row, LAST_DAY_OF_2008_09)
    }
    members = [row["area_code"] for row in rows_of("area_sets") if row["area_set"] == "laa_2008"]
    assert set(members) <= regions.keys()
    assert all(areas[code]["region_code"] == regions[code] for code in members)
    # London holds the 32 boroughs and the City; the North East held 12 agreement areas.
    assert Counter(regions[code] for code in members)["E12000007"] == 33
    assert Counter(regions[code] for code in members)["E12000001"] == 12


def test_every_district_but_scilly_has_a_county_while_it_lives(areas: dict[str, Row]) -> None:
    with_county = {row["area_code"] for row in rows_of("area_memberships") if row["parent_kind"] == "county"}
    districts = {code for code, row in areas.items() if row["area_type"] == "district"}
    assert districts - with_county == {"E07000025"}
    assert with_county <= districts


def test_successor_begins_the_day_after_its_predecessor_ends(areas: dict[str, Row]) -> None:
    for row in rows_of("area_changes"):
        ended = date.fromisoformat(areas[row["from_code"]]["valid_to"])
        began = date.fromisoformat(areas[row["to_code"]]["valid_from"])
        assert (date.fromisoformat(row["changed_on"]) - ended).days == 1, row
        assert began == date.fromisoformat(row["changed_on"]), row


def test_only_a_split_has_more_than_one_successor() -> None:
    successors: dict[str, list[str]] = defaultdict(list)
    for row in rows_of("area_changes"):
        successors[row["from_code"]].append(row["kind"])
    for code, kinds in successors.items():
        assert kinds == ["split"] * len(kinds) if len(kinds) > 1 else kinds[0] in {"recode", "merge"}, code


@pytest.mark.parametrize(
    ("from_code", "to_code", "kind"),
    [
        ("E07000002", "E06000055", "recode"),  # Bedford became a unitary in its own bounds.
        ("E10000010", "E06000047", "recode"),  # County Durham took over from its county council.
        ("E08000020", "E08000037", "recode"),  # Gateshead, a boundary change of 2013.
        ("E07000157", "E06000048", "merge"),  # Alnwick went into Northumberland.
        ("E10000004", "E06000049", "split"),  # Cheshire was cut in two.
    ],
)
def test_known_reorganisations(from_code: str, to_code: str, kind: str) -> None:
    kinds = {(row["from_code"], row["to_code"]): row["kind"] for row in rows_of("area_changes")}
    assert kinds[(from_code, to_code)] == kind


def test_alias_means_one_area_of_a_type_on_any_day(areas: dict[str, Row]) -> None:
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows_of("area_aliases"):
        area_type = areas[row["area_code"]]["area_type"]
        groups[(row["alias_kind"], row["alias"].casefold(), area_type)].append(row)
    for key, found in groups.items():
        different = [pair for pair in combinations(found, 2) if pair[0]["area_code"] != pair[1]["area_code"]]
        assert not any(overlap(one, other) for one, other in different), key


@pytest.mark.parametrize(
    ("kind", "alias", "day", "area_type", "expected"),
    [
        ("name", "Bedford", LAST_DAY_OF_2008_09, "district", "E07000002"),
        ("name", "Bedford", FIRST_DAY_OF_2009_10, "unitary", "E06000055"),
        ("name", "Northumberland", LAST_DAY_OF_2008_09, "county", "E10000022"),
        ("name", "Northumberland", FIRST_DAY_OF_2009_10, "unitary", "E06000048"),
        ("name", "Shepway", FIRST_DAY_OF_2009_10, "district", "E07000112"),
        ("name", "Folkestone and Hythe", FIRST_DAY_OF_2009_10, "district", "E07000112"),
        ("old_ons", "09UD", LAST_DAY_OF_2008_09, "district", "E07000002"),
        ("old_ons", "00KB", FIRST_DAY_OF_2009_10, "unitary", "E06000055"),
        ("old_ons", "24", LAST_DAY_OF_2008_09, "county", "E10000014"),
    ],
)
def test_known_aliases(areas: dict[str, Row], kind: str, alias: str, day: date, area_type: str, expected: str) -> None:
    found = [
        row["area_code"]
        for row in rows_of("area_aliases")
        if row["alias_kind"] == kind
        and row["alias"] == alias
        and in_force(row, day)
        and areas[row["area_code"]]["area_type"] == area_type
    ]
    assert found == [expected]


def test_agreements_of_several_areas_count_no_territory_twice(areas: dict[str, Row]) -> None:
    memberships = rows_of("area_memberships")
    counties = {row["area_code"]: row["parent_code"] for row in memberships if row["parent_kind"] == "county"}
    by_agreement: dict[str, set[str]] = defaultdict(set)
    for row in memberships:
        if row["parent_kind"] == "maa" and in_force(row, LAST_DAY_OF_2008_09):
            by_agreement[row["parent_code"]].add(row["area_code"])
    assert len(by_agreement) == 7
    for agreement, members in by_agreement.items():
        assert not any(counties.get(code) in members for code in members), agreement
    names = {areas[code]["area_name"]: members for code, members in by_agreement.items()}
    assert len(names["Greater Manchester"]) == 10
    assert len(names["Tees Valley"]) == 5


# Weights and counts that were published: the European standard population of 1976 and the set of 2008.
@pytest.mark.parametrize(
    ("standard", "strata", "total"),
    [("european_1976", 19, 100_000), ("european_1976_under_75", 16, 96_000), ("england_18_and_over", 4, 40_520_000)],
)
def test_standard_populations_have_their_published_totals(standard: str, strata: int, total: int) -> None:
    weights = [int(row["weight"]) for row in rows_of("standard_populations") if row["standard_population"] == standard]
    assert (len(weights), sum(weights)) == (strata, total)


@pytest.mark.parametrize(
    ("measure", "ages"),
    [
        ("residents_all_ages", range(121)),
        ("residents_by_age_and_sex", range(121)),
        ("residents_male_by_age", range(121)),
        ("residents_aged_0_74_by_age_and_sex", range(75)),
        ("residents_aged_18_and_over_by_care_age_band", range(18, 121)),
        ("residents_female_aged_15_17", range(15, 18)),
    ],
)
def test_age_groups_hold_each_age_once(measure: str, ages: range) -> None:
    spans = [row for row in rows_of("age_groups") if row["measure_id"] == measure]
    held = [age for row in spans for age in ages if int(row["age_from"]) <= age <= int(row["age_to"])]
    assert sorted(held) == list(ages)
    assert min(int(row["age_from"]) for row in spans) == ages.start


def test_every_indicator_of_the_set_rests_on_datasets_of_a_body() -> None:
    datasets = {row["dataset_id"]: row["body"] for row in rows_of("datasets")}
    assert all(datasets[row["dataset_id"]] for row in rows_of("measures"))
    with_component = {row["indicator_id"] for row in rows_of("indicator_components")}
    in_set = {row["indicator_id"] for row in rows_of("indicators") if row["set_status"] == "in_set"}
    assert len(in_set) == 196
    assert in_set <= with_component


def test_published_figures_agree_with_the_counts_printed_beside_them() -> None:
    multipliers = {
        (row["indicator_id"], row["component"]): Decimal(row["multiplier"]) for row in rows_of("indicator_components")
    }
    both = [row for row in rows_of("published_figures") if row["numerator"] and row["denominator"]]
    # NI 59 and 60 of the press notices of 2008, NI 75 of the answer in Parliament of 17 April 2007.
    assert [row["value"] for row in both] == ["68", "80", "44.9", "45.8"]
    for row in both:
        value = Decimal(row["value"])
        unit = Decimal(1).scaleb(int(value.as_tuple().exponent))
        exact = (
            multipliers[row["indicator_id"], row["component"]] * Decimal(row["numerator"]) / Decimal(row["denominator"])
        )
        assert abs(exact - value) <= unit / 2, row


def test_shares_and_gaps_are_sets_of_parts() -> None:
    sets = {(row["indicator_id"], row["set_id"]): row for row in rows_of("part_sets")}
    assert {key: row["total"] for key, row in sets.items()} == {
        ("ni_044", "gaps"): "0",
        ("ni_044", "offenders"): "100",
        ("ni_044", "population"): "100",
        ("ni_198", "11_16_modes"): "100",
        ("ni_198", "5_10_modes"): "100",
    }
    assert [len(row["components"].split("+")) for row in sets.values()] == [5, 5, 5, 6, 6]
