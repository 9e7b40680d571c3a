"""Made cubes: the council data sets of Nomis, and the housing benefit cube of Stat-Xplore."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from sandbox.areas import ENGLAND, Area, Geography
from sandbox.bodies import stat_xplore
from sandbox.bodies.nomis import TABLE_COLUMNS, address
from sandbox.documents import Document
from sandbox.edits import Columns
from sandbox.made.dice import write_csv
from sandbox.made.neighbourhoods import GROUPS, quarter_date
from sandbox.made.people import CITY_OF_LONDON, SCILLY
from sandbox.truth import Period, Truth
from sandbox.truth.periods import label as period_label

HOUSING_BENEFIT = "dwp_housing_benefit"
CODES = {
    "housing_benefit_caseload_mean": "MEAN_CASELOAD",
    "housing_benefit_change_events_decided": "CHANGE_EVENTS_DECIDED",
    "housing_benefit_changes_affecting_entitlement": "CHANGES_AFFECTING_ENTITLEMENT",
    "housing_benefit_new_claims_decided": "NEW_CLAIMS_DECIDED",
    "housing_benefit_processing_days_change_events": "DAYS_OVER_CHANGE_EVENTS",
    "housing_benefit_processing_days_new_claims": "DAYS_OVER_NEW_CLAIMS",
}
"""Codes of the measures in the schema."""
_FLOWS = ("incapacity_benefit_starts_from_employment", "working_population")
_TOO_SMALL = {
    "NM_17_5": frozenset({CITY_OF_LONDON, SCILLY, "E06000053"}),
    "NM_30_1": frozenset({SCILLY, "E06000053"}),
}
"""Councils in which too few people were asked."""


def _span(period: Period) -> tuple[str, str]:
    """A run of months as code (its last month) and name: 2009-03, Apr 2008-Mar 2009."""
    return period[1][:7], period_label(period, "month_span")


def _year(period: Period) -> tuple[str, str]:
    return period[1][:4], period[1][:4]


def _financial_year(period: Period) -> tuple[str, str]:
    """A financial year as code (its last year) and name: 2009, 2008/2009."""
    return period[1][:4], f"{period[0][:4]}/{period[1][:4]}"


_DATES = {"NM_17_5": _span, "NM_30_1": _year, "NM_105_1": quarter_date, "NM_111_1": _financial_year}


def _places(geography: Geography, day: str, wide: bool, additive: bool) -> list[tuple[Area, str]]:
    """Areas with the name of their type: councils, and England and its regions where the data set has them.

    What cannot be added up from districts stands for counties too.
    """
    found = [(area, "local authorities: district / unitary") for area in geography.at(day)]
    if not additive:
        found += [(area, "local authorities: county") for area in geography.at(day, ("county",))]
    if wide:
        found += [(area, "regions") for area in geography.at(day, ("region",))]
        found.append((geography.areas[ENGLAND], "countries"))
    return found


def _nomis_rows(
    data_set: str, measures: Sequence[str], truth: Truth, geography: Geography
) -> Iterator[Sequence[object]]:
    wide = data_set in _TOO_SMALL
    for number, measure_id in enumerate(measures, start=1):
        text, additive = truth.measures[measure_id].item, truth.measures[measure_id].additive
        for period in truth.periods(measure_id):
            date, name = _DATES[data_set](period)
            for area, kind in _places(geography, period[1], wide, additive):
                value = truth.value(measure_id, area.code, period)
                hidden = area.code in _TOO_SMALL.get(data_set, ()) or truth.is_suppressed(measure_id, area.code, period)
                missing = value is None or hidden
                yield (
                    date, name, area.code, area.name, kind, number, text, 20100, "Value",
                    "" if missing else value, "Q" if missing else "A",
                )  # fmt: skip


def _cube_rows(truth: Truth, geography: Geography) -> Iterator[Sequence[object]]:
    for measure_id, code in CODES.items():
        measure = truth.measures[measure_id]
        for period in truth.periods(measure_id):
            name = period_label(period, measure.period_type)
            for area in geography.at(period[1]):
                value = truth.value(measure_id, area.code, period)
                if value is not None:
                    yield code, measure.item, name, area.old_ons, area.name, value


def _write(target: Path, header: Sequence[str], rows: partial[Iterator[Sequence[object]]]) -> None:
    write_csv(target, header, rows())


def documents(truth: Truth, geography: Geography) -> list[Document]:
    """Nomis' labour market, earnings, claimants and flows, and the cube of housing benefit."""

    def of(dataset: str) -> list[str]:
        return sorted(measure for measure, found in truth.measures.items() if found.dataset_id == dataset)

    every = {
        "NM_17_5": of("nomis_labour_market"),
        "NM_30_1": of("ons_earnings"),
        "NM_105_1": list(GROUPS),
        "NM_111_1": list(_FLOWS),
    }
    nomis = [
        Document(
            f"nomis_{data_set.lower()}",
            f"{data_set}.data.csv",
            "text/csv",
            (address(data_set),),
            write=partial(
                _write, header=TABLE_COLUMNS, rows=partial(_nomis_rows, data_set, measures, truth, geography)
            ),
            columns=Columns({"obs_value": ""}, "geography_code", "geography_name"),
        )
        for data_set, measures in every.items()
    ]
    cube = Document(
        HOUSING_BENEFIT,
        f"{HOUSING_BENEFIT}.csv",
        "text/csv",
        (stat_xplore.ADDRESS,),
        write=partial(_write, header=stat_xplore.COLUMNS, rows=partial(_cube_rows, truth, geography)),
        columns=Columns({"value": ""}, "area_code", "area_name", "99ZZ"),
    )
    return [*nomis, cube]
