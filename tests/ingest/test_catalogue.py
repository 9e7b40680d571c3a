"""The catalogue's rules: each is broken in a copy of the seeds, and the fault is told with its file and line."""

from __future__ import annotations

import csv
import io
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from ingest import catalogue, transform
from ingest.catalogue import CatalogueError, Fault
from ingest.catalogue.feeds import BEGIN, END, rewritten
from ingest.catalogue.methods import measures_of, parts, terms
from ingest.errors import ExitCode, UsageError
from ingest.settings import ROOT
from tests.ingest.command_line import nis, refused, right

SEEDS = ROOT / "dbt_project" / "seeds"
Change = Callable[[str], str]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "seeds"
    shutil.copytree(SEEDS, folder)
    return folder


@pytest.fixture
def broken(copied: Path) -> Iterator[Path]:
    """A copy of the seeds that a test may break; it is mended afterwards."""
    yield copied
    mend(copied)


def mend(folder: Path) -> None:
    """Make a copy of the seeds what they are again."""
    for path in SEEDS.iterdir():
        shutil.copy(path, folder / path.name)
    for path in folder.iterdir():
        if not (SEEDS / path.name).exists():
            path.unlink()


def line_of(path: Path, beginning: str) -> int:
    """Number of the line that begins so; there is one."""
    (number,) = (
        number for number, line in enumerate(path.read_text().splitlines(), start=1) if line.startswith(beginning)
    )
    return number


def break_row(folder: Path, name: str, beginning: str, cells: dict[str, str]) -> int:
    """Put other cells into the one row of a seed that begins so; returns its line."""
    path = folder / f"{name}.csv"
    number = line_of(path, beginning)
    lines = path.read_text().splitlines(keepends=True)
    header = next(csv.reader(lines[:1]))
    row = dict(zip(header, next(csv.reader([lines[number - 1]])), strict=True)) | cells
    assert list(row) == header
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row.values())
    lines[number - 1] = text.getvalue()
    path.write_text("".join(lines))
    return number


def only(faults: list[Fault], line: int, column: str, told: str) -> Fault:
    """The fault that was made; others may follow from it."""
    found = [one for one in faults if (one.line, one.column) == (line, column) and told in one.told]
    assert len(found) == 1, faults
    assert found[0].way_out
    return found[0]


def test_the_catalogue_is_sound() -> None:
    assert [str(fault) for fault in catalogue.check(SEEDS)] == []


