"""Made figures: layouts of the genuine files, codes of the day, sums that add up, the same for the same seed."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from ingest.contract import Check, Delimited, MessyCsv, Sheet, WideCsv, normalise_header
from ingest.registry import datasets
from sandbox import addresses
from sandbox.areas import Geography
from sandbox.documents import Document
from sandbox.site import NOT_READ, Site
from tests.sandbox.client import ROOT, Client


def _document(client: Client, name: str) -> Document:
    return next(document for document in client.server.site.documents if document.name == name)


def _bytes(client: Client, name: str) -> bytes:
    return client.server.site.shelf.release(_document(client, name)).path.read_bytes()


def _dicts(client: Client, name: str) -> list[dict[str, str]]:
    text = client.server.site.shelf.text(_document(client, name)).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _sheet(client: Client, name: str, pattern: str) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(_bytes(client, name)))
    sheet = next(title for title in book.sheet_names if re.fullmatch(pattern, title))
    return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)  # type: ignore[return-value]


QUICK = (
    "population_totals", "fuel_poverty", "fuel_poverty_county", "borough_crime", "street_crime", "fingertips",
    "els_gross-median-weekly-pay", "waste", "homelessness_200903",
)  # fmt: skip


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    def digests(seed: int, folder: str) -> dict[str, str]:
        site = Site("made", seed, cache=tmp_path / folder)
        return {d.name: site.shelf.release(d).sha256 for d in site.documents if d.name in QUICK}

    first = digests(2008, "one")
    assert set(first) == set(QUICK)
    assert digests(2008, "two") == first
    other = digests(2009, "three")
    assert all(other[name] != digest for name, digest in first.items())


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("la_co2", "co2/2005-11_UK_local_authority_CO2_emissions_England.csv"),
        ("collisions", "roads/dft-road-casualty-statistics-collision-2024-west-yorkshire.csv"),
        ("casualties", "roads/dft-road-casualty-statistics-casualty-2024-west-yorkshire.csv"),
        ("population_totals", "population/la_mid_year_population_totals_2005_2019.csv"),
        ("population_by_age", "population/la_mid_2011_population_single_year_age_sex.csv"),
        ("fuel_poverty", "fuel_poverty/decc_fuel_poverty_la_2011.csv"),
        *((f"els_{indicator}", f"els/{indicator}.csv") for indicator in addresses.ELS),
    ],
)
def test_made_csv_starts_like_the_genuine_one(made: Client, samples_folder: Path, name: str, file: str) -> None:
    with (samples_folder / file).open("rb") as genuine:
        expected = genuine.readline()
    # The genuine file of ages is of one year and does not say which.
    titles = b"year," + expected if name == "population_by_age" else expected
    # Byte order mark, titles and line end.
    assert _bytes(made, name).startswith(titles)


def test_odd_layouts_start_like_the_genuine_ones(made: Client, samples_folder: Path) -> None:
    county = (samples_folder / "fuel_poverty/decc_fuel_poverty_county_2011_raw.csv").read_bytes().splitlines(True)
    assert _bytes(made, "fuel_poverty_county").splitlines(True)[:3] == county[:3]
    assert _bytes(made, "fuel_poverty_county").endswith(b",,,,,\n")
    street = (samples_folder / "police/2020-08-surrey-street.csv").read_bytes().splitlines(True)[0]
    text = made.server.site.shelf.text(_document(made, "street_crime"))
    assert text.read_bytes().startswith(street)
    borough = (samples_folder / "police/mps_borough_level_crime_200801_201612.csv").read_bytes()
    titles = borough.splitlines()[0].split(b",")
    assert _bytes(made, "borough_crime").splitlines()[0].split(b",") == titles[: 3 + 48]
    categories = Counter(tuple(row[:3]) for row in csv.reader(io.StringIO(borough.decode())))
    invented = Counter(tuple(row[:3]) for row in csv.reader(io.StringIO(_bytes(made, "borough_crime").decode())))
    assert invented == categories


def test_made_workbooks_have_the_genuine_titles_in_the_genuine_place(made: Client, samples_folder: Path) -> None:
    waste = CalamineWorkbook.from_path(samples_folder / "waste/LA_and_Regional_Spreadsheet_201718.ods")
    for sheet, rows in (("Table_1", slice(2, 4)), ("Table_2", slice(3, 4)), ("Table_3", slice(3, 4))):
        genuine = waste.get_sheet_by_name(sheet).to_python(skip_empty_area=False)[rows]
        assert _sheet(made, "waste", sheet)[rows] == genuine, sheet
    homes = CalamineWorkbook.from_path(samples_folder / "homelessness/DetailedLA_201806.xlsx")
    original = homes.get_sheet_by_name("TA1 - Apr-Jun 18")
    genuine = original.to_python(skip_empty_area=False)[1:3]
    invented = _sheet(made, "homelessness_200903", "TA1 - .*")[1:3]
    # The fifth title names its year.
    assert [title for i, title in enumerate(invented[0]) if i != 5] == [t for i, t in enumerate(genuine[0]) if i != 5]
    assert invented[1] == genuine[1]
    book = CalamineWorkbook.from_filelike(io.BytesIO(_bytes(made, "homelessness_200903")))
    merged = book.get_sheet_by_name("TA1 - Jan-Mar 09").merged_cell_ranges
    assert sorted(merged or ()) == sorted(original.merged_cell_ranges or ())


def _header_and_rows(reader: object, raw: bytes) -> tuple[list[str], list[list[str]]]:
    if isinstance(reader, Sheet):
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        name = next(title for title in book.sheet_names if re.fullmatch(reader.name, title))
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        first, last = reader.header_rows
        titles = []
        for i, column in enumerate(zip(*rows[first - 1 : last], strict=True), start=1):
            parts = [normalise_header(str(cell)) for cell in column if str(cell).strip()]
            titles.append(" | ".join(dict.fromkeys(parts)) or f"column {i}")
        return titles, [[str(cell) for cell in row] for row in rows[last:] if any(row)]
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    top = reader.header_row if isinstance(reader, MessyCsv) else 1
    return lines[top - 1], [row for row in lines[top:] if any(row)]


def _passes(check: Check, titles: dict[str, int], rows: list[list[str]], cells: int) -> None:
    assert len(rows) * cells >= check.min_rows
    if check.area_column:
        assert len({row[titles[check.area_column]] for row in rows}) >= check.min_areas
    for column, pattern, share in check.matches:
        if column != "cell":
            hits = sum(re.search(pattern, row[titles[column]]) is not None for row in rows)
            assert hits / len(rows) >= share, column


@pytest.mark.parametrize(
    ("dataset_id", "names"),
    [
        ("defra_waste", ("waste",)),
        ("clg_homelessness", ("homelessness_200903", "homelessness_201003", "homelessness_201103")),
        ("decc_la_co2", ("la_co2",)),
        ("decc_fuel_poverty", ("fuel_poverty",)),
        ("decc_fuel_poverty_county", ("fuel_poverty_county",)),
        ("mps_borough_crime", ("borough_crime",)),
        ("ons_employment_rate", ("els_employment-rate",)),
        ("ons_weekly_pay", ("els_gross-median-weekly-pay",)),
        ("ons_net_additions", ("els_net-additions-to-the-housing-stock",)),
        ("ons_persistent_absence", ("els_persistent-absences-for-all-pupils",)),
        ("ons_population", ("population_totals",)),
        ("fingertips_campylobacter", ("fingertips",)),
    ],
)
def test_made_files_keep_the_contract(made: Client, dataset_id: str, names: tuple[str, ...]) -> None:
    for name in names:
        for table in datasets()[dataset_id].tables:
            assert isinstance(table.reader, Delimited | MessyCsv | WideCsv | Sheet)
            titles, rows = _header_and_rows(table.reader, _bytes(made, name))
            places: dict[str, int] = {}
            for column in table.columns:
                found = [i for i, title in enumerate(titles) if column.matches(title)]
                assert len(found) == 1 or (column.optional and not found), (name, table.name, column.name)
                if found:
                    places[column.name] = found[0]
            label = table.reader.label if isinstance(table.reader, WideCsv) else ""
            cells = sum(re.fullmatch(label, title) is not None for title in titles) if label else 1
            _passes(table.check, places, rows, cells)


def test_waste_adds_up_in_every_direction(made: Client) -> None:
    rows = [row for row in _sheet(made, "waste", "Table_1")[4:] if str(row[2]).startswith("E")]
    total, household, recycled, dry, green, residual, regular, civic, other, rejects = range(6, 16)
    for row in rows:
        figures: list[float] = [0.0] * 6 + [float(str(cell)) for cell in row[6:]]
        assert figures[total] == figures[household] + figures[16]
        assert figures[household] == figures[recycled] + figures[residual]
        assert figures[recycled] == figures[dry] + figures[green]
        assert figures[residual] == figures[regular] + figures[civic] + figures[other] + figures[rejects]
        assert figures[16] == figures[17] + figures[18]
        assert (figures[20], figures[21]) == (
            figures[recycled] + figures[17],
            figures[residual] + figures[18],
        )
    managed = [row for row in _sheet(made, "waste", "Table_2")[4:] if row[12] != ""]
    assert all(sum(float(str(c)) for c in row[7:12]) == row[12] for row in managed)
    collected = {(row[0], row[2]): row for row in rows}
    ratios = [row for row in _sheet(made, "waste", "Table_3")[4:] if str(row[2]).startswith("E")]
    assert len(ratios) == len(rows)
    landfilled = {(row[0], row[3]): (row[7], row[12]) for row in managed}
    for row in ratios:
        source = collected[(row[0], row[2])]
        # NI 192 and NI 193 by hand from the tonnes.
        assert row[7] == round(float(str(source[8])) / float(str(source[7])), 3)
        if row[5] == "Collection":
            assert row[8] == "-"
        else:
            buried, managed_total = landfilled[(row[0], row[2])]
            assert row[8] == round(float(str(buried)) / float(str(managed_total)), 3)
    england = {row[0]: row for row in _sheet(made, "waste", "Table_3") if row[1] == "Total England"}
    for year in ("2007-08", "2008-09", "2009-10", "2010-11"):
        parts = [row for row in rows if row[0] == year and row[5] != "Collection"]
        share = sum(float(str(r[8])) for r in parts) / sum(float(str(r[7])) for r in parts)
        assert england[year][7] == round(share, 3)


def test_waste_uses_the_codes_in_force_at_the_end_of_each_year(made: Client) -> None:
    codes = defaultdict(set)
    kinds = {}
    for row in _sheet(made, "waste", "Table_1")[4:]:
        if str(row[2]).startswith("E"):
            codes[row[0]].add(row[2])
            kinds[(row[0], row[2])] = row[5]
    # Merged on 1 April 2009: Macclesfield and Cheshire gave way to Cheshire East.
    for year, old in (("2007-08", True), ("2008-09", True), ("2009-10", False), ("2010-11", False)):
        assert ({"E07000017", "E10000004"} <= codes[year]) is old
        assert ("E06000049" in codes[year]) is not old
    assert kinds[("2010-11", "E08000003")] == "Collection"  # Manchester, in a joint disposal authority
    assert kinds[("2010-11", "E50000005")] == "Disposal"
    assert kinds[("2010-11", "E08000010")] == "Unitary"  # Wigan, not in it


def test_carbon_within_influence_leaves_out_what_councils_cannot_move(made: Client) -> None:
    rows = _dicts(made, "la_co2")
    assert len({row["Local Authority Code"] for row in rows}) == 326
    out = re.compile("Motorways|Large Industrial|Railways|LULUCF")
    totals: Counter[str] = Counter()
    for row in rows:
        within = row["Emissions within the scope of influence of LAs (kt CO2)"]
        if out.search(row["LA CO2 Sub-sector"]):
            assert within == "0.0"
        elif row["LA CO2 Sub-sector"] != "Agriculture":
            assert within == row["Territorial emissions (kt CO2)"]
        totals[row["Calendar Year"]] += float(within)  # type: ignore[assignment]
    assert any(float(row["Territorial emissions (kt CO2)"]) < 0 for row in rows)
    assert 0.08 < 1 - totals["2010"] / totals["2005"] < 0.17


def test_populations_agree_between_files(made: Client) -> None:
    by_age: Counter[str] = Counter()
    councils: dict[str, set[str]] = defaultdict(set)
    for row in _dicts(made, "population_by_age"):
        councils[row["year"]].add(row["gss_code"])
        if row["year"] == "2011":
            by_age[row["gss_code"]] += int(row["population"])
    assert sorted(councils) == ["1998", *(str(year) for year in range(2003, 2012))]
    assert (len(councils["2008"]), len(councils["2009"])) == (354, 326)
    totals = {
        row["LA_CODE"]: row["LA_POPULATION"] for row in _dicts(made, "population_totals") if row["YEAR"] == "2011"
    }
    assert len(totals) == 326
    assert {code: round(float(value) * 1000) for code, value in totals.items()} == dict(by_age)
    emissions = {row["Local Authority Code"]: row for row in _dicts(made, "la_co2") if row["Calendar Year"] == "2011"}
    assert all(emissions[code]["Mid-year Population (thousands)"] == value for code, value in totals.items())


def test_collisions_carry_the_codes_of_the_day(made: Client) -> None:
    collisions = _dicts(made, "collisions")
    years = Counter(row["collision_year"] for row in collisions)
    assert sorted(years) == [str(year) for year in range(2005, 2012)]
    assert all(5_000 < count < 7_500 for count in years.values())
    for row in collisions:
        day, month, year = row["date"].split("/")
        if row["local_authority_highway"] == "E10000004":
            assert f"{year}-{month}-{day}" < "2009-04-01"
        if row["local_authority_highway"] == "E06000049":
            assert f"{year}-{month}-{day}" >= "2009-04-01"
    highways = Counter(row["local_authority_highway"] for row in collisions)
    assert highways["EHEATHROW"] > 0
    assert highways["-1"] > 0
    assert not [code for code in highways if code.startswith("E07")]
    hurt = {row["collision_index"]: int(row["number_of_casualties"]) for row in collisions}
    worst = {row["collision_index"]: row["collision_severity"] for row in collisions}
    found: Counter[str] = Counter()
    severities: dict[str, str] = {}
    ages: Counter[str] = Counter()
    for row in _dicts(made, "casualties"):
        found[row["collision_index"]] += 1
        severities[row["collision_index"]] = min(severities.get(row["collision_index"], "9"), row["casualty_severity"])
        ages[row["age_of_casualty"]] += 1
    assert len(hurt) == len(collisions)
    assert dict(found) == hurt
    assert severities == worst
    assert ages["-1"] > 0


def test_series_mix_levels_vintages_and_gaps(made: Client) -> None:
    rows = _dicts(made, "els_employment-rate")
    assert {row["indicator"] for row in rows} == {"Employment rate", "Economically inactive"}
    codes = {row["areacd"] for row in rows}
    assert {"E92000001", "E12000001", "E10000021", "E06000061", "W06000015"} <= codes
    notes = {row["areacd"]: row["notes"] for row in rows}
    assert notes["E10000021"] == (
        "Obsolete code since 2021 (replaced by E06000061 North Northamptonshire and E06000062 West Northamptonshire)"
    )
    missing = [row for row in rows if row["status"]]
    assert missing
    assert all(row["observation"] == "" for row in missing)
    assert all(float(row["lci_95"]) < float(row["observation"]) < float(row["uci_95"]) for row in rows if row["lci_95"])
    days = {row["period"] for row in _dicts(made, "els_gross-median-weekly-pay")}
    assert days == {"2008-04-16", "2009-04-22", "2010-04-21", "2011-04-13"}


def test_homelessness_marks_what_is_missing_and_suppressed(made: Client) -> None:
    rows = [row for row in _sheet(made, "homelessness_200903", "TA1 - .*") if re.match("E0[6-9]", str(row[0]))]
    assert len(rows) == 354
    assert any(row[4] == ".." for row in rows)
    few = [row for row in rows if isinstance(row[10], float) and row[10] < 5]
    assert few
    assert all(row[11:15] == ["-"] * 4 for row in few)
    later = [row for row in _sheet(made, "homelessness_201103", "TA1 - .*") if re.match("E0[6-9]", str(row[0]))]
    assert len(later) == 326


@pytest.mark.parametrize(
    ("code", "pieces"),
    [
        ("E06000049", {"E07000014", "E07000015", "E07000017"}),  # Cheshire East
        ("E06000055", {"E07000002"}),  # Bedford
        ("E08000037", {"E08000020"}),  # Gateshead, recoded in 2013
        ("E07000246", {"E07000190", "E07000191"}),  # Somerset West and Taunton
        (
            "E06000066",
            {"E07000187", "E07000188", "E07000189", "E07000190", "E07000191"},
        ),  # Somerset, made in two steps
    ],
)
def test_territory_follows_reorganisations(code: str, pieces: set[str]) -> None:
    assert Geography().territory(code) == pieces


def test_every_area_of_every_vintage_has_a_territory() -> None:
    geography = Geography()
    kinds = ("unitary", "district", "metropolitan_district", "london_borough", "county", "region", "country")
    assert [a.code for a in geography.areas.values() if a.kind in kinds and not geography.territory(a.code)] == []
    assert len(geography.territory("E92000001")) == 354


def test_a_cache_folder_is_used_again(tmp_path: Path) -> None:
    site = Site("made", cache=tmp_path)
    document = next(d for d in site.documents if d.name == "fuel_poverty")
    first = site.shelf.release(document)
    stamp = first.path.stat().st_mtime_ns
    site.close()
    again = Site("made", cache=tmp_path).shelf.release(document)
    assert again.path == first.path
    assert again.path.stat().st_mtime_ns == stamp
    assert not list(tmp_path.rglob("*.tmp.*"))


def test_seeds_that_leave_made_files_as_they_are_are_read_nowhere() -> None:
    sources = [path for path in (ROOT / "sandbox").rglob("*.py") if path.name != "site.py"]
    assert len(sources) > 40
    for path in sources:
        text = path.read_text(encoding="utf-8")
        assert not [name for name in NOT_READ if name in text], path
