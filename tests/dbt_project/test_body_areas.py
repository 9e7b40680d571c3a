"""The areas of other bodies reach every council: partnerships, teams, trusts, numbers of the education department.

What is expected comes from published lists and totals, or was counted by hand; councils are told apart by the 354
lowest-tier ones of 31 March 2009, put together here without the warehouse.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"

# The first and the last day of the data, and both sides of each day on which an area of a body changed.
DAYS = [
    date(2004, 4, 1),
    date(2004, 6, 30),
    date(2004, 7, 1),
    date(2008, 3, 31),
    date(2008, 4, 1),
    date(2009, 3, 31),
    date(2009, 4, 1),
    date(2009, 11, 30),
    date(2009, 12, 1),
    date(2010, 3, 31),
    date(2010, 4, 1),
    date(2011, 3, 31),
]
LAST_OF_THE_COUNTIES = date(2009, 3, 31)
FIRST_OF_THE_UNITARIES = date(2009, 4, 1)

Row = dict[str, str]


@cache
def rows_of(name: str) -> list[Row]:
    """Read one seed."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def holds(row: Row, day: date) -> bool:
    """Say whether a dated row holds on a day."""
    return (row["valid_from"] or "0000") <= day.isoformat() <= (row["valid_to"] or "9999")


@cache
def area_set(name: str) -> frozenset[str]:
    """Codes of a named list."""
    return frozenset(row["area_code"] for row in rows_of("area_sets") if row["area_set"] == name)


def upper_tiers(day: date) -> frozenset[str]:
    """Councils of the upper tier on a day: 150 until March 2009, 152 from April."""
    return area_set("laa_2008" if day <= LAST_OF_THE_COUNTIES else "utla_2009")


@cache
def ground(code: str) -> frozenset[str]:
    """Lowest-tier councils of 31 March 2009 inside an area."""
    if code in area_set("lad_2008"):
        return frozenset({code})
    inside = {row["area_code"] for row in rows_of("area_memberships") if row["parent_code"] == code}
    inside |= {row["from_code"] for row in rows_of("area_changes") if row["to_code"] == code and row["kind"] != "split"}
    return frozenset().union(*(ground(part) for part in inside))


def reporting(kind: str, scheme: str, day: date) -> set[str]:
    """Areas under which a body reports on a day: councils by their aliases, and areas of its own."""
    councils = {row["area_code"] for row in rows_of("area_aliases") if row["alias_kind"] == scheme and holds(row, day)}
    return councils | {row["area_code"] for row in rows_of("areas") if row["area_type"] == kind and holds(row, day)}


def alias(kind: str, text: str, day: date) -> list[str]:
    """Areas an alias names on a day."""
    return [
        row["area_code"]
        for row in rows_of("area_aliases")
        if (row["alias_kind"], row["alias"]) == (kind, text) and holds(row, day)
    ]


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(("kind", "scheme"), [("csp", "csp_name"), ("yot", "yot_name")])
def test_partnerships_and_teams_cover_england_once(kind: str, scheme: str, day: date) -> None:
    covered = Counter(atom for code in reporting(kind, scheme, day) for atom in ground(code))
    assert covered.keys() == area_set("lad_2008")
    assert {code: count for code, count in covered.items() if count > 1} == {}


def test_joint_partnerships_are_those_of_the_lookup_of_2024() -> None:
    # From the ONS look-up of councils and partnerships of 2024; of the ten that began by 2011 these still exist.
    expected = {
        "South Nottinghamshire": {"Broxtowe", "Gedling", "Rushcliffe"},
        "South Warwickshire": {"Stratford-on-Avon", "Warwick"},
        "Dartford and Gravesham": {"Dartford", "Gravesham"},
        "East and Mid Devon": {"East Devon", "Mid Devon"},
        "North Devon": {"North Devon", "Torridge"},
        "South Devon and Dartmoor": {"South Hams", "Teignbridge", "West Devon"},
        "South Worcester": {"Malvern Hills", "Worcester", "Wychavon"},
    }
    names = {row["area_code"]: row["area_name"] for row in rows_of("areas")}
    members: dict[str, set[str]] = defaultdict(set)
    for row in rows_of("area_memberships"):
        if row["parent_kind"] == "csp":
            members[names[row["parent_code"]]].add(names[row["area_code"]])
    assert len(members) == 10
    assert {name: found for name, found in members.items() if name in expected} == expected