C, M = "indicator_components", "measures"
COMPONENTS = [
    # beginning of the row, cells put into it, column of the fault, what is told
    ("nis_2008,ni_016,main,", {"method": "median"}, "method", "the method is not known"),
    ("nis_2008,ni_016,main,", {"denominator_measures": ""}, "denominator_measures", "method ratio needs it"),
    ("nis_2008,ni_131,main,", {"denominator_measures": ""}, "denominator_measures", "mean_of_snapshots needs it"),
    ("nis_2008,ni_018,difference,", {"denominator_measures": ""}, "denominator_measures", "actual_vs_predicted needs"),
    ("nis_2008,ni_016,main,", {"numerator_measures": ""}, "numerator_measures", "method ratio needs it"),
    ("nis_2008,ni_016,main,", {"baseline_year": "2005"}, "baseline_year", "method ratio does not use it"),
    ("nis_2008,ni_016,main,", {"window_years": "3"}, "window_years", "method ratio does not use it"),
    ("nis_2008,ni_016,main,", {"same_release": "yes"}, "same_release", "method ratio does not use it"),
    ("nis_2008,ni_016,main,", {"standard_population": "european_1976"}, "standard_population", "does not use it"),
    ("nis_2008,ni_186,reduction,", {"baseline_year": ""}, "baseline_year", "method change needs it"),
    ("nis_2008,ni_186,reduction,", {"same_release": ""}, "same_release", "method change needs it"),
    ("nis_2008,ni_186,reduction,", {"baseline_year": "2005/06"}, "baseline_year", "not a whole number"),
    ("nis_2008,ni_047,main,", {"window_years": ""}, "window_years", "method rolling_change needs it"),
    ("nis_2008,ni_047,main,", {"window_years": "0"}, "window_years", "at least 1"),
    ("nis_2008,ni_121,main,", {"standard_population": ""}, "standard_population", "standardised_rate needs it"),
    ("nis_2008,ni_121,main,", {"standard_population": "mars"}, "standard_population", "not in standard_populations"),
    ("nis_2008,ni_121,main,", {"standard_population": "england_18_and_over"}, "standard_population", "does not have"),
    ("nis_2008,ni_044,i,", {"minuend_component": "white"}, "minuend_component", "ni_044 has no component white"),
    ("nis_2008,ni_044,i,", {"subtrahend_component": "x"}, "subtrahend_component", "has no component x"),
    ("nis_2008,ni_044,i,", {"subtrahend_component": "i_offenders"}, "subtrahend_component", "taken from itself"),
    ("nis_2008,ni_044,i,", {"minuend_component": "i"}, "component", "made of itself: i -> i"),
    ("nis_2008,ni_054,main,", {"part_components": "information_care"}, "part_components", "two or more"),
    ("nis_2008,ni_054,main,", {"part_components": "a b"}, "part_components", "two or more"),
    ("nis_2008,ni_054,main,", {"part_components": "information_care+none"}, "part_components", "no component none"),
    ("nis_2008,ni_016,main,", {"numerator_measures": "recorded_crimes"}, "numerator_measures", "not in measures.csv"),
    ("nis_2008,ni_016,main,", {"denominator_measures": "people"}, "denominator_measures", "people is not in measures"),
    ("nis_2008,ni_001,main,", {"interval_base_measures": "asked"}, "interval_base_measures", "asked is not in"),
    ("nis_2008,ni_001,main,", {"interval_base_measures": ""}, "interval_base_measures", "number of people asked"),
    ("nis_2008,ni_001,main,", {"interval_method": "bootstrap"}, "interval_method", "not one of those that are known"),
    ("nis_2008,ni_016,main,", {"numerator_measures": "a + b"}, "numerator_measures", "cannot be read"),
    ("nis_2008,ni_016,main,", {"numerator_measures": "a;b"}, "numerator_measures", "takes 1 here, and these are 2"),
    ("nis_2008,ni_137,p,", {"denominator_measures": "residents_all_ages"}, "denominator_measures", "takes 2 here"),
    ("nis_2008,ni_191,main,", {"numerator_measures": "a+b"}, "numerator_measures", "a published figure is one measure"),
    ("nis_2008,ni_191,main,", {"note": "Defra's own"}, "note", "does not say why it cannot be rebuilt"),
    ("nis_2008,ni_016,main,", {"headline": "no"}, "headline", "ni_016 has no headline"),
    ("nis_2008,ni_016,met_police,", {"headline": "yes"}, "headline", "a headline already, in line"),
    ("nis_2008,ni_016,main,", {"headline": "true"}, "headline", "not one of those that are known"),
    ("nis_2008,ni_016,main,", {"multiplier": "1,000"}, "multiplier", "it is not a number"),
    ("nis_2008,ni_016,main,", {"multiplier": "0"}, "multiplier", "every value zero"),
    ("nis_2008,ni_016,main,", {"multiplier": ""}, "multiplier", "the cell is empty"),
    ("nis_2008,ni_016,main,", {"sign": "2"}, "sign", "not one of those that are known"),
    ("nis_2008,ni_016,main,", {"valid_min": "1000"}, "valid_min", "not below valid_max 1000"),
    ("nis_2008,ni_016,main,", {"valid_max": ""}, "valid_max", "the cell is empty"),
    ("nis_2008,ni_016,main,", {"polarity": "up"}, "polarity", "not one of those that are known"),
    ("nis_2008,ni_016,main,", {"period_type": "decade"}, "period_type", "the kind of period is not known"),
    (
        "nis_2008,ni_016,main,",
        {"period_type": "calendar_year"},
        "numerator_measures",
        "robbery is by financial_year",
    ),
    ("nis_2008,ni_016,main,", {"due_from": "2009-04-01"}, "not_due_reason", "need a reason"),
    ("nis_2008,ni_016,main,", {"not_due_reason": "deferred"}, "not_due_reason", "neither due_from nor due_to"),
    ("nis_2008,ni_013,main,", {"not_due_reason": "lazy"}, "not_due_reason", "not in reasons.csv"),
    ("nis_2008,ni_013,main,", {"not_due_reason": "footnote"}, "not_due_reason", "of kind scope"),
    ("nis_2008,ni_013,main,", {"due_from": "1.4.2009"}, "due_from", "it is not a day"),
    ("nis_2008,ni_013,main,", {"due_to": "2008-01-01"}, "due_to", "before due_from 2009-04-01"),
    ("nis_2008,ni_154,per_1000_stock,", {"standing_reason": ""}, "standing_reason", "go together"),
    ("nis_2008,ni_154,per_1000_stock,", {"standing_marker": "[?]"}, "standing_marker", "not one of those"),
    ("nis_2008,ni_192,main,", {"reconcile_measure": "printed"}, "reconcile_measure", "it is not in measures.csv"),
    ("nis_2008,ni_192,main,", {"reconcile_tolerance": ""}, "reconcile_tolerance", "go together"),
    ("nis_2008,ni_192,main,", {"reconcile_min_share": "95"}, "reconcile_min_share", "at most 1"),
    ("nis_2008,ni_192,main,", {"example_value": ""}, "example_numerator", "there is no example_value"),
    ("nis_2008,ni_192,main,", {"example_source": ""}, "example_source", "go together"),
    ("nis_2008,ni_016,main,", {"indicator_id": "ni_200"}, "indicator_id", "it is not in indicators.csv"),
    ("nis_2008,ni_016,main,", {"framework_id": "nis_1998"}, "framework_id", "it is not in frameworks.csv"),
]
OTHERS = [
    (M, "residents_all_ages,", {"dataset_id": "census"}, "dataset_id", "it is not in datasets.csv"),
    (M, "residents_all_ages,", {"period_type": "moment"}, "period_type", "the kind of period is not known"),
    (M, "residents_all_ages,", {"strata": "shoe_size"}, "strata", "not one of those that are known"),
    (M, "residents_all_ages,", {"kind": "guess"}, "kind", "not one of those that are known"),
    (M, "recorded_crimes_robbery,", {"reported_as": ""}, "reported_as", "go together"),
    (M, "recorded_crimes_robbery,", {"over_time": ""}, "over_time", "go together"),
    (M, "recorded_crimes_robbery,", {"over_time": "median"}, "over_time", "not one of those that are known"),
    (M, "recorded_crimes_robbery,", {"reported_as": "decade"}, "reported_as", "it is not in period_types.csv"),
    (M, "a_level_entries_maths,", {"parts": "4"}, "parts", "there is no over_time"),
    (M, "a_level_entries_maths,", {"item": "a_level_entries_chemistry"}, "item", "a_level_entries_chemistry has the"),
    (M, "a_level_entries_maths,", {"additive": "maybe"}, "additive", "not one of those that are known"),
    ("indicators", "nis_2008,ni_016,", {"area_level": "parish"}, "area_level", "it is not in area_levels.csv"),
    ("indicators", "nis_2008,ni_031,", {"set_status": "in_set"}, "indicator_id", "in the set and has no component"),
    ("datasets", "active_people,", {"domain": "sport"}, "domain", "not one of those that are known"),
    ("datasets", "active_people,", {"native_level": "parish"}, "native_level", "not one of those that are known"),
    ("age_groups", "residents_aged_10_17,", {"age_from": "18"}, "age_to", "below age_from 18"),
    ("age_groups", "residents_by_age_and_sex,*,1,", {"stratum": "1-5"}, "stratum", "make the stratum '1-4'"),
    ("age_groups", "residents_by_age_and_sex,*,1,", {"age_to": "3", "stratum": "1-3"}, "stratum", "no such stratum"),
    ("age_groups", "residents_working_age,M,", {"sex": "*"}, "age_from", "are counted here again"),
    ("offence_codes", "ho_recorded_crime_csp,45,", {"offence_code": "34B"}, "offence_code", "these days already"),
    ("offence_codes", "ho_recorded_crime_csp,45,", {"measure_id": "homicides"}, "measure_id", "it is not in measures"),
    ("offence_codes", "ho_recorded_crime_csp,45,", {"measure_id": "residents_all_ages"}, "measure_id", "is of dataset"),
    ("standard_populations", "european_1976,0,", {"weight": "0"}, "weight", "above 0"),
    ("survey_waves", "place_survey,", {"period_end": "2008-01-01"}, "period_end", "before period_start"),
    ("survey_waves", "place_survey,", {"dataset_id": "place_surveys"}, "dataset_id", "it is not in datasets.csv"),
    ("frozen_lists", "worst_neighbourhoods_2007,", {"min_rate_pct": "250"}, "min_rate_pct", "at most 100"),
    ("part_sets", "nis_2008,ni_044,gaps,", {"components": "i+vi"}, "components", "ni_044 has no component vi"),
    ("part_sets", "nis_2008,ni_044,gaps,", {"components": "i"}, "components", "two or more"),
    ("published_figures", "nis_2008,ni_055,", {"component": "iii"}, "component", "ni_055 has no component iii"),
    ("published_figures", "nis_2008,ni_055,", {"comparable": "no"}, "note", "why the figure is not comparable"),
    ("published_figures", "nis_2008,ni_055,", {"area_code": "E99"}, "area_code", "it is not in areas.csv"),
    ("reasons", "deferred,", {"kind": "whim"}, "kind", "not one of those that are known"),
]


