"""Made road collisions and casualties: record level, 2005 to 2011, with the codes of the day."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sandbox.areas import BEFORE, Area, Geography
from sandbox.made.dice import dice, poisson, write_csv
from sandbox.made.people import People

YEARS = range(2005, 2012)
A_YEAR = 6_000
_HILLINGDON = "E09000017"
COLLISION_HEADER = (
    "collision_index", "collision_year", "collision_ref_no", "location_easting_osgr", "location_northing_osgr",
    "longitude", "latitude", "police_force", "collision_severity", "number_of_vehicles", "number_of_casualties",
    "date", "day_of_week", "time", "local_authority_district", "local_authority_ons_district",
    "local_authority_highway", "local_authority_highway_current", "first_road_class", "first_road_number",
    "road_type", "speed_limit", "junction_detail_historic", "junction_detail", "junction_control",
    "second_road_class", "second_road_number", "pedestrian_crossing_human_control_historic",
    "pedestrian_crossing_physical_facilities_historic", "pedestrian_crossing", "light_conditions",
    "weather_conditions", "road_surface_conditions", "special_conditions_at_site", "carriageway_hazards_historic",
    "carriageway_hazards", "urban_or_rural_area", "did_police_officer_attend_scene_of_accident", "trunk_road_flag",
    "lsoa_of_accident_location", "enhanced_severity_collision", "collision_injury_based",
    "collision_adjusted_severity_serious", "collision_adjusted_severity_slight",
)  # fmt: skip
CASUALTY_HEADER = (
    "collision_index", "collision_year", "collision_ref_no", "vehicle_reference", "casualty_reference",
    "casualty_class", "sex_of_casualty", "age_of_casualty", "age_band_of_casualty", "casualty_severity",
    "pedestrian_location", "pedestrian_movement", "car_passenger", "bus_or_coach_passenger",
    "pedestrian_road_maintenance_worker", "casualty_type", "casualty_imd_decile", "lsoa_of_casualty",
    "enhanced_casualty_severity", "casualty_injury_based", "casualty_adjusted_severity_serious",
    "casualty_adjusted_severity_slight", "casualty_distance_banding",
)  # fmt: skip
_AGE_WEIGHTS = (6, 16, 10, 7, 4, 2)
_BANDS = (5, 10, 15, 20, 25, 35, 45, 55, 65, 75)
# Drawn from by place, evenly: a value stands as often as it should come up.
_SEVERITIES = (1, *(2,) * 12, *(3,) * 87)
_ROADS, _JUNCTIONS, _VEHICLES = (3, 3, 3, 4, 6, 6, 6), (0, 0, 13, 16, 19), (1, 1, 2, 2, 2, 3)
_TYPES, _SPEEDS = (6, 6, 6, 3, 9, 1), (30, 30, 30, 40, 60, 70, 20)
_LIGHT, _WEATHER = (1, 1, 1, 4, 6), (1, 1, 1, 1, 2, 8)
_KINDS, _PLACES, _MOVES = (9, 9, 9, 9, 1, 3, 5, 19), (5, 8, 10, 6, 1), (1, 9, 3, 7)
_PASSENGERS, _DISTANCES = (0, 0, 0, 1, 2), (1, 1, 1, 2, 3, 4, -1)
_AGES = tuple(age for age in range(96) for _ in range(_AGE_WEIGHTS[age // 16]))


@dataclass(frozen=True, slots=True)
class _Collision:
    """What both files know of a collision: (index, year, reference), day, codes, force and who was hurt."""

    key: tuple[str, int, str]
    day: date
    codes: tuple[str, str, str]
    force: int
    severities: list[int]


class Roads:
    """Collisions with their casualties; both files draw the same collisions, each then its own details."""

    def __init__(self, seed: int, geography: Geography, people: People) -> None:
        """Prepare; nothing is drawn yet."""
        self._seed, self._geography, self._people = seed, geography, people

    def _groups(self) -> Iterator[tuple[int, Area, date, int, float]]:
        """(year, council, first day, number of days, collisions expected), split where codes change."""
        change = date.fromisoformat(BEFORE) + timedelta(days=1)
        for year in YEARS:
            start, end = date(year, 1, 1), date(year + 1, 1, 1)
            cuts = [start, change, end] if start < change < end else [start, end]
            for first, last in itertools.pairwise(cuts):
                days = (last - first).days
                councils = self._geography.at(first.isoformat())
                everyone = sum(self._people.residents(area.code, year) for area in councils)
                for area in councils:
                    share = self._people.residents(area.code, year) / everyone * days / (end - start).days
                    level = dice(self._seed, "roads", area.name).lognormvariate(0, 0.15)
                    yield year, area, first, days, A_YEAR * share * level * 0.965 ** (year - 2008)

    def _draw(self) -> Iterator[_Collision]:
        number = 0
        for year, area, first, days, expected in self._groups():
            start = first.isoformat()
            rng = dice(self._seed, "roads", area.code, start)
            today = self._geography.upper_of(self._geography.today(area.code), "9998-12-31")
            highway = self._geography.upper_of(area.code, start)
            # The Isles of Scilly were a district of no county: their roads carry the code of later.
            codes = (area.code, today if highway.startswith("E07") else highway, today)
            force = int(area.region[-2:]) * 5
            for _ in range(poisson(rng, expected)):
                number += 1
                reference = f"{force:02}{number:07}"
                hurt = 1 + min(6, int(rng.expovariate(1.5)))
                severities = [_SEVERITIES[int(rng.random() * 100)] for _ in range(hurt)]
                day = first + timedelta(days=rng.randrange(days))
                yield _Collision((f"{year}{reference}", year, reference), day, codes, force, severities)

    def _collisions(self) -> Iterator[tuple[object, ...]]:
        group, rng, corner = ("", 0), dice(), (0, 0)
        for collision in self._draw():
            district, year = collision.codes[0], collision.key[1]
            if (district, year) != group:
                group = (district, year)
                rng = dice(self._seed, "roads place", district)
                corner = 300_000 + rng.randrange(300_000), 100_000 + rng.randrange(450_000)
                rng = dice(self._seed, "roads details", district, year)
            yield _collision_row(rng, collision, corner)

    def _casualties(self) -> Iterator[tuple[object, ...]]:
        group, rng = ("", 0), dice()
        for collision in self._draw():
            if (collision.codes[0], collision.key[1]) != group:
                group = (collision.codes[0], collision.key[1])
                rng = dice(self._seed, "roads casualties", *group)
            for number, severity in enumerate(collision.severities, start=1):
                yield _casualty_row(rng, collision.key, number, severity)

    def write_collisions(self, target: Path) -> None:
        """One row a collision."""
        write_csv(target, COLLISION_HEADER, self._collisions())

    def write_casualties(self, target: Path) -> None:
        """One row a casualty; every collision has one or more."""
        write_csv(target, CASUALTY_HEADER, self._casualties())


def _collision_row(rng: random.Random, collision: _Collision, corner: tuple[int, int]) -> tuple[object, ...]:
    district, highway, current = collision.codes
    if highway == _HILLINGDON and rng.random() < 0.06:
        highway = "EHEATHROW"
    elif rng.random() < 0.0008:
        highway = "-1"
    easting, northing = corner[0] + int(rng.random() * 15_000), corner[1] + int(rng.random() * 15_000)
    lat = 49.8 + northing / 111_200
    lng = -2 + (easting - 400_000) / (111_320 * math.cos(math.radians(lat)))
    pick = rng.random
    road = _ROADS[int(pick() * 7)]
    junction = _JUNCTIONS[int(pick() * 5)]
    nowhere = junction == 0
    worst, day = min(collision.severities), collision.day
    return (
        *collision.key, easting, northing, f"{lng:.5f}", f"{lat:.5f}", collision.force, worst, _VEHICLES[int(pick() * 6)],
        len(collision.severities), day.strftime("%d/%m/%Y"), day.isoweekday() % 7 + 1,
        f"{int(pick() * 24):02}:{int(pick() * 12) * 5:02}", -1, district, highway, current, road,
        0 if road == 6 else 1 + int(pick() * 699), _TYPES[int(pick() * 6)], _SPEEDS[int(pick() * 7)], -1, junction,
        -1 if nowhere else 4, -1 if nowhere else 6, -1 if nowhere else 0, -1, -1, 15 if pick() < 0.2 else 0,
        _LIGHT[int(pick() * 5)], _WEATHER[int(pick() * 6)], 2 if pick() < 0.3 else 1, -1, -1, 0, 2 if pick() < 0.2 else 1,
        1, 1 if pick() < 0.1 else 2, f"E01{int(pick() * 33_000):06}", 7 if worst == 2 else worst, 0,
        1.0 if worst == 2 else 0.0, 1.0 if worst == 3 else 0.0,
    )  # fmt: skip


def _casualty_row(rng: random.Random, key: tuple[str, int, str], number: int, severity: int) -> tuple[object, ...]:
    pick = rng.random
    age = -1 if pick() < 0.02 else _AGES[int(pick() * len(_AGES))]
    on_foot = pick() < 0.15
    band = -1 if age < 0 else 1 + sum(age > limit for limit in _BANDS)
    kind = 0 if on_foot else _KINDS[int(pick() * 8)]
    place, movement = (_PLACES[int(pick() * 5)], _MOVES[int(pick() * 4)]) if on_foot else (0, 0)
    passenger = _PASSENGERS[int(pick() * 5)] if kind == 9 else 0
    lsoa = "-1" if pick() < 0.03 else f"E01{int(pick() * 33_000):06}"
    return (
        *key, 1, number, 3 if on_foot else (2 if passenger else 1), 2 if pick() < 0.4 else 1, age, band, severity,
        place, movement, passenger, 0, -1 if on_foot else 0, kind, 1 + int(pick() * 10), lsoa,
        severity if severity != 2 else 7, 0, 1.0 if severity == 2 else 0.0, 1.0 if severity == 3 else 0.0,
        _DISTANCES[int(pick() * 7)],
    )  # fmt: skip
