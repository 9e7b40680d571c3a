"""Made homelessness workbooks: households in temporary accommodation at the end of a quarter."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.areas import Area, Geography
from sandbox.made.dice import dice, poisson
from sandbox.made.people import People
from sandbox.spreadsheets import Cell, SheetData, Span

QUARTERS = ("200903", "201003", "201103")
_DAYS = {"03": ("31", "January to March", "Jan-Mar"), "06": ("30", "April to June", "Apr-Jun")}
# Households in temporary accommodation per 1,000 households in March 2009.
_LONDON, _ELSEWHERE = 12.3, 0.8
_TREND = {"2009": 1.0, "2010": 0.8, "2011": 0.75}
_TOTAL, _CHILDREN = "Total number of households", "Total with children"
_TOP: tuple[Cell, ...] = (
    "", "", "", "", "Total number of households in TA4,5,8 ", "", "Total number of households in TA per (000s) households",
    "Total number of households in TA with children", "Total number of children in TA", "",
    "Bed and breakfast hotels (including shared annexes)", "", "", "", "", "",
    "Nightly paid, privately managed accommodation, self-contained", "", "",
    "Hostels (including reception centres, emergency units and refuges)", "", "",
    "Private sector accommodation leased by your authority or leased or managed by a registered provider", "", "",
    "Local authority or Housing association (LA/HA) stock", "", "",
    "Any other type of temporary accommodation (including private landlord and not known)6", "", "",
    "In TA in another local authority district", "", "Duty owed, no accommodation secured9", "",
)  # fmt: skip
_BELOW: tuple[Cell, ...] = (
    "", "", "", "", "", "", "Total number of households in TA per (000s) households", "", "", "",
    _TOTAL, _CHILDREN, "Total with children and resident more than 6 weeks",
    "Total with children and resident more than 6 weeks and pending review / appeal",
    "Total with 16/17-year-old main applicant", "", _TOTAL, "Total  with children", "", _TOTAL, _CHILDREN, "",
    _TOTAL, _CHILDREN, "", _TOTAL, _CHILDREN, "", _TOTAL, _CHILDREN, "", "", "", _TOTAL, _CHILDREN,
)  # fmt: skip
_MERGED: tuple[Span, ...] = (
    (0, 0, 0, 31), (1, 4, 2, 4), (1, 5, 2, 5), (1, 6, 2, 6), (1, 7, 2, 7), (1, 8, 2, 8), (1, 10, 1, 14),
    (1, 16, 1, 17), (1, 19, 1, 20), (1, 22, 1, 23), (1, 25, 1, 26), (1, 28, 1, 29), (1, 31, 2, 31), (1, 33, 1, 34),
)  # fmt: skip
_GAPS = (9, 15, 18, 21, 24, 27, 30, 32)
_KINDS = (0.07, 0.2, 0.08, 0.35, 0.2, 0.1)
_NOTES: tuple[tuple[Cell, ...], ...] = (
    ("", "Notes:"),
    ("", 1, "", "", "The figures of this workbook are invented."),
    ("", 4, "", "", "Households in accommodation arranged by local authorities."),
    ("", 8, "", "", "Households in TA are as reported at the end of each quarter."),
    (
        "",
        "-",
        "",
        "",
        "B&B breakdowns have been suppressed for local authorities with fewer than 5 households in B&Bs",
    ),
    (),
    ("", "", "", "", "Total figures are presented rounded to the nearest 10 households."),
    ("", "..", "", "", "Missing or incomplete data."),
    (),
    ("", "Source:", "", "", "P1E Homelessness returns (quarterly)"),
)


def filename(quarter: str) -> str:
    """Name of the workbook of a quarter (YYYYMM of its last month)."""
    return f"DetailedLA_{quarter}.xlsx"


def sheets(seed: int, geography: Geography, people: People, quarter: str, share: float = 0.0) -> list[SheetData]:
    """Sheets of a quarter's workbook; `share` of the councils have revised figures."""
    year, (last, words, short) = quarter[:4], _DAYS[quarter[4:]]
    day = f"{year}-{quarter[4:]}-{last}"
    sheet = f"{short} {year[2:]}"
    councils = sorted(geography.at(day), key=lambda area: area.name)
    figures = {area.code: _council(seed, area, people, int(year), share) for area in councils}
    title = f"households in temporary accommodation at end of quarter by local authority8\nEngland, {words} {year}"
    top = list(_TOP)
    top[5] = f"Number of households (2008-based household projections for {year})3  (000s)"
    rows: list[list[Cell]] = [[f"Table TA1 - H{title[1:]}"], top, list(_BELOW)]
    regions = [(area.code, area.name) for area in geography.at(day, ("region",))]
    london = [area for area in councils if area.region == "E12000007"]
    rest = [area for area in councils if area.region != "E12000007"]
    rows.append(_sum("E92000001", "ENGLAND", councils, figures, people, int(year)))
    rows.append(_sum("E12000007", "London", london, figures, people, int(year)))
    rows.append(_sum("-", "Rest of England", rest, figures, people, int(year)))
    rows.append([])
    for code, name in regions:
        members = [area for area in councils if area.region == code]
        rows.append(_sum(code, name, members, figures, people, int(year)))
    rows.append([])
    for area in councils:
        head: list[Cell] = [
            area.code,
            area.name.replace(" and ", " & "),
            geography.region_name(area.code),
            area.region,
        ]
        rows.append(head + _cells(figures[area.code], people.households(area.code, int(year)), area, seed, quarter))
    rows += [[], *(list(note) for note in _NOTES)]
    return [
        SheetData(
            "Contents",
            [["Detailed local authority tables"], [], ["TA1", "Households in temporary accommodation"]],
        ),
        SheetData(
            "LA dropdown (TA1&TA2)",
            [[], [], ["", "", f"Households in temporary accommodation\nEngland, {words} {year}1"]],
        ),
        SheetData(f"TA1 - {sheet}", rows, header_row=1, merged=_MERGED),
        SheetData(
            f"TA2 - {sheet}",
            [[f"Table TA2 - H{title[1:]}"], [], ["", "", "", "", "Total number of households in TA3,4,5"]],
        ),
    ]