Case = tuple[str, str, dict[str, str], str, str]


def _rounds(cases: Sequence[Case]) -> Iterator[tuple[int, Case]]:
    """Cases with the round in which they are looked at: in one copy of the seeds, each row is broken once."""
    seen = Counter[tuple[str, str]]()
    for case in cases:
        yield seen[case[:2]], case
        seen[case[:2]] += 1


CASES = tuple(_rounds([*((C, *case) for case in COMPONENTS), *OTHERS]))


@pytest.fixture(scope="module")
def found(copied: Path) -> Callable[[int], tuple[dict[tuple[str, str], int], list[Fault]]]:
    """For a round the lines that it breaks, by seed and beginning of the row, and the faults that are found."""

    @cache
    def look(number: int) -> tuple[dict[tuple[str, str], int], list[Fault]]:
        lines = {case[:2]: break_row(copied, *case[:3]) for one, case in CASES if one == number}
        faults = catalogue.check(copied)
        mend(copied)
        return lines, faults

    return look


@pytest.mark.parametrize(("number", "case"), CASES)
def test_each_rule_is_told_with_file_and_line(
    found: Callable[[int], tuple[dict[tuple[str, str], int], list[Fault]]], number: int, case: Case
) -> None:
    name, beginning, _, column, told = case
    lines, faults = found(number)
    line = lines[name, beginning]
    fault = only([fault for fault in faults if fault.file.endswith(f"/{name}.csv")], line, column, told)
    assert str(fault).startswith(f"{fault.file}:{line}: {column} ")


