"""Checks the models of areas on a warehouse that holds nothing else: what a code means, and what an area is made of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from psycopg import Connection

from ingest import database, processes
from tests.warehouse.prepared import Prepared

pytestmark = pytest.mark.warehouse

SEEDS = ("areas", "area_aliases", "area_bridges", "area_changes", "area_levels", "area_memberships", "area_sets")
LAST_OF_THE_COUNTIES = date(2009, 3, 31)
FIRST_OF_THE_UNITARIES = date(2009, 4, 1)


@pytest.fixture(scope="module")
def areas(prepared: Prepared) -> Iterator[Connection]:
    """A connection to a warehouse where dbt has built the areas and found them sound."""
    settings = prepared.copy()
    log = settings.home / "areas.log"
    # Tests that need other models as well are left to the whole build.
    arguments = ["test", "--indirect-selection", "cautious", "--select", "path:models/areas"]
    code = processes.dbt(settings, [*arguments, *SEEDS, "area_lookup_is_unambiguous"], log)
    assert code == 0, log.read_text()[-3000:]
    assert "area_lookup_is_unambiguous" in log.read_text()
    with database.connect(settings, "nis_transformer") as connection:
        yield connection


def meaning(areas: Connection, scheme: str, code: str, day: date) -> Any:
    """The area for which a code stands on a day."""
    rows = areas.execute(
        "select area_code from measures.area_lookup "
        "where scheme = %s and code = %s and %s between valid_from and valid_to",
        (scheme, code, day),
    ).fetchall()
    assert len(rows) <= 1
    return rows[0][0] if rows else None


@pytest.mark.parametrize(
    ("scheme", "code", "day", "expected"),
    [
        ("old_ons", "921", LAST_OF_THE_COUNTIES, "E92000001"),
        ("old_ons", "00EB", LAST_OF_THE_COUNTIES, "E06000001"),
        ("old_ons", "24", LAST_OF_THE_COUNTIES, "E10000014"),
        ("gss", "E06000001", LAST_OF_THE_COUNTIES, "E06000001"),
        ("dfe_la", "370", LAST_OF_THE_COUNTIES, "E08000016"),
        ("dfe_la", "840", LAST_OF_THE_COUNTIES, "E10000010"),
        ("dfe_la", "840", FIRST_OF_THE_UNITARIES, "E06000047"),
        ("dfe_la", "825", date(2020, 4, 1), "E06000060"),
        ("name", "England", LAST_OF_THE_COUNTIES, "E92000001"),
        ("name", "Bedford", LAST_OF_THE_COUNTIES, "E07000002"),
        ("name", "Bedford", FIRST_OF_THE_UNITARIES, "E06000055"),
        # The county, though a district, a force and later a unitary had the name as well.
        ("name", "Durham", LAST_OF_THE_COUNTIES, "E10000010"),
        ("name", "Durham", FIRST_OF_THE_UNITARIES, "E06000047"),
        ("name", "Durham City", LAST_OF_THE_COUNTIES, "E07000056"),
        # The region; the force and the agreement of that kind of name are found elsewhere.
        ("name", "West Midlands", LAST_OF_THE_COUNTIES, "E12000005"),
        ("name", "Greater Manchester", LAST_OF_THE_COUNTIES, None),
        ("police_force_name", "Greater Manchester", LAST_OF_THE_COUNTIES, "E23000005"),
        ("police_force_name", "Devon and Cornwall", LAST_OF_THE_COUNTIES, "E23000035"),
        ("police_force_name", "British Transport Police", LAST_OF_THE_COUNTIES, None),
        # Names of small areas outlive the district.
        ("lsoa_name", "Durham", date(2010, 5, 31), "E07000056"),
        ("lsoa_name", "Hartlepool", date(2010, 5, 31), "E06000001"),
        ("region_name", "NORTH EAST", LAST_OF_THE_COUNTIES, "E12000001"),
        ("region_name", "Yorkshire and the Humber", LAST_OF_THE_COUNTIES, "E12000003"),
        ("region_name", "ENGLAND", LAST_OF_THE_COUNTIES, "E92000001"),
        ("csp_name", "Dartford", date(2008, 3, 31), "E07000107"),
        ("csp_name", "Dartford and Gravesham", date(2008, 4, 1), "E22000352"),
        ("csp_name", "North Devon", date(2010, 3, 31), "E07000043"),
        ("csp_name", "North Devon", date(2010, 4, 1), "E22000363"),
        ("yot_name", "Bedfordshire", LAST_OF_THE_COUNTIES, "E10000001"),
        ("yot_name", "Bedfordshire", FIRST_OF_THE_UNITARIES, "YOT01"),
        ("pct", "E16000019", LAST_OF_THE_COUNTIES, "E06000001"),
        ("pct", "E16000093", LAST_OF_THE_COUNTIES, "E16000093"),
        ("pct", "TAL", LAST_OF_THE_COUNTIES, "E06000027"),
        ("gss", "E07000999", LAST_OF_THE_COUNTIES, None),
        ("old_ons", "0EB", LAST_OF_THE_COUNTIES, None),
    ],
)
def test_codes_mean_what_their_bodies_mean(
    areas: Connection, scheme: str, code: str, day: date, expected: str | None
) -> None:
    assert meaning(areas, scheme, code, day) == expected


@pytest.mark.parametrize(
    ("scheme", "code", "day", "expected"),
    [
        # The results of the school year 2008/09 end in August 2009 and still stood under the county.
        ("dfe_la", "820", date(2009, 8, 31), "E10000001"),
        # Figures of 2006 restated for the councils of 2009.
        ("old_ons", "00KB", date(2006, 6, 30), "E06000055"),
        ("gss", "E06000055", date(2006, 6, 30), "E06000055"),
    ],
)
def test_a_code_is_known_outside_the_life_of_its_area(
    areas: Connection, scheme: str, code: str, day: date, expected: str
) -> None:
    assert meaning(areas, scheme, code, day) == expected


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        # Hampshire had eleven districts.
        ("Wessex", 11 + 3),
        ("Leicestershire and Rutland", 7 + 1),
        # Six districts, and the islands.
        ("Cornwall and Isles of Scilly", 6 + 1),
        # Mid Bedfordshire, South Bedfordshire and Bedford became two councils.
        ("Bedfordshire", 3),
        ("South Worcester", 3),
    ],
)
def test_joint_areas_are_made_of_councils(areas: Connection, area: str, expected: int) -> None:
    atoms = areas.execute(
        "select count(*) from measures.area_atoms inner join catalogue.areas using (area_code) "
        "where area_name = %s and area_type in ('csp', 'yot')",
        (area,),
    ).fetchone()
    assert atoms == (expected,)


def test_a_joint_area_lies_where_its_councils_lie(areas: Connection) -> None:
    inside = areas.execute(
        "select territory.area_code from measures.territory_contains "
        "inner join measures.area_territory as territory on territory.territory_id = contained_id "
        "inner join measures.area_territory as container on container.territory_id = container_id "
        "where container.area_code = 'E22000366' order by 1"
    ).fetchall()
    # Broxtowe, Gedling and Rushcliffe, by their codes of 2009.
    assert inside == [("E07000172",), ("E07000173",), ("E07000176",)]


def test_every_atom_has_one_region_and_england_has_all(areas: Connection) -> None:
    by_type = areas.execute(
        "select area_type, count(*), count(distinct atom_code) from measures.area_atoms "
        "inner join catalogue.areas using (area_code) where area_type in ('country', 'region') group by 1 order by 1"
    ).fetchall()
    assert by_type == [("country", 354, 354), ("region", 354, 354)]


def test_a_council_of_several_trusts_has_all_of_each(areas: Connection) -> None:
    bridges = areas.execute(
        "select area_name, weight from measures.area_bridge inner join catalogue.areas as body "
        "on body.area_code = body_area_code where area_bridge.area_code = 'E08000025' "
        "and %s between area_bridge.valid_from and area_bridge.valid_to order by 1",
        (date(2004, 4, 1),),
    ).fetchall()
    assert bridges == [
        ("Birmingham East and North", Decimal(1)),
        ("Heart of Birmingham Teaching", Decimal(1)),
        ("South Birmingham", Decimal(1)),
    ]


def test_a_partnership_rate_is_due_for_counties_too(areas: Connection) -> None:
    levels = areas.execute("select area_type from catalogue.area_levels where area_level = 'csp' order by 1").fetchall()
    assert ("county",) in levels
    assert not {("csp",), ("yot",), ("pct",)} & set(levels)