def test_some_partnerships_went_on_after_their_council() -> None:
    # The seven of County Durham reported until March 2010, a year after the districts had gone.
    year_after = date(2010, 3, 31)
    assert alias("csp_name", "Derwentside", year_after) == ["E07000055"]
    assert alias("csp_name", "County Durham", year_after) == []
    assert alias("csp_name", "County Durham", date(2010, 4, 1)) == ["E06000047"]
    # Those of Cheshire ended with their districts.
    assert alias("csp_name", "Vale Royal", year_after) == []
    assert alias("csp_name", "Cheshire East", year_after) == ["E06000049"]


def test_youth_offending_teams_are_as_many_as_there_were() -> None:
    # England and Wales had 157, and 18 of them were in Wales.
    assert len(reporting("yot", "yot_name", LAST_OF_THE_COUNTIES)) == 157 - 18


@pytest.mark.parametrize(
    ("team", "members"),
    [
        ("Wessex", {"Hampshire", "Isle of Wight", "Portsmouth", "Southampton"}),
        ("South Tees", {"Middlesbrough", "Redcar and Cleveland"}),
        ("Tower Hamlets and City of London", {"Tower Hamlets", "City of London"}),
        ("Bedfordshire", {"Bedford", "Central Bedfordshire"}),
    ],
)
def test_known_joint_teams(team: str, members: set[str]) -> None:
    areas = {row["area_code"]: row for row in rows_of("areas")}
    (code,) = (code for code, row in areas.items() if row["area_type"] == "yot" and row["area_name"] == team)
    found = [row["area_code"] for row in rows_of("area_memberships") if row["parent_code"] == code]
    assert sorted(areas[member]["area_name"] for member in found) == sorted(members)


@pytest.mark.parametrize("day", DAYS)
def test_every_upper_tier_has_one_number_of_the_education_department(day: date) -> None:
    numbers = Counter(
        row["area_code"] for row in rows_of("area_aliases") if row["alias_kind"] == "dfe_la" and holds(row, day)
    )
    assert numbers == dict.fromkeys(upper_tiers(day), 1)
    assert all(
        len(row["alias"]) == 3 and row["alias"].isdigit()
        for row in rows_of("area_aliases")
        if row["alias_kind"] == "dfe_la"
    )


@pytest.mark.parametrize(
    ("number", "day", "expected"),
    [
        # From the education department's own list of local authorities.
        ("370", LAST_OF_THE_COUNTIES, ["E08000016"]),  # Barnsley
        ("201", LAST_OF_THE_COUNTIES, ["E09000001"]),  # City of London
        ("420", LAST_OF_THE_COUNTIES, ["E07000025"]),  # Isles of Scilly
        ("420", FIRST_OF_THE_UNITARIES, ["E06000053"]),
        ("836", LAST_OF_THE_COUNTIES, ["E06000029"]),  # Poole
        ("837", LAST_OF_THE_COUNTIES, ["E06000028"]),  # Bournemouth
        ("820", LAST_OF_THE_COUNTIES, ["E10000001"]),  # Bedfordshire
        ("820", FIRST_OF_THE_UNITARIES, []),
        ("823", FIRST_OF_THE_UNITARIES, ["E06000056"]),  # Central Bedfordshire
        ("875", LAST_OF_THE_COUNTIES, ["E10000004"]),  # Cheshire
        ("895", FIRST_OF_THE_UNITARIES, ["E06000049"]),  # Cheshire East
        ("840", LAST_OF_THE_COUNTIES, ["E10000010"]),  # Durham
        ("840", FIRST_OF_THE_UNITARIES, ["E06000047"]),
        ("921", FIRST_OF_THE_UNITARIES, ["E06000046"]),  # Isle of Wight; England among the old ONS codes
    ],
)
def test_known_numbers_of_the_education_department(number: str, day: date, expected: list[str]) -> None:
    assert alias("dfe_la", number, day) == expected