def test_components_that_make_one_have_one_unit_and_one_kind_of_period(broken: Path) -> None:
    line = line_of(broken / f"{C}.csv", "nis_2008,ni_044,i,")
    break_row(broken, C, "nis_2008,ni_044,i_offenders,", {"unit": "per 1,000"})
    break_row(broken, C, "nis_2008,ni_044,i_population,", {"period_type": "calendar_year"})
    faults = catalogue.check(broken)
    only(faults, line, "minuend_component", "different units (%, per 1,000)")
    only(faults, line, "subtrahend_component", "i_population is by calendar_year, not by financial_year")


def test_components_in_a_circle_are_told_once(broken: Path) -> None:
    line = break_row(broken, C, "nis_2008,ni_044,i,", {"minuend_component": "ii"})
    break_row(broken, C, "nis_2008,ni_044,ii,", {"minuend_component": "i"})
    told = [one for one in catalogue.check(broken) if "made of itself" in one.told]
    assert [(one.line, one.told) for one in told] == [(line, "it is made of itself: i -> ii -> i")]


def test_strata_stay_with_methods_that_weigh_them(broken: Path) -> None:
    line = break_row(broken, C, "nis_2008,ni_121,main,", {"denominator_measures": "residents_all_ages"})
    plain = break_row(broken, C, "nis_2008,ni_016,main,", {"denominator_measures": "residents_by_age_and_sex"})
    faults = catalogue.check(broken)
    only(faults, line, "denominator_measures", "measure residents_all_ages has no strata")
    only(faults, plain, "denominator_measures", "ratio does not weigh them")


