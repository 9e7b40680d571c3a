"""Transport: casualties, roads, congestion, buses, access to services."""

from __future__ import annotations

from ingest.contract import Body, BulkFiles, Check, Column, Dataset, Delimited, Domain, Table
from ingest.datasets.layouts_of_workbooks import live_table

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
    live_table(
        "dft_accessibility",
        Domain.TRANSPORT,
        "Access to services and employment",
        "Department for Transport",
        "upper",
        ("local_access_target_group", "Households or people in the local target group"),
        (
            "local_access_target_with_access",
            "Households or people of the local target group able to reach the chosen service in the chosen time",
        ),
        ("residents_working_age_in_access_model", "Working-age residents in the access model"),
        (
            "residents_working_age_with_access_to_employment",
            "Working-age residents able to reach an employment centre by public transport, walking "
            "or cycling, weighted for travel time",
        ),
    ),
    live_table(
        "dft_buses",
        Domain.TRANSPORT,
        "Bus passenger journeys and punctuality",
        "Department for Transport",
        "upper",
        ("bus_departures_non_frequent_observed", "Departures of non-frequent services observed"),
        (
            "bus_departures_non_frequent_on_time",
            "Departures of non-frequent services observed on time (1 minute early to 5 min 59 s late)",
        ),
        (
            "bus_excess_waiting_minutes_frequent_total",
            "Excess waiting time of frequent services, summed over observations",
        ),
        ("bus_observations_frequent", "Observations of frequent services"),
        ("passenger_journeys_bus", "Local bus boardings starting in the area"),
        ("passenger_journeys_light_rail", "Light rail boardings starting in the area"),
    ),
    live_table(
        "dft_congestion",
        Domain.TRANSPORT,
        "Morning peak journey times by route",
        "Department for Transport",
        "upper",
        (
            "road_person_miles_morning_peak",
            "Person miles in the morning peak: traffic flow x route length, summed over monitored routes",
        ),
        (
            "road_person_minutes_morning_peak",
            "Person minutes in the morning peak: traffic flow x observed time, summed over monitored routes",
        ),
        (
            "road_vehicle_miles_morning_peak",
            "Vehicle miles in the morning peak: traffic flow x route length, summed over monitored routes",
        ),
        (
            "road_vehicle_minutes_morning_peak",
            "Vehicle minutes in the morning peak: traffic flow x observed time, summed over monitored routes",
        ),
    ),
    live_table(
        "dft_road_condition",
        Domain.TRANSPORT,
        "Road condition (SCANNER)",
        "Department for Transport",
        "upper",
        ("road_km_b_network", "Length of B roads in the network"),
        (
            "road_km_b_rci_100_or_more_grossed",
            "Length of B roads with a Road Condition Index of 100 or more, grossed from the survey to the network",
        ),
        ("road_km_c_network", "Length of C roads in the network"),
        (
            "road_km_c_rci_100_or_more_grossed",
            "Length of C roads with a Road Condition Index of 100 or more, grossed from the survey to the network",
        ),
        (
            "road_km_principal_rci_100_or_more",
            "Length of principal (A) roads with a Road Condition Index of 100 or more",
        ),
        ("road_km_principal_surveyed", "Length of principal (A) roads surveyed"),
    ),
)