def trusts(day: date) -> set[str]:
    """Primary care trusts on a day, by code; England's own row is none."""
    single = {
        row["alias"]
        for row in rows_of("area_aliases")
        if row["alias_kind"] == "pct" and row["alias"] != "E92000001" and holds(row, day)
    }
    return single | {row["area_code"] for row in rows_of("areas") if row["area_type"] == "pct" and holds(row, day)}


def test_primary_care_trusts_are_as_many_as_there_were() -> None:
    assert len(trusts(LAST_OF_THE_COUNTIES)) == 152
    # The two of Hertfordshire became one in April 2010.
    assert len(trusts(date(2010, 4, 1))) == 151


@pytest.mark.parametrize("day", DAYS)
def test_trusts_reach_every_upper_tier(day: date) -> None:
    bridged = [row for row in rows_of("area_bridges") if row["scheme"] == "pct" and holds(row, day)]
    targets = {row["area_code"] for row in bridged}
    single = reporting("", "pct", day) - {"E92000001"}
    assert targets & single == set()
    assert targets | single == upper_tiers(day)
    assert {row["body_area"] for row in bridged} == {
        row["area_code"] for row in rows_of("areas") if row["area_type"] == "pct" and holds(row, day)
    }


@pytest.mark.parametrize("day", DAYS)
def test_nobody_is_lost_between_trusts_and_councils(day: date) -> None:
    of_trust: dict[str, Decimal] = defaultdict(Decimal)
    of_council: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows_of("area_bridges"):
        if holds(row, day):
            of_trust[row["body_area"]] += Decimal(row["weight"])
            of_council[row["area_code"]] += Decimal(row["mean_weight"])
    assert set(of_trust.values()) == set(of_council.values()) == {Decimal(1)}


# Usual residents of the Census of March 2011, as published; the seed rests on the estimates of mid-2011.
@pytest.mark.parametrize(
    ("trust", "council", "people", "other_people"),
    [
        ("Halton and St Helens", "Halton", 125_746, 175_308),
        ("Sutton and Merton", "Sutton", 190_146, 199_693),
        ("Bournemouth and Poole Teaching", "Poole", 147_645, 183_491),
        ("Great Yarmouth and Waveney", "Suffolk", 115_254, 97_277),
        ("Leicestershire County and Rutland", "Rutland", 37_369, 650_489),
    ],
)
def test_weights_follow_the_census(trust: str, council: str, people: int, other_people: int) -> None:
    names = {row["area_code"]: row["area_name"] for row in rows_of("areas")}
    (weight,) = (
        float(row["weight"])
        for row in rows_of("area_bridges")
        if (names[row["body_area"]], names[row["area_code"]]) == (trust, council)
    )
    assert weight == pytest.approx(people / (people + other_people), abs=0.002)


def test_every_force_is_found_by_the_home_office_name() -> None:
    names = {row["area_name"] for row in rows_of("areas") if row["area_type"] == "police_force"}
    names |= {row["alias"] for row in rows_of("area_aliases") if row["alias_kind"] == "police_force_name"}
    # As the open data tables of recorded crime write them.
    assert {"Metropolitan Police", "Avon and Somerset", "Devon and Cornwall", "London, City of"} <= names


def test_multi_area_agreements_are_the_seven_of_the_first_wave() -> None:
    names = {row["area_name"] for row in rows_of("areas") if row["area_type"] == "maa"}
    assert names == {
        "Bournemouth, Dorset and Poole",
        "Greater Manchester",
        "Leeds City Region",
        "Partnership for Urban South Hampshire (PUSH)",
        "South Yorkshire",
        "Tees Valley",
        "Tyne and Wear",
    }
