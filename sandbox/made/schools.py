"""Made performance tables and inspection judgements: one row a school, tab separated although named .csv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sandbox.areas import UPPER, Geography
from sandbox.documents import Document
from sandbox.edits import Columns
from sandbox.made.dice import write_csv
from sandbox.truth import Period, Truth
from sandbox.truth.chance import mixed, unit, word

RESULTS, INSPECTIONS = "dcsf_school_results", "ofsted_schools"
RESULTS_HEADER = ("YEAR", "RECTYPE", "LEA", "ESTAB", "URN", "SCHNAME", "TELIG", "PASS")
INSPECTIONS_HEADER = (
    "YEAR", "RECTYPE", "LEA", "ESTAB", "URN", "SCHNAME", "PHASE", "BEHAVIOUR", "INSPECTED", "SPECIAL_MEASURES", "MONTHS",
)  # fmt: skip
MAINSTREAM, SPECIAL, AUTHORITY, ENGLAND = 1, 2, 3, 4
SMALL = 10
"""A school with so many pupils or fewer counts for no floor."""
_NAMES = ("St Mary's", "Park", "Hillside", "The Grange", "Church Lane", "Riverside", "Manor", "Oakfield", "Highfield")


@dataclass(frozen=True, slots=True)
class Stage:
    """A key stage: its measures, the share that a school must reach, and the sizes of cohorts."""

    name: str
    measure: str
    schools: str
    floor: int
    first_estab: int
    smallest: int
    largest: int
    title: str


STAGES = (
    Stage("ks2", "schools_ks2_below_floor", "schools_primary", 55, 2_000, 12, 90, "Primary School"),
    Stage("ks3", "schools_ks3_below_floor", "schools_secondary", 50, 4_000, 90, 260, "School"),
    Stage("ks4", "schools_ks4_below_floor", "schools_secondary", 30, 4_000, 90, 260, "School"),
)


def authorities(geography: Geography, day: str) -> list[tuple[str, str]]:
    """Education authorities on a day as (three-digit number, area code), by number."""
    found = ((geography.alias("dfe_la", area.code, day), area.code) for area in geography.at(day, (*UPPER, "district")))
    return sorted((number, code) for number, code in found if number)


def _label(period: Period) -> str:
    return f"{period[0][:4]}/{period[1][2:4]}"


def _urn(stage: int, number: str, school: int) -> int:
    return stage * 1_000_000 + int(number) * 1_000 + school


def _pupils(key: int, stage: Stage, below: bool) -> tuple[int, int]:
    """Eligible pupils of a school and those who pass, on the asked side of the floor.

    One school in eleven stands exactly on the floor, or as near above it as whole pupils allow.
    """
    eligible = stage.smallest + int(unit(key) * (stage.largest - stage.smallest))
    floor = -(-eligible * stage.floor // 100)
    """Fewest passes that are not below the floor."""
    chance = unit(mixed(key, 1))
    if below:
        return eligible, max(0, floor - 1 - int(chance * chance * floor * 0.4))
    if chance < 1 / 11:
        return eligible, floor
    return eligible, floor + int((eligible - floor) * (chance - 1 / 11))


def result_rows(truth: Truth, geography: Geography, stage: Stage) -> Iterator[Sequence[object]]:
    """England, authorities and schools; so many schools lie below the floor as the truth says."""
    for period in truth.periods(stage.measure):
        year, england = _label(period), [0, 0]
        held: list[Sequence[object]] = []
        for number, area in authorities(geography, period[1]):
            below = round(truth.value(stage.measure, area, period) or 0)
            count = max(below, round(truth.value(stage.schools, area, period) or 0))
            place = word(truth.seed, stage.measure, area)
            weak = set(_weakest(place, count, int(period[1][:4]))[:below])
            total = [0, 0]
            for i in range(count):
                pupils = _pupils(mixed(place, i, int(year[:4]) * 1_000), stage, i in weak)
                held.append(_result(year, MAINSTREAM, number, stage, i, _NAMES[i % len(_NAMES)], *pupils))
                total = [total[0] + pupils[0], total[1] + pupils[1]]
            for small, kind, name in ((0, MAINSTREAM, "Little"), (1, SPECIAL, "Beacon")):
                # Too few pupils to count, and none of them passes: a reader who counts them is found out.
                pupils = (4 + int(unit(mixed(place, small, 11)) * (SMALL - 3)), 0)
                held.append(_result(year, kind, number, stage, count + small, name, *pupils))
                total[0] += pupils[0]
            held.append((year, AUTHORITY, number, "", "", geography.name(area), *total))
            england = [england[0] + total[0], england[1] + total[1]]
        yield from held
        yield (year, ENGLAND, "", "", "", "England", *england)


def _weakest(place: int, count: int, year: int) -> list[int]:
    """Schools from the weakest: drawn anew each year, but a weak school tends to stay one."""
    luck = [unit(mixed(place, i, 7)) + 0.4 * unit(mixed(place, i, year)) for i in range(count)]
    return sorted(range(count), key=lambda i: luck[i])


def _result(
    year: str, kind: int, number: str, stage: Stage, school: int, name: str, eligible: int, passed: int
) -> Sequence[object]:
    title = "Special School" if kind == SPECIAL else stage.title
    urn = _urn(1 if stage.name == "ks2" else 2, number, school)
    return (year, kind, number, stage.first_estab + school, urn, f"{name} {title}", eligible, passed)


def inspection_rows(truth: Truth, geography: Geography) -> Iterator[Sequence[object]]:
    """Secondary schools with their judgement, and primary and secondary schools in or out of special measures."""
    for period in truth.periods("secondary_schools_inspected"):
        year = _label(period)

        def number_of(measure: str, area: str, period: Period = period) -> int:
            return round(truth.value(measure, area, period) or 0)

        for number, area in authorities(geography, period[1]):
            inspected = number_of("secondary_schools_inspected", area)
            good = min(inspected, number_of("secondary_schools_behaviour_good_or_outstanding", area))
            held = number_of("schools_in_special_measures", area)
            left = number_of("schools_leaving_special_measures", area)
            months = number_of("months_in_special_measures_total", area)
            place = word(truth.seed, INSPECTIONS, area)
            day = f"{period[1][:4]}-0{1 + place % 8}-{10 + place % 18}"
            for i in range(inspected + 1):
                # The last school has opened and waits for its first inspection.
                judged = i < inspected
                draw = unit(mixed(place, i))
                grade = ((1 if draw < 0.25 else 2) if i < good else 3 if draw < 0.9 else 4) if judged else ""
                yield (
                    year, MAINSTREAM, number, 4_000 + i, _urn(2, number, i), f"{_NAMES[i % len(_NAMES)]} School",
                    "secondary", grade, day if judged else "", "", "",
                )  # fmt: skip
            spans = _spans(months, left, place)
            for i in range(held + left):
                yield (
                    year, MAINSTREAM, number, 2_000 + i, _urn(1, number, i), f"{_NAMES[i % len(_NAMES)]} Primary School",
                    "primary", "", day, "in" if i < held else "left", "" if i < held else spans[i - held],
                )  # fmt: skip


def _spans(months: int, schools: int, key: int) -> list[int]:
    """Months of each school that left, adding up to `months`."""
    if not schools:
        return []
    each, over = divmod(months, schools)
    spans = [each + (1 if i < over else 0) for i in range(schools)]
    for i in range(0, schools - 1, 2):
        moved = int(unit(mixed(key, i, 3)) * each / 2)
        spans[i], spans[i + 1] = spans[i] + moved, spans[i + 1] - moved
    return spans


def _write(target: Path, header: Sequence[str], rows: partial[Iterator[Sequence[object]]]) -> None:
    write_csv(target, header, rows(), delimiter="\t", newline="\r\n")


def documents(truth: Truth, geography: Geography) -> list[Document]:
    """Performance tables of three key stages, and one file of inspections."""
    made = [
        Document(
            f"{RESULTS}_{stage.name}",
            f"{RESULTS}_{stage.name}.csv",
            "text/csv",
            (f"/data.gov.uk/dataset/dcsf-school-results/{RESULTS}_{stage.name}.csv",),
            write=partial(_write, header=RESULTS_HEADER, rows=partial(result_rows, truth, geography, stage)),
            columns=Columns({"telig": ""}, "lea", "schname", "999", delimiter="\t"),
        )
        for stage in STAGES
    ]
    return [
        *made,
        Document(
            INSPECTIONS,
            f"{INSPECTIONS}.csv",
            "text/csv",
            (f"/data.gov.uk/dataset/ofsted-schools/{INSPECTIONS}.csv",),
            write=partial(_write, header=INSPECTIONS_HEADER, rows=partial(inspection_rows, truth, geography)),
            columns=Columns({"behaviour": "2"}, "lea", "schname", "999", delimiter="\t"),
        ),
    ]