def test_a_survey_without_rounds_is_never_due(broken: Path) -> None:
    path = broken / "survey_waves.csv"
    path.write_text("".join(one for one in path.read_text().splitlines(keepends=True) if "tellus" not in one))
    line = line_of(broken / f"{C}.csv", "nis_2008,ni_050,main,")
    break_row(broken, C, "nis_2008,ni_050,main,", {"due_to": "", "not_due_reason": ""})
    only(catalogue.check(broken), line, "period_type", "no round of tellus")


def test_a_rate_over_a_list_needs_the_list(broken: Path) -> None:
    path = broken / "frozen_lists.csv"
    path.write_text(path.read_text().splitlines(keepends=True)[0])
    line = line_of(broken / f"{C}.csv", "nis_2008,ni_153,main,")
    only(catalogue.check(broken), line, "numerator_measures", "no list in frozen_lists.csv")


def test_files_are_sorted_and_no_key_comes_twice(broken: Path) -> None:
    path = broken / "measures.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:3], lines[2], *lines[3:]]))
    assert "the row of line 3 has the same key" in only(catalogue.check(broken), 4, "measure_id", "same key").told
    path.write_text("".join([lines[0], lines[2], lines[1], *lines[3:]]))
    only(catalogue.check(broken), 3, "measure_id", "out of order")


