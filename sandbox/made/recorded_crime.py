"""Made police recorded crime: by offence code and community safety partnership, and by police force."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path

from sandbox.areas import SEEDS, Geography
from sandbox.documents import Document
from sandbox.edits import Columns
from sandbox.made.dice import dice
from sandbox.spreadsheets import Cell, SheetData
from sandbox.truth import Period, Truth
from sandbox.truth.chance import mixed, unit, word

ODS = "application/vnd.oasis.opendocument.spreadsheet"
CRIME = "ho_recorded_crime_csp"
BY_FORCE = ("ho_knife_gun_crime", "ho_homicide_index")
UNASSIGNED = "Unassigned"
TRANSPORT_POLICE = "British Transport Police"
_HEADER: list[Cell] = [
    "Financial Year", "Financial Quarter", "Force Name", "CSP Name", "Offence Description", "Offence Group",
    "Offence Subgroup", "Offence Code", "Offence Count",
]  # fmt: skip
_FORCE_HEADER: list[Cell] = ["Financial Year", "Force Name", "Offence", "Number"]
_VIOLENCE, _THEFT = "Violence against the person", "Theft offences"
# Description, group, subgroup, and the weight of the code among those of its measure.
_OFFENCES: dict[str, tuple[str, str, str, float]] = {
    "1": ("Murder", _VIOLENCE, "Homicide", 80),
    "2": ("Attempted murder", _VIOLENCE, "Violence with injury", 100),
    "4.1": ("Manslaughter", _VIOLENCE, "Homicide", 17),
    "4.2": ("Infanticide", _VIOLENCE, "Homicide", 1),
    "4.10": ("Corporate manslaughter", _VIOLENCE, "Homicide", 1),
    "4.3": ("Intentional destruction of a viable unborn child", _VIOLENCE, "Violence with injury", 100),
    "4.4": ("Causing death by dangerous driving", _VIOLENCE, "Violence with injury", 60),
    "4.6": ("Causing death by careless driving under influence", _VIOLENCE, "Violence with injury", 12),
    "4.8": ("Causing death by careless driving", _VIOLENCE, "Violence with injury", 20),
    "37.1": ("Causing death by aggravated vehicle taking", _VIOLENCE, "Violence with injury", 8),
    "5": ("Wounding or other act endangering life", _VIOLENCE, "Violence with injury", 100),
    "5A": ("Wounding or carrying out an act endangering life", _VIOLENCE, "Violence with injury", 92),
    "5B": ("Use of substance or object to endanger life", _VIOLENCE, "Violence with injury", 6),
    "5C": ("Possession of items to endanger life", _VIOLENCE, "Violence with injury", 2),
    "8A": ("Less serious wounding", _VIOLENCE, "Violence with injury", 100),
    "8D": ("Racially or religiously aggravated less serious wounding", _VIOLENCE, "Violence with injury", 100),
    "8F": ("Inflicting grievous bodily harm without intent", _VIOLENCE, "Violence with injury", 5),
    "8G": ("Actual bodily harm and other injury", _VIOLENCE, "Violence with injury", 93),
    "8K": ("Poisoning or female genital mutilation", _VIOLENCE, "Violence with injury", 2),
    "8H": ("Racially or religiously aggravated grievous bodily harm", _VIOLENCE, "Violence with injury", 10),
    "8J": ("Racially or religiously aggravated actual bodily harm", _VIOLENCE, "Violence with injury", 90),
    "28": ("Burglary in a dwelling", _THEFT, "Domestic burglary", 97),
    "28A": ("Burglary in a dwelling", _THEFT, "Domestic burglary", 78),
    "28B": ("Attempted burglary in a dwelling", _THEFT, "Domestic burglary", 15),
    "28C": ("Distraction burglary in a dwelling", _THEFT, "Domestic burglary", 3),
    "28D": ("Attempted distraction burglary in a dwelling", _THEFT, "Domestic burglary", 1),
    "29": ("Aggravated burglary in a dwelling", _THEFT, "Domestic burglary", 3),
    "34A": ("Robbery of business property", "Robbery", "Robbery of business property", 11),
    "34B": ("Robbery of personal property", "Robbery", "Robbery of personal property", 89),
    "37.2": ("Aggravated vehicle taking", _THEFT, "Vehicle offences", 6),
    "45": ("Theft from a motor vehicle", _THEFT, "Vehicle offences", 100),
    "48": ("Theft or unauthorised taking of a motor vehicle", _THEFT, "Vehicle offences", 94),
}
# Offences that no indicator counts, a quarter and 1,000 residents.
_OTHERS = {
    "39": ("Theft from the person", _THEFT, "Theft from the person", 0.5),
    "126": ("Interfering with a motor vehicle", _THEFT, "Vehicle offences", 0.25),
}
_CANCELLED = ("4.1", "1")
"""One manslaughter is cancelled in a quarter after it was counted; the murder it turned out to be is one more."""


def read_codes(seeds: Path = SEEDS) -> dict[str, list[tuple[str, str, str]]]:
    """Offence codes of each measure with the days they are used, as the seed lists them."""
    codes: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    with (seeds / "offence_codes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["dataset_id"] == CRIME:
                codes[row["measure_id"]].append((row["offence_code"], row["valid_from"], row["valid_to"]))
    return dict(codes)


def partnerships(geography: Geography, day: str) -> list[tuple[str, str]]:
    """Community safety partnerships on a day as (name, code), in the order of their names.

    A joint partnership has a code of its own; any other stands on the ground of one council, of that day or of an
    earlier one whose partnership went on, and has its code.
    """
    found = []
    for area in geography.areas.values():
        name = geography.alias("csp_name", area.code, day)
        if area.kind == "csp" and area.in_force(day):
            name = name or area.name
        if name:
            found.append((name, area.code))
    return sorted(found)


def forces(geography: Geography) -> list[tuple[str, str]]:
    """Police forces of England as (name as the Home Office writes it, code), by name."""
    found = geography.at("2009-03-31", ("police_force",))
    names = ((geography.alias("police_force_name", area.code, "2009-03-31") or area.name, area.code) for area in found)
    return sorted(names)


def _shared(amount: int, codes: list[str], key: int) -> list[int]:
    """Crimes of a measure by code: drawn one by one when they are few, by weight when they are many."""
    if len(codes) == 1 or amount <= 0:
        return [amount, *[0] * (len(codes) - 1)]
    weights = [_OFFENCES[code][3] for code in codes]
    whole = sum(weights)
    if amount > 40:
        parts = [int(amount * weight / whole) for weight in weights]
        parts[weights.index(max(weights))] += amount - sum(parts)
        return parts
    parts = [0] * len(codes)
    for turn in range(amount):
        left = unit(mixed(key, turn + 1)) * whole
        place = 0
        while left >= weights[place] and place < len(weights) - 1:
            left -= weights[place]
            place += 1
        parts[place] += 1
    return parts


class RecordedCrime:
    """Rows of the open data table; codes of a measure add up to its truth in each partnership and quarter."""

    def __init__(self, truth: Truth, geography: Geography, seeds: Path = SEEDS) -> None:
        """Read the offence codes; nothing is counted yet."""
        self._truth, self._geography = truth, geography
        self._codes = read_codes(seeds)

    def sheets(self, revised: float = 0.0) -> list[SheetData]:
        """Notes, then one sheet a financial year; `revised` is the share of partnerships with other counts."""
        notes: list[list[Cell]] = [
            ["Police recorded crime by community safety partnership"],
            ["Made figures: they say nothing about any real place."],
            ["Counts can be negative where crimes of an earlier quarter were cancelled."],
        ]
        periods = self._truth.periods("recorded_crimes_robbery")
        sheets = [SheetData("Notes", notes)]
        for year, quarters in groupby(periods, key=lambda period: int(period[0][:4]) - (period[0][5:7] < "04")):
            rows = [_HEADER[:]]
            for number, quarter in enumerate(quarters, start=1):
                rows.extend(self._quarter(year, number, quarter, revised))
            sheets.append(SheetData(f"{year}-{(year + 1) % 100:02}", rows, 0))
        return sheets

    def _quarter(self, year: int, number: int, quarter: Period, revised: float) -> Iterator[list[Cell]]:
        label = f"{year}/{(year + 1) % 100:02}"
        # The later sheets write the quarter with its letter.
        sign: Cell = f"Q{number}" if year >= 2008 else number
        day = quarter[1]
        force_of = {atom: name for name, code in forces(self._geography) for atom in self._geography.territory(code)}
        codes = {
            measure: [code for code, start, end in listed if (not start or start <= day) and (not end or day <= end)]
            for measure, listed in self._codes.items()
        }
        seed = self._truth.seed
        cancelled = self._cancelled(quarter)
        for name, area in partnerships(self._geography, day):
            force = force_of[min(self._geography.territory(area))]
            change = dice(seed, "revised crime", area)
            factor = 1 + change.uniform(0.01, 0.05) if change.random() < revised else 1.0
            head: list[Cell] = [label, sign, force, name]
            for measure, listed in codes.items():
                amount = round((self._truth.value(measure, area, quarter) or 0) * factor)
                counts = dict(zip(listed, _shared(amount, listed, word(seed, measure, area, day)), strict=True))
                if area == cancelled and _CANCELLED[0] in counts:
                    moved = counts[_CANCELLED[0]] + 1
                    counts[_CANCELLED[0]] -= moved
                    counts[_CANCELLED[1]] += moved
                first = listed[0]
                for code, count in counts.items():
                    # A row of each measure is always there, so that nothing recorded can be told from nothing sent.
                    if count or code == first:
                        yield [*head, *_OFFENCES[code][:3], code, count]
            yield from self._others(head, area, quarter)
        yield from self._nowhere(label, sign, quarter)

    def _cancelled(self, quarter: Period) -> str:
        if quarter[1] != "2009-12-31":
            return ""
        return partnerships(self._geography, quarter[1])[0][1]

    def _others(self, head: list[Cell], area: str, quarter: Period) -> Iterator[list[Cell]]:
        heads = self._truth.people.residents(area, int(quarter[1][:4]))
        for code, (*words, rate) in _OTHERS.items():
            drawn = unit(word(self._truth.seed, "other crime", code, area, quarter[1]))
            yield [*head, *words, code, round(heads / 1000 * rate * (0.6 + 0.8 * drawn))]

    def _nowhere(self, label: str, sign: Cell, quarter: Period) -> Iterator[list[Cell]]:
        places = [(name, UNASSIGNED) for name, _ in forces(self._geography)]
        for force, place in (*places, (TRANSPORT_POLICE, TRANSPORT_POLICE)):
            for code in self._nowhere_codes(quarter):
                if count := self._lost(force, code, quarter):
                    yield [label, sign, force, place, *_OFFENCES[code][:3], code, count]

    def _nowhere_codes(self, quarter: tuple[str, str]) -> tuple[str, ...]:
        return "34B", "45", "8G" if quarter[1] > "2008-04-01" else "8A"

    def _lost(self, force: str, code: str, quarter: tuple[str, str]) -> int:
        return int(9 * unit(word(self._truth.seed, "nowhere", force, code, quarter[1])))

    def unassigned(self, measure_id: str, quarter: tuple[str, str]) -> int:
        """Crimes of England's forces that belong to no partnership: what England has above the sum of its places.

        Those of the British Transport Police are not among them; they stand in rows of their own.
        """
        known = {code for code, _, _ in self._codes[measure_id]}
        return sum(
            self._lost(force, code, quarter)
            for force, _ in forces(self._geography)
            for code in self._nowhere_codes(quarter)
            if code in known
        )


def force_sheets(truth: Truth, geography: Geography, dataset: str, revised: float = 0.0) -> list[SheetData]:
    """The sheet `Data` of a table by police force: one row a force, financial year and offence."""
    measures = [measure for measure in truth.measures.values() if measure.dataset_id == dataset]
    rows = [_FORCE_HEADER[:]]
    for period in truth.periods(measures[0].measure_id):
        label = f"{period[0][:4]}/{period[1][2:4]}"
        for name, code in forces(geography):
            change = dice(truth.seed, "revised forces", code)
            factor = 1 + change.uniform(0.01, 0.05) if change.random() < revised else 1.0
            for measure in measures:
                value = round((truth.value(measure.measure_id, code, period) or 0) * factor)
                hidden = truth.is_suppressed(measure.measure_id, code, period)
                rows.append([label, name, measure.item, "*" if hidden else value])
    return [SheetData("Data", rows, 0)]


def documents(truth: Truth, geography: Geography) -> list[Document]:
    """The workbooks of recorded crime, of knife and gun crime and of homicides, each on a page of its own."""
    crime = RecordedCrime(truth, geography)
    builds: dict[str, Callable[[float], list[SheetData]]] = {
        CRIME: crime.sheets,
        **{name: partial(force_sheets, truth, geography, name) for name in BY_FORCE},
    }
    area = {CRIME: "csp name"}
    titles = {
        CRIME: "Police recorded crime by community safety partnership",
        "ho_knife_gun_crime": "Serious knife and gun crime by police force",
        "ho_homicide_index": "Domestic homicides by police force",
    }
    return [
        Document(
            name,
            f"{name}.ods",
            ODS,
            page=f"/government/statistical-data-sets/{name.replace('_', '-')}",
            title=titles[name],
            sheets=build,
            columns=Columns(
                {"offence count|number": ""},
                area.get(name, "force name"),
                area.get(name, "force name"),
                "Atlantis",
                areas=".+",
            ),
        )
        for name, build in builds.items()
    ]
