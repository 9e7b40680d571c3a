"""Transport: road casualties."""

from __future__ import annotations

from ingest.contract import Body, BulkFiles, Check, Column, Dataset, Delimited, Domain, Table

_INDEX = Column("collision_index", ("collision_index", "accident_index"))
_YEAR = Column("collision_year", ("collision_year", "accident_year"))
_REFERENCE = Column("collision_ref_no", ("collision_ref_no", "accident_ref_no", "accident_reference"))


def _named(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, optional=True) for name in names)


DATASETS = (
    Dataset(
        dataset_id="dft_road_casualties",
        domain=Domain.TRANSPORT,
        title="Road collisions and casualties reported by the police (STATS19), record level",
        publisher="Department for Transport",
        body=Body.DFT,
        source=BulkFiles(
            (
                ("collision", "/road-accidents-safety-data/dft-road-casualty-statistics-collision.csv"),
                ("casualty", "/road-accidents-safety-data/dft-road-casualty-statistics-casualty.csv"),
            )
        ),
        max_bytes=2 * 1024**3,
        tables=(
            Table(
                name="collision",
                part="collision",
                columns=(
                    _INDEX,
                    _YEAR,
                    _REFERENCE,
                    Column("location_easting_osgr"),
                    Column("location_northing_osgr"),
                    *_named("longitude", "latitude"),
                    Column("police_force"),
                    Column("collision_severity", ("collision_severity", "accident_severity")),
                    Column("number_of_vehicles"),
                    Column("number_of_casualties"),
                    Column("date"),
                    *_named("day_of_week", "time", "local_authority_district"),
                    Column("local_authority_ons_district"),
                    Column("local_authority_highway"),
                    *_named(
                        "local_authority_highway_current",
                        "first_road_class",
                        "first_road_number",
                        "road_type",
                        "speed_limit",
                        "junction_detail_historic",
                        "junction_detail",
                        "junction_control",
                        "second_road_class",
                        "second_road_number",
                        "pedestrian_crossing_human_control_historic",
                        "pedestrian_crossing_physical_facilities_historic",
                        "pedestrian_crossing",
                        "light_conditions",
                        "weather_conditions",
                        "road_surface_conditions",
                        "special_conditions_at_site",
                        "carriageway_hazards_historic",
                        "carriageway_hazards",
                        "urban_or_rural_area",
                        "did_police_officer_attend_scene_of_accident",
                        "trunk_road_flag",
                    ),
                    Column("lsoa_of_collision_location", ("lsoa_of_(collision|accident)_location",), optional=True),
                    Column("enhanced_severity_collision", ("enhanced_(severity_collision|collision_severity)",), True),
                    *_named("collision_injury_based"),
                    Column("adjusted_severity_serious", ("(collision|accident)_adjusted_severity_serious",), True),
                    Column("adjusted_severity_slight", ("(collision|accident)_adjusted_severity_slight",), True),
                ),
                reader=Delimited(),
                check=Check(
                    min_rows=1_000,
                    area_column="local_authority_highway",
                    min_areas=5,
                    period_column="collision_year",
                    not_empty=("collision_index", "collision_year"),
                    matches=(("collision_severity", r"^[123]$", 0.999),),
                ),
            ),
            Table(
                name="casualty",
                part="casualty",
                columns=(
                    _INDEX,
                    _YEAR,
                    _REFERENCE,
                    Column("vehicle_reference"),
                    Column("casualty_reference"),
                    *_named("casualty_class", "sex_of_casualty"),
                    Column("age_of_casualty"),
                    *_named("age_band_of_casualty"),
                    Column("casualty_severity"),
                    *_named(
                        "pedestrian_location",
                        "pedestrian_movement",
                        "car_passenger",
                        "bus_or_coach_passenger",
                        "pedestrian_road_maintenance_worker",
                        "casualty_type",
                        "casualty_imd_decile",
                        "lsoa_of_casualty",
                        "enhanced_casualty_severity",
                        "casualty_injury_based",
                        "casualty_adjusted_severity_serious",
                        "casualty_adjusted_severity_slight",
                        "casualty_distance_banding",
                    ),
                ),
                reader=Delimited(),
                check=Check(
                    min_rows=1_000,
                    period_column="collision_year",
                    not_empty=("collision_index", "collision_year", "casualty_reference"),
                    matches=(("casualty_severity", r"^[123]$", 0.999),),
                ),
            ),
        ),
    ),
)
