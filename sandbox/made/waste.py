"""Made council waste: the ENV18 workbook, whose ratios follow from its tonnes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property

from sandbox.areas import Area, Geography
from sandbox.made.dice import clamp, dice
from sandbox.made.people import People
from sandbox.spreadsheets import Cell, SheetData

YEARS = (2007, 2008, 2009, 2010)
FILENAME = "LA_and_Regional_Spreadsheet_201011.ods"
_REGIONS = {"Yorkshire and The Humber": "Yorkshire and Humber", "East of England": "Eastern"}
_SUFFIX = {
    "district": " District Council", "county": " County Council", "metropolitan_district": " MBC",
    "london_borough": " LB", "unitary": " Council", "waste_authority": "",
}  # fmt: skip
_BOROUGHS = {
    "E50000001": (2, 16, 25, 26),
    "E50000002": (3, 7, 10, 12, 14, 19, 31),
    "E50000003": (5, 9, 15, 17, 18, 27),
    "E50000004": (13, 20, 22, 32),
}
_JOINT = {f"E090000{number:02}": joint for joint, numbers in _BOROUGHS.items() for number in numbers}
_JOINT |= {f"E080000{number:02}": "E50000005" for number in range(1, 10)}
_JOINT |= {f"E080000{number:02}": "E50000006" for number in range(11, 16)}

_TITLES_1 = (
    "Financial Year", "Region", "ONS Code", "JPP order", "Local Authority", "Authority type",
    "Total local authority collected waste (tonnes)", "Household - total waste (tonnes)",
    "Household - waste sent for recycling/composting/reuse (tonnes)", "Household dry recycling/reuse (tonnes)",
    "Household green recycling/reuse (tonnes)", "Household - waste not sent for recycling (tonnes)",
    "Household - regular collection (not recycled) (tonnes)",
    "Household - civic amenity sites (not recycled) (tonnes)",
    "Household - other sources (not recycled) (tonnes)", "Household - estimated rejects (tonnes)",
    "Non-household - total waste (tonnes)", "Non-household - waste sent for recycling/composting/reuse (tonnes)",
    "Non-household - waste not sent for recycling (tonnes) ", "Non-household - estimated rejects (tonnes)",
    "Local authority collected waste - sent for recycling/composting/reuse (tonnes)",
    "Local authority collected waste - not sent for recycling (tonnes)",
    "Local authority collected - estimated rejects (tonnes)",
)  # fmt: skip
_GROUPS_1 = ("Local authority collected", *("Households",) * 9, *("Non-households",) * 4,
             *("Local authority collected",) * 3)  # fmt: skip
_TITLES_2 = (
    "Year", "Region", "Geographical Code", "ONS Code", "Jpp Order", "Authority", "Authority Type", "Landfilled ",
    "Incineration with EfW", "Incineration without EfW 4", "Recycled/ Composted", "Other1 ", "Total2",
    "Input to intermediate plants3",
)  # fmt: skip
_TITLES_3 = (
    "Year", "Region", "ONS code", "Jpp Order", "Authority", "Authority type",
    "Residual household waste per household (kg/household) (Ex NI191)",
    "Percentage of household waste sent for reuse, recycling or composting (Ex NI192)",
    "Percentage of municipal waste sent to landfill (Ex NI193)",
    "Collected household waste per person (kg) (Ex BVPI 84a)",
)  # fmt: skip
_DOUBLE_COUNTING = (
    "For correct totals, you should only sum values for unitary and disposal authorities. Summing values for "
    "unitary, collection and disposal authorities will result in double counting."
)
_SOURCE = "Source: Department for Environment, Food & Rural Affairs "


@dataclass(slots=True)
class Tonnes:
    """A year of one authority, in whole tonnes; sums of these are again such a year."""

    dry: int = 0
    green: int = 0
    regular: int = 0
    civic: int = 0
    other: int = 0
    rejects: int = 0
    trade_recycled: int = 0
    trade_rest: int = 0
    landfilled: int = 0

    def add(self, more: Tonnes) -> None:
        """Add another authority's year."""
        for item in fields(self):
            setattr(self, item.name, getattr(self, item.name) + getattr(more, item.name))

    @property
    def recycled(self) -> int:
        """Household waste reused, recycled or composted."""
        return self.dry + self.green

    @property
    def residual(self) -> int:
        """Household waste not recycled."""
        return self.regular + self.civic + self.other + self.rejects

    @property
    def household(self) -> int:
        """All household waste."""
        return self.recycled + self.residual

    @property
    def trade(self) -> int:
        """All other waste."""
        return self.trade_recycled + self.trade_rest

    @property
    def total(self) -> int:
        """All waste collected."""
        return self.household + self.trade

    def cells(self) -> list[Cell]:
        """The figures of Table 1 in order."""
        return [
            self.total, self.household, self.recycled, self.dry, self.green, self.residual, self.regular, self.civic,
            self.other, self.rejects, self.trade, self.trade_recycled, self.trade_rest, 0,
            self.recycled + self.trade_recycled, self.residual + self.trade_rest, self.rejects,
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Return:
    """An authority's year as it stands in the tables."""

    area: Area
    kind: str
    year: int
    tonnes: Tonnes


class Waste:
    """All authorities' returns for a seed; `share` of the collecting ones are revised in 2009-10."""

    def __init__(self, seed: int, geography: Geography, people: People, share: float = 0.0) -> None:
        """Prepare; figures are drawn when they are first read."""
        self._seed, self._geography, self._people, self._share = seed, geography, people, share

    @cached_property
    def returns(self) -> list[Return]:
        """Returns by year, region and code; joint disposal after its members."""
        found = [item for year in YEARS for item in self._year(year)]
        return sorted(found, key=lambda item: (item.year, item.area.region, item.kind == "Disposal", item.area.code))

    def _year(self, year: int) -> Iterator[Return]:
        day = f"{year + 1}-03-31"
        joint: dict[str, Tonnes] = {}
        for area in self._geography.at(day):
            parent = self._geography.county_of(area.code, day) or _JOINT.get(area.code, "")
            tonnes = self._collected(area, year, collection=bool(parent))
            if parent:
                joint.setdefault(parent, Tonnes()).add(tonnes)
            else:
                tonnes.landfilled = self._landfilled(area.code, year, tonnes)
            yield Return(area, "Collection" if parent else "Unitary", year, tonnes)
        for parent, tonnes in sorted(joint.items()):
            rng = dice(self._seed, "waste sites", parent, year)
            sites = tonnes.household * rng.uniform(0.2, 0.28)
            tonnes.add(Tonnes(dry=round(sites * 0.3), green=round(sites * 0.22), civic=round(sites * 0.48)))
            tonnes.landfilled = self._landfilled(parent, year, tonnes)
            yield Return(self._geography.areas[parent], "Disposal", year, tonnes)

    def _collected(self, area: Area, year: int, *, collection: bool) -> Tonnes:
        traits = dice(self._seed, "waste", area.code)
        heavy, keen = traits.lognormvariate(0, 0.08), traits.gauss(0.315, 0.06)
        revised = dice(self._seed, "waste revised", area.code).random() < self._share
        rng = dice(self._seed, "waste", area.code, year)
        step = year - YEARS[0]
        kg = 1_130 * heavy * 0.972**step * rng.uniform(0.985, 1.015) * (0.8 if collection else 1.0)
        if revised and year == 2009:
            kg *= 1.04
        household = self._people.households(area.code, year) * kg / 1000
        recycled = household * clamp(keen + 0.024 * step + rng.gauss(0, 0.008), 0.12, 0.62)
        rest, trade = household - recycled, household * rng.uniform(0.04, 0.2)
        dry = rng.uniform(0.5, 0.7)
        civic = 0.0 if collection else rest * 0.13
        other, rejects = rest * rng.uniform(0.03, 0.08), rest * rng.choice((0, 0, 0.01, 0.02))
        return Tonnes(
            dry=round(recycled * dry),
            green=round(recycled * (1 - dry)),
            regular=round(rest - civic - other - rejects),
            civic=round(civic),
            other=round(other),
            rejects=round(rejects),
            trade_recycled=round(trade * 0.35),
            trade_rest=round(trade * 0.65),
        )

    def _landfilled(self, code: str, year: int, tonnes: Tonnes) -> int:
        share = clamp(dice(self._seed, "landfill", code).gauss(0.54, 0.17), 0.02, 0.9) - 0.036 * (year - YEARS[0])
        return round(min(tonnes.residual + tonnes.trade_rest, tonnes.total * clamp(share, 0.01, 0.9)))


def label(year: int) -> str:
    """A financial year as the tables write it: 2008-09."""
    return f"{year}-{(year + 1) % 100:02}"


def sheets(seed: int, geography: Geography, people: People, share: float = 0.0) -> list[SheetData]:
    """The workbook's sheets."""
    returns = Waste(seed, geography, people, share).returns
    every = sorted({item.area.code for item in returns}, key=lambda code: (geography.areas[code].region, code))
    order = {code: number for number, code in enumerate(every, start=1)}
    return [
        SheetData("Metadata", [["Metadata associated with workbook"], ["Title", "Document Title", "Made figures"]]),
        SheetData("Notes", [["Notes for tables"], [], ["", "The figures of this workbook are invented."]]),
        _table_1(returns, geography, order),
        _table_2(returns, geography, order),
        _table_3(returns, geography, order, people),
    ]


def _region(item: Return, geography: Geography) -> str:
    name = geography.region_name(item.area.code)
    return _REGIONS.get(name, name)


def _name(item: Return) -> str:
    return item.area.name + _SUFFIX[item.area.kind]


def _table_1(returns: list[Return], geography: Geography, order: dict[str, int]) -> SheetData:
    rows: list[list[Cell]] = [
        ["Table 1: Local Authority Collected and Household Waste Statistics 2007/08 - 2010/11, England"],
        [_DOUBLE_COUNTING],
        ["", "", "", "", "", "", *_GROUPS_1],
        list(_TITLES_1),
    ]
    for item in returns:
        code = item.area.code
        head: list[Cell] = [
            label(item.year),
            _region(item, geography),
            code,
            order[code],
            _name(item),
            item.kind,
        ]
        rows.append(head + item.tonnes.cells())
    rows += [
        [],
        ["Notes:"],
        ["A total for England cannot be obtained by summing data from all authorities."],
        [],
        [_SOURCE],
    ]
    return SheetData("Table_1", rows, header_row=3)


def _england(returns: list[Return], year: int, region: str = "") -> Tonnes:
    total = Tonnes()
    for item in returns:
        if item.year == year and item.kind != "Collection" and region in ("", item.area.region):
            total.add(item.tonnes)
    return total


def _managed(tonnes: Tonnes) -> list[Cell]:
    recycled = tonnes.recycled + tonnes.trade_recycled
    left = tonnes.total - recycled - tonnes.landfilled
    burnt = round(left * 0.94)
    return [tonnes.landfilled, burnt, 0, recycled, left - burnt, tonnes.total]


def _table_2(returns: list[Return], geography: Geography, order: dict[str, int]) -> SheetData:
    rows: list[list[Cell]] = [
        ["Table 2: Management of Local Authority Collected Waste, England,  2007/08 - 2010/11"],
        [],
        [],
        list(_TITLES_2),
    ]
    for year in YEARS:
        rows.append(
            [label(year), "Total England", "*Total", "*Total", "*Total", "Total England", "*Total",
             *_managed(_england(returns, year)), ""]
        )  # fmt: skip
        for item in returns:
            if item.year != year or item.kind == "Collection":
                continue
            code = item.area.code
            rows.append(
                [label(year), _region(item, geography), order[code] * 10, code, order[code], _name(item), item.kind,
                 *_managed(item.tonnes), round(item.tonnes.total * 0.07)]
            )  # fmt: skip
    rows += [
        [],
        ["Notes:"],
        ["Other includes waste disposed of through unspecified treatment."],
        [],
        [_SOURCE],
    ]
    return SheetData("Table_2", rows, header_row=3)


def _ratios(tonnes: Tonnes, households: int) -> list[Cell]:
    return [
        round(tonnes.residual * 1000 / households, 1),
        round(tonnes.recycled / tonnes.household, 3),
        round(tonnes.landfilled / tonnes.total, 3),
    ]


def _table_3(returns: list[Return], geography: Geography, order: dict[str, int], people: People) -> SheetData:
    rows: list[list[Cell]] = [
        ["Table 3: Ratios for local authorities and regions, 2007/08 - 2010/11"],
        [],
        [],
        list(_TITLES_3),
    ]
    regions = [(area.code, area.name) for area in geography.at("2009-03-31", ("region",))]
    for year in YEARS:
        members = {code: 0 for code, _ in regions}
        for item in returns:
            if item.year == year and item.kind != "Disposal":
                members[item.area.region] += people.households(item.area.code, year)
        england = sum(members.values())
        total: list[Cell] = ["Total"] * 4
        rows.append([label(year), "Total England", *total, *_ratios(_england(returns, year), england), ":"])
        for code, name in regions:
            ratios = _ratios(_england(returns, year, code), members[code])
            rows.append([label(year), f"*{_REGIONS.get(name, name)}", *total, *ratios, ":"])
        joint: dict[str, tuple[int, int]] = {}
        day = f"{year + 1}-03-31"
        for item in returns:
            if item.year == year and item.kind == "Collection":
                parent = geography.county_of(item.area.code, day) or _JOINT[item.area.code]
                homes, heads = joint.get(parent, (0, 0))
                more = people.households(item.area.code, year), people.residents(item.area.code, year)
                joint[parent] = (homes + more[0], heads + more[1])
        for item in returns:
            if item.year != year:
                continue
            code = item.area.code
            homes, heads = joint.get(code) or (people.households(code, year), people.residents(code, year))
            ratios = _ratios(item.tonnes, homes)
            if item.kind == "Collection":
                ratios[2] = "-"
            rows.append(
                [label(year), _region(item, geography), code, order[code], _name(item), item.kind, *ratios,
                 round(item.tonnes.household * 1000 / heads, 1)]
            )  # fmt: skip
    rows += [
        [],
        ["Notes:"],
        ["Collection authorities do not dispose of waste: they have no share sent to landfill."],
        [],
        [_SOURCE],
    ]
    return SheetData("Table_3", rows, header_row=3)