@pytest.mark.parametrize(
    ("change", "line", "told"),
    [
        (lambda text: text.replace("measure_id,", "measure,", 1), 1, "not what the properties declare"),
        (lambda text: text.replace("\n", ",more\n", 2).replace(",more", "", 1), 2, "15 cells and the header 14"),
        (lambda text: text.replace("a_level", 'a_"level"', 1).replace(",", ',"', 20), None, "not CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(broken: Path, change: Change, line: int | None, told: str) -> None:
    path = broken / "measures.csv"
    path.write_text(change(path.read_text()))
    found = [one for one in catalogue.check(broken) if one.file.endswith("measures.csv") and told in one.told]
    assert found
    assert line is None or found[0].line == line


def test_a_row_is_told_by_the_line_it_begins_on(broken: Path) -> None:
    path = broken / "measures.csv"
    lines = path.read_text().splitlines(keepends=True)
    lines[1] = lines[1].replace("A level entries in chemistry", "A level\nentries\nin chemistry")
    lines[2] = lines[2].replace(",yes\n", ",perhaps\n")
    path.write_text("".join(lines))
    only(catalogue.check(broken), 5, "person_count", "not one of those that are known")


def test_missing_undeclared_and_badly_encoded_files_are_told(broken: Path) -> None:
    (broken / "symbols.csv").unlink()
    (broken / "more.csv").write_text("a\n1\n")
    (broken / "reasons.csv").write_bytes((broken / "reasons.csv").read_bytes().replace(b"Scotland", b"\xc9cosse", 1))
    told = {(Path(one.file).name, one.told) for one in catalogue.check(broken)}
    assert ("symbols.csv", "the file is missing") in told
    assert ("more.csv", "no properties declare this file") in told
    assert ("reasons.csv", "the line is not UTF-8") in told


# What commands do with it


@pytest.mark.parametrize("command", [("build",), ("build", "--", "parse"), ("run",), ("catalogue", "check")])
def test_a_broken_catalogue_stops_before_any_sql(
    broken: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = break_row(broken, C, "nis_2008,ni_016,main,", {"method": "guess"})
    monkeypatch.setattr(transform, "DBT_PROJECT", broken.parent)
    for touched in ("ingest.database.upgrade", "ingest.database.connect", "ingest.processes.dbt"):
        monkeypatch.setattr(touched, lambda *_, **__: pytest.fail("the warehouse was touched"))
    error = refused(*command)
    assert isinstance(error, CatalogueError)
    assert error.exit_code == ExitCode.USAGE
    assert f"indicator_components.csv:{line}: method 'guess': the method is not known; " in error.message
    assert "`nis catalogue check`" in error.hint


def test_many_faults_are_cut_short(broken: Path) -> None:
    path = broken / "measures.csv"
    path.write_text(path.read_text().replace(",yes\n", ",perhaps\n").replace(",no\n", ",never\n"))
    with pytest.raises(CatalogueError) as caught:
        catalogue.require_sound(broken)
    lines = caught.value.message.splitlines()
    assert len(lines) == 42
    assert lines[-1].startswith("... and ")


def test_a_sound_catalogue_is_said_to_be_so() -> None:
    assert "the catalogue is sound: " in right("catalogue", "check").stderr


# What feeds what


def test_expressions_are_read_as_they_are_written() -> None:
    assert terms("a_1+b-c") == ["a_1", "b", "c"]
    assert terms("deaths;well+fair") == ["deaths", "well", "fair"]
    assert [terms(text) for text in ("", "a+", "a b", "a;;b", "A", "a*b")] == [None] * 6
    assert parts("5_10_car+ii") == ["5_10_car", "ii"]
    assert parts("a-b") is None


def test_measures_of_a_component_are_those_of_its_parts_too() -> None:
    empty = dict.fromkeys(
        ("numerator_measures", "denominator_measures", "minuend_component", "subtrahend_component", "part_components"),
        "",
    )
    gap = empty | {"component": "gap", "minuend_component": "rich", "subtrahend_component": "poor"}
    rich = empty | {"component": "rich", "numerator_measures": "a+b", "denominator_measures": "n"}
    poor = empty | {"component": "poor", "numerator_measures": "c", "part_components": "gap+rich"}
    assert measures_of(gap, [gap, rich, poor]) == ["a", "b", "n", "c"]
    assert measures_of(rich, [gap, rich, poor]) == ["a", "b", "n"]


def test_readme_says_what_the_catalogue_holds() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert rewritten(text, SEEDS) == text, "README.md is out of date: run `make docs`"
    assert nis("catalogue", "readme", "--check").exit_code == ExitCode.DONE


def test_the_written_part_has_a_row_for_each_indicator_and_dataset() -> None:
    text = rewritten(f"before\n{BEGIN}\nold\n{END}\nafter\n", SEEDS)
    assert text.startswith(f"before\n{BEGIN}\n\n")
    assert text.endswith(f"\n{END}\nafter\n")
    assert "old" not in text.splitlines()
    rows = [[cell.strip() for cell in line.split(" | ")] for line in text.splitlines() if line.startswith("| ")]
    numbers = [int(row[0].removeprefix("| ")) for row in rows if row[0].removeprefix("| ").isdigit()]
    assert sorted(numbers) == list(range(1, 200))
    by_number = {row[0].removeprefix("| "): row for row in rows}
    assert by_number["44"][2:4] == ["`yjb_yot_returns`", "difference of ratio"]
    assert by_number["31"][1].endswith("(dropped)")
    datasets = {row[1]: row[-1].removesuffix(" |") for row in rows if row[1].startswith("`")}
    with (SEEDS / "datasets.csv").open(newline="") as file:
        assert sorted(datasets) == sorted(f"`{row['dataset_id']}`" for row in csv.DictReader(file))
    assert datasets["`laa_targets`"] == "none: context"
    assert datasets["`place_survey`"].startswith("1-6, 17,")


def test_a_readme_without_the_markers_is_refused() -> None:
    with pytest.raises(UsageError, match="markers"):
        rewritten("no markers\n", SEEDS)
