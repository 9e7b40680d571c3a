"""The validator of returns, rule by rule: each fault with its row, column, value and what is right."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.contract import Dataset
from ingest.errors import UsageError
from ingest.registry import datasets
from ingest.returns.faults import Fault
from ingest.returns.validate import MOST_FAULTS, pushed, require_pushed, require_sender, validate
from tests.ingest.returns import HUB, MARAC, marac, text


def dataset(name: str) -> Dataset:
    return datasets()[name]


def faults(data: bytes, of: str = "marac_cases") -> list[Fault]:
    verdict = validate(dataset(of), data)
    assert verdict.fault_count == len(verdict.faults)
    assert verdict.accepted is (not verdict.faults)
    return list(verdict.faults)


def only(data: bytes, of: str = "marac_cases") -> Fault:
    """The one fault of a return."""
    found = faults(data, of)
    assert len(found) == 1, [str(fault) for fault in found]
    return found[0]


def what(fault: Fault) -> tuple[int, str, str, str]:
    return fault.row, fault.column, fault.value, fault.rule


def test_a_sound_return_has_no_fault_and_its_rows_are_counted() -> None:
    verdict = validate(dataset("marac_cases"), marac({}, {"period": "2009/10"}, {"area_code": "00EC"}))
    assert (verdict.accepted, verdict.row_count, verdict.faults) == (True, 3, ())


# --- the file ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf", b"  \r\n", marac()[: marac().index(b"\n") + 1]])
def test_an_empty_file(data: bytes) -> None:
    assert what(only(data)) == (0, "", "", "empty_file")


def test_every_difference_of_the_header_is_told() -> None:
    names = ["ni_code", "Komponent", "area_code", "period", "numerator", "numerator", "value"]
    found = {(fault.column, fault.rule) for fault in faults(text(names, [MARAC]))}
    missing = {"component", "denominator", "decimal_places", "return_status", "submitted_by", "submitted_at"}
    assert found == {(name, "header") for name in missing | {"Komponent", "numerator"}}


def test_columns_may_stand_in_any_order_after_a_byte_order_mark() -> None:
    assert faults(b"\xef\xbb\xbf" + text(reversed(HUB), [MARAC], end="\r\n")) == []


@pytest.mark.parametrize(("mark", "told"), [(";", "`;`"), ("\t", "tabs")])
def test_another_separator_is_recognised(mark: str, told: str) -> None:
    fault = only(marac().replace(b",", mark.encode()))
    assert fault.rule == "header"
    assert told in fault.way_out


def test_an_encoding_of_old_spreadsheets_is_refused_with_line_and_byte() -> None:
    data = marac({}, {"period": "2009/10", "submitted_by": "Zoë"}).decode().encode("cp1252")
    fault = only(data)
    assert (fault.row, fault.rule) == (2, "not_utf_8")
    assert "Zoë" in fault.value
    assert "line 3: byte 0xeb" in fault.way_out


def test_utf_16_is_refused() -> None:
    assert only(marac().decode().encode("utf-16")).rule == "not_utf_8"


def test_mixed_line_ends_which_the_loader_would_refuse() -> None:
    assert only(marac({}, {"period": "2009/10"}).replace(b"\n", b"\r\n", 1)).rule == "line_ends"


def test_a_line_break_inside_quotes_is_text() -> None:
    data = marac({"submitted_by": "A. Clerk\nCleveland"}).replace(b"\n", b"\r\n").replace(b"Clerk\r\n", b"Clerk\n")
    assert faults(data) == []


def test_rows_that_are_not_as_long_as_the_header() -> None:
    data = marac({}, {"period": "2009/10"}) + b"NI 032,main,00EF,2010/11,5,20\n"
    assert what(only(data)) == (3, "", "NI 032,main,00EF,2010/11,5,20", "cells")


@pytest.mark.parametrize("line", [b"\n", b",,,,,,,,,,\n"])
def test_an_empty_row(line: bytes) -> None:
    assert what(only(marac() + line)) == (2, "", "", "empty_row")


def test_a_quote_that_nothing_closes() -> None:
    fault = only(marac() + b'NI 032,main,"00EF,2009/10\n')
    assert (fault.row, fault.rule) == (2, "not_csv")


def test_spaces_around_a_code() -> None:
    assert what(only(marac({"area_code": "00EF "}))) == (1, "area_code", "00EF ", "spaces")


def test_a_zero_byte() -> None:
    assert only(marac({"submitted_by": "a\0b"})).rule == "character"


# --- areas, periods, indicators -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("99ZZ", "such as 00EF"),
        ("", "such as 00EF"),
        ("E06000004", "nine-character"),
        ("0", "format the column as text"),
    ],
)
def test_an_unknown_area(code: str, told: str) -> None:
    fault = only(marac({"area_code": code}))
    assert what(fault) == (1, "area_code", code, "unknown_area")
    assert told in fault.way_out


def test_england_and_the_unitaries_of_2009_are_known() -> None:
    """921 is England in old files, 00HE Cornwall from April 2009, 15 Cornwall before it."""
    assert faults(marac(*({"area_code": code} for code in ("921", "00HE", "15")))) == []


def test_youth_offending_teams_go_by_name() -> None:
    row = {"ni_code": "NI 043", "component": "main", "period": "2008/09", "numerator": "3", "denominator": "60"}
    assert only(text(HUB, [row | {"area_code": "00EF"}]), "yjb_yot_returns").rule == "unknown_area"


@pytest.mark.parametrize("period", ["2008", "2008-09", "2008/10", "2008/9", "2008/09 Q1", "", "1 April 2008"])
def test_a_period_of_another_style(period: str) -> None:
    fault = only(marac({"period": period}))
    assert what(fault) == (1, "period", period, "period_style")
    assert "2008/09" in fault.way_out


@pytest.mark.parametrize("period", ["2003/04", "2011/12", "1999/00", "2108/09"])
def test_a_period_outside_the_framework(period: str) -> None:
    fault = only(marac({"period": period}))
    assert what(fault) == (1, "period", period, "period_outside")
    assert "2004/05 to 2010/11" in fault.way_out


@pytest.mark.parametrize("period", ["2004/05", "2009/10", "2010/11"])
def test_baseline_years_are_inside(period: str) -> None:
    assert faults(marac({"period": period})) == []


def test_quarters_and_tranches_have_styles_of_their_own() -> None:
    people = {"ni_code": "NI 141", "component": "main", "area_code": "00EF", "numerator": "3", "denominator": "4"}
    streets = {"ni_code": "NI 195", "component": "a.n1", "area_code": "00EF", "value": "3"}
    for row, of, right, wrong in (
        (people, "supporting_people", "2008/09 Q4", "2008/09 Q5"),
        (streets, "defra_street_cleanliness", "2008/09 T3", "2008/09 T4"),
    ):
        assert faults(text(HUB, [row | {"period": right}]), of) == []
        assert only(text(HUB, [row | {"period": wrong}]), of).rule == "period_style"
        assert only(text(HUB, [row | {"period": "2008/09"}]), of).rule == "period_style"


def test_an_unknown_indicator_and_an_unknown_component() -> None:
    assert what(only(marac({"ni_code": "NI 999"}))) == (1, "ni_code", "NI 999", "unknown_ni")
    assert what(only(marac({"ni_code": "NI 32"}))) == (1, "ni_code", "NI 32", "unknown_ni")
    fault = only(marac({"component": "ii"}))
    assert what(fault) == (1, "component", "ii", "unknown_component")
    assert fault.way_out == "NI 032 has main"


# --- figures --------------------------------------------------------------------------------------------------------


def test_a_numerator_above_its_denominator() -> None:
    fault = only(marac({}, {"period": "2009/10", "numerator": "85"}))
    assert what(fault) == (2, "numerator", "85", "numerator_above_denominator")
    assert "85 cannot be more than 84" in fault.way_out
    assert faults(marac({"numerator": "84"})) == []
    assert only(marac({"numerator": "1", "denominator": "0"})).rule == "numerator_above_denominator"
    assert faults(marac({"numerator": "0", "denominator": "0"})) == []


def test_a_share_whose_parts_stand_in_several_rows() -> None:
    """NI 142: (still there + left as planned) / (still there + left)."""
    row = {"ni_code": "NI 142", "area_code": "00EF", "period": "2008/09 Q1"}
    parts = [row | {"component": "main.n1", "value": "500"}, row | {"component": "main.n2", "value": "31"}]
    assert faults(text(HUB, [*parts, row | {"component": "main.d2", "value": "31"}]), "supporting_people") == []
    fault = only(text(HUB, [*parts, row | {"component": "main.d2", "value": "30"}]), "supporting_people")
    assert what(fault) == (1, "value", "500", "numerator_above_denominator")
    assert "531 cannot be more than 530" in fault.way_out


def test_half_weights_of_street_surveys_are_reckoned_with() -> None:
    """NI 195: a transect counts half at grade B- and again half below it, so 110 + 100 of 100 make 105 %."""
    row = {"ni_code": "NI 195", "area_code": "00EF", "period": "2008/09 T1"}
    whole = row | {"component": "a", "denominator": "100"}
    below = row | {"component": "a.n2", "value": "100"}
    right, wrong = row | {"component": "a.n1", "value": "100"}, row | {"component": "a.n1", "value": "110"}
    assert faults(text(HUB, [right, below, whole]), "defra_street_cleanliness") == []
    assert "50 x 210 / 100" in only(text(HUB, [wrong, below, whole]), "defra_street_cleanliness").way_out


def test_what_is_no_share_may_be_above_one() -> None:
    """NI 38 sets offences against those predicted: more than predicted is bad news and no fault."""
    row = {"ni_code": "NI 038", "component": "main", "area_code": "00EF", "period": "2009/10"}
    assert faults(text(HUB, [row | {"numerator": "300", "denominator": "236.5"}]), "ho_drug_offending") == []


def test_a_negative_count() -> None:
    assert what(only(marac({"numerator": "-1"}))) == (1, "numerator", "-1", "negative")


def test_a_grade_that_does_not_exist() -> None:
    """NI 188 has levels 0 to 4."""
    row = {"ni_code": "NI 188", "component": "main", "area_code": "00EF", "period": "2008/09"}
    assert faults(text(HUB, [row | {"value": "4"}]), "climate_adaptation") == []
    assert what(only(text(HUB, [row | {"value": "5"}]), "climate_adaptation")) == (1, "value", "5", "out_of_range")


@pytest.mark.parametrize("cell", ["=SUM(A1:A9)", "+1-2", "@A1", "-A1", "-(3)", "=1+1", '=HYPERLINK("x","y")'])
@pytest.mark.parametrize("column", ["numerator", "submitted_by", "period", "area_code", "ni_code", "return_status"])
def test_a_formula_in_a_cell(cell: str, column: str) -> None:
    assert what(only(marac({column: cell}))) == (1, column, cell, "formula")


@pytest.mark.parametrize("cell", ["#REF!", "#N/A", "#DIV/0!", "#NAME?", "#VALUE!", "########"])
@pytest.mark.parametrize("column", ["denominator", "submitted_by", "area_code"])
def test_the_error_of_a_spreadsheet(cell: str, column: str) -> None:
    assert what(only(marac({column: cell}))) == (1, column, cell, "spreadsheet_error")


@pytest.mark.parametrize(
    ("cell", "told"),
    [("1,234", "1234"), ("12.5%", "12.5"), ("about 20", "plain number"), ("1e3", "plain"), ("-", "`*`")],
)
def test_what_is_not_a_number(cell: str, told: str) -> None:
    fault = only(marac({"denominator": cell}))
    assert what(fault) == (1, "denominator", cell, "not_a_number")
    assert told in fault.way_out


def test_suppressed_and_missing_figures_have_symbols() -> None:
    assert faults(marac({"numerator": "*"}, {"period": "2009/10", "numerator": "..", "denominator": ".."})) == []
    assert what(only(marac({"numerator": "", "denominator": ""}))) == (1, "numerator", "", "no_figure")


def test_the_same_row_twice() -> None:
    fault = only(marac({}, {"period": "2009/10"}, {"numerator": "20"}))
    assert (fault.row, fault.value, fault.rule) == (3, "NI 032 / main / 00EF / 2008/09", "duplicate")
    assert "row 1" in fault.way_out


def test_the_columns_about_the_return_itself() -> None:
    assert what(only(marac({"decimal_places": "one"}))) == (1, "decimal_places", "one", "not_a_number")
    assert what(only(marac({"return_status": "draft"}))) == (1, "return_status", "draft", "unknown_return_status")
    assert what(only(marac({"submitted_at": "30/06/2009"}))) == (1, "submitted_at", "30/06/2009", "not_a_date")


def test_all_faults_are_listed_in_the_order_of_the_file() -> None:
    data = marac(
        {"area_code": "99ZZ", "numerator": "=A1"},
        {"period": "2009/10"},
        {"period": "2010/11", "ni_code": "NI 033", "denominator": "many"},
    )
    assert [what(fault)[:2] for fault in faults(data)] == [
        (1, "area_code"), (1, "numerator"), (3, "ni_code"), (3, "denominator"),
    ]  # fmt: skip


def test_of_very_many_faults_the_first_are_listed_and_all_are_counted() -> None:
    rows = [{"area_code": "99ZZ", "submitted_by": str(number), "component": f"c{number}"} for number in range(600)]
    verdict = validate(dataset("marac_cases"), marac(*rows))
    assert (len(verdict.faults), verdict.fault_count) == (MOST_FAULTS, 1200)


# --- names ----------------------------------------------------------------------------------------------------------


def test_only_pushed_datasets_are_sent() -> None:
    assert {"hub_council_returns", "laa_targets"} < set(pushed())
    with pytest.raises(UsageError, match="nobody sends us 'defra_waste'"):
        require_pushed("defra_waste")


@pytest.mark.parametrize("name", ["", "A", "a_b", "../a", "a/b", "-a", "a" * 64, "a b", "a\n"])
def test_a_sender_is_a_slug(name: str) -> None:
    with pytest.raises(UsageError):
        require_sender(name)
    assert require_sender("government-office-london") == "government-office-london"


# --- whatever comes -------------------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
def test_any_bytes_are_judged_and_only_returns_are_sound(data: bytes) -> None:
    assert not validate(dataset("marac_cases"), data).accepted


@given(st.text(alphabet=string.printable + "é€\u2212", max_size=12), st.sampled_from(HUB))
def test_any_cell_gives_faults_of_its_own_row_or_none(cell: str, column: str) -> None:
    found = validate(dataset("marac_cases"), marac({"period": "2009/10"}, {column: cell}))
    assert all(fault.row in {0, 2} and fault.way_out for fault in found.faults)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_share_is_sound_just_up_to_its_whole(numerator: int, denominator: int) -> None:
    data = marac({"numerator": str(numerator), "denominator": str(denominator)})
    assert validate(dataset("marac_cases"), data).accepted is (numerator <= denominator)


@given(st.permutations(["00EB", "00EC", "00EE", "00EF", "00EH"]), st.permutations(HUB))
def test_order_of_rows_and_columns_does_not_matter(codes: list[str], columns: list[str]) -> None:
    rows = [MARAC | {"area_code": code, "numerator": "90" if code == "00EE" else "1"} for code in codes]
    (fault,) = validate(dataset("marac_cases"), text(columns, rows)).faults
    assert (fault.row, fault.rule) == (codes.index("00EE") + 1, "numerator_above_denominator")