def _council(seed: int, area: Area, people: People, year: int, share: float) -> list[int]:
    """Households by kind of accommodation."""
    traits = dice(seed, "temporary", area.code)
    rate = (_LONDON if area.region == "E12000007" else _ELSEWHERE) * traits.lognormvariate(0, 0.7)
    if dice(seed, "temporary revised", area.code).random() < share:
        rate *= 1.1
    expected = people.households(area.code, year) / 1000 * rate * _TREND[str(year)]
    rng = dice(seed, "temporary", area.code, year)
    return [poisson(rng, expected * kind) for kind in _KINDS]


def _tail(kinds: Sequence[int], *, suppress: bool) -> list[Cell]:
    """Cells from the bed and breakfast column on: totals and those with children."""
    cells: list[Cell] = [kinds[0]]
    few = suppress and kinds[0] < 5
    cells += ["-"] * 4 if few else [kinds[0] // 3, kinds[0] // 9, kinds[0] // 90, kinds[0] // 100]
    for count in kinds[1:]:
        cells += ["", count, round(count * 0.75)]
    return [*cells, "", round(sum(kinds) * 0.2), "", round(sum(kinds) * 0.05), round(sum(kinds) * 0.03)]


def _figures(kinds: Sequence[int], households: int, *, suppress: bool) -> list[Cell]:
    total = sum(kinds)
    head: list[Cell] = [
        total,
        households / 1000,
        total / households * 1000,
        round(total * 0.7),
        round(total * 1.35),
        "",
    ]
    return head + _tail(kinds, suppress=suppress)


def _cells(kinds: list[int], households: int, area: Area, seed: int, quarter: str) -> list[Cell]:
    cells = _figures(kinds, households, suppress=True)
    if dice(seed, "no return", area.code, quarter).random() < 0.07:
        return [value if i == 1 or i + 4 in _GAPS else ".." for i, value in enumerate(cells)]
    return cells


def _sum(
    code: str, name: str, members: Sequence[Area], figures: dict[str, list[int]], people: People, year: int
) -> list[Cell]:
    totals = [sum(figures[area.code][i] for area in members) for i in range(len(_KINDS))]
    households = sum(people.households(area.code, year) for area in members)
    rounded = [round(value, -1) for value in totals]
    head: list[Cell] = [code, name, "", ""]
    return head + _figures(rounded, households, suppress=False)
