"""Published flags: decisions that nobody rewrites, evidence, rules that stand, and their commands."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from ingest.errors import NisError, UsageError
from ingest.publication import publish
from tests.ingest.command_line import nis, refused, right, use
from tests.ingest.flagging import EVIDENCE, FLAG, flagged
from tests.ingest.publishing import Publishing
from tests.ingest.warehouse import Warehouse

pytestmark = pytest.mark.warehouse


@pytest.fixture
def publishing(warehouse: Warehouse) -> Publishing:
    return flagged(warehouse)


def released(publishing: Publishing) -> None:
    """Publish a build that was made from one release."""
    release = publishing.warehouse.one(
        "insert into ops.release (dataset_id, part, url, sha256, size_bytes, publisher, licence, maturity, origin, "
        "supersedes, offered_at, status) values ('waste', 'all', 'http://127.0.0.1/waste.csv', repeat('a', 64), 1, "
        "'Defra', 'OGL-UK-3.0', 'final', 'made', 'part', now(), 'accepted') returning release_id"
    )
    build = publishing.build()
    publishing.warehouse.query(
        "update ops.build set release_ids = array[%s::bigint] where build_id = %s", (release, build)
    )
    publish(publishing.warehouse.settings, build)


def decide(publishing: Publishing, state: str, year: str = "2009-10", **changes: Any) -> None:
    """Write a decision down as the publisher."""
    row = {
        "framework_id": "nis_2008", "area_code": FLAG[0], "theme": FLAG[1], "framework_year": year, "flag_kind": "red",
        "state": state, "decided_by": "Ann Example", **changes,
    }  # fmt: skip
    if state == "known_and_being_acted_on":
        row.setdefault("action_plan_on_course", True)
    publishing.warehouse.query(
        f"insert into published.flag_decision ({', '.join(row)}) values ({', '.join(['%s'] * len(row))})",
        tuple(row.values()), "nis_publisher",
    )  # fmt: skip


def states(publishing: Publishing) -> dict[tuple[str, str], str]:
    """State of each flag, as readers see it."""
    rows = publishing.warehouse.query("select framework_year, flag_kind, state from published.v_flag", role="reader")
    return {(year, kind): state for year, kind, state in rows}


LEGAL = {
    ("candidate", "under_review"), ("under_review", "raised"), ("under_review", "known_and_being_acted_on"),
    ("under_review", "dismissed"), ("raised", "closed"), ("dismissed", "closed"), ("known_and_being_acted_on", "closed"),
    # Beyond the plain chain: the plan comes on course or leaves it, and then the flag may be raised.
    ("known_and_being_acted_on", "known_and_being_acted_on"), ("known_and_being_acted_on", "raised"),
}  # fmt: skip
WAYS = {
    "candidate": (),
    "under_review": ("under_review",),
    "raised": ("under_review", "raised"),
    "known_and_being_acted_on": ("under_review", "known_and_being_acted_on"),
    "dismissed": ("under_review", "dismissed"),
    "closed": ("under_review", "raised", "closed"),
}


@pytest.mark.parametrize("before", WAYS)
def test_only_legal_moves_are_taken(publishing: Publishing, before: str) -> None:
    publishing.publish()
    for state in WAYS[before]:
        decide(publishing, state, reason="a reason")
    assert states(publishing)["2009-10", "red"] == before
    with psycopg.connect(_owner(publishing)) as connection:
        connection.execute("set role nis_publisher")
        for after in WAYS:
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute(
                        "insert into published.flag_decision (framework_id, area_code, theme, framework_year, flag_kind, "
                        "state, decided_by, reason, action_plan_on_course) values "
                        "('nis_2008', %s, %s, %s, %s, %s, 'Ann Example', 'a reason', %s)",
                        (*FLAG, after, after == "known_and_being_acted_on" or None),
                    )
                taken = True
            except psycopg.errors.CheckViolation:
                taken = False
            assert taken is ((before, after) in LEGAL), (before, after)


def _owner(publishing: Publishing) -> str:
    from ingest import database

    return database.url(publishing.warehouse.settings)


@pytest.mark.parametrize("by", ["", "  ", "nis_publisher", "Reader", "12"])
def test_only_a_named_person_decides(publishing: Publishing, by: str) -> None:
    publishing.publish()
    with pytest.raises(psycopg.errors.CheckViolation):
        decide(publishing, "under_review", decided_by=by)
    assert states(publishing)["2009-10", "red"] == "candidate"


def test_dismissal_needs_a_reason_and_a_flag_must_have_been_a_candidate(publishing: Publishing) -> None:
    publishing.publish()
    decide(publishing, "under_review")
    with pytest.raises(psycopg.errors.CheckViolation, match="for a reason"):
        decide(publishing, "dismissed")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        decide(publishing, "under_review", area_code="E10000029")


def test_nobody_rewrites_what_was_decided_not_even_the_owner(publishing: Publishing) -> None:
    publishing.publish()
    # The time, the login and the publication are not the writer's to say.
    decide(publishing, "under_review", decided_at="1999-01-01", recorded_by="nobody", publication_id=99)
    for statement in (
        "update published.flag_decision set decided_by = 'Somebody Else'",
        "delete from published.flag_decision",
        "truncate published.flag_decision",
        "set session_replication_role = replica; delete from published.flag_decision",
    ):
        for role in ("nis_publisher", ""):
            with pytest.raises((psycopg.errors.InsufficientPrivilege,)):
                publishing.warehouse.query(statement, role=role)
    rows = publishing.warehouse.query(
        "select decided_by, decided_at > now() - interval '1 hour', recorded_by like '%%nis_publisher', "
        "publication_id < 99 from published.flag_decision where true",
        role="reader",
    )
    assert rows == [("Ann Example", True, True, True)]
    with pytest.raises(psycopg.Error):
        publishing.warehouse.query("insert into published.flag_decision (state) values ('closed')", role="inspector")


def test_action_plan_on_course_keeps_a_red_candidate_from_being_raised_again(publishing: Publishing) -> None:
    publishing.publish()
    decide(publishing, "under_review")
    decide(publishing, "known_and_being_acted_on")
    known = "known_and_being_acted_on"
    # Not the year before, and not what is praised.
    assert states(publishing) == {
        ("2008-09", "red"): "candidate", ("2009-10", "red"): known, ("2010-11", "red"): known,
        ("2010-11", "green"): "candidate",
    }  # fmt: skip
    decide(publishing, "under_review", "2010-11")
    with pytest.raises(psycopg.errors.CheckViolation, match="action plan is on course"):
        decide(publishing, "raised", "2010-11")
    decide(publishing, known, action_plan_on_course=False, reason="nothing was done")
    decide(publishing, "raised", "2010-11")
    assert states(publishing)["2010-11", "red"] == "raised"


def test_inspectorates_that_answer_are_those_of_the_last_day_of_the_year(publishing: Publishing) -> None:
    publishing.publish()
    rows = publishing.warehouse.query(
        "select distinct framework_year, inspectorate_ids from published.v_flag order by 1", role="reader"
    )
    assert rows == [("2008-09", ["hmic", "csci"]), ("2009-10", ["hmic", "cqc"]), ("2010-11", ["hmic", "cqc"])]


def test_evidence_has_every_part_that_is_promised(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change(
        "update candidate.fact_value set value = 41 where area_code = 'E06000010' and indicator_id = 'ni_192'; "
        "update candidate.fact_flag set score = 3"
    )
    released(publishing)
    decide(publishing, "under_review", organisation="HMIC")
    publishing.warehouse.query(
        "insert into published.value_comment (component_key, area_key, period_key, kind, said, said_by, organisation) "
        "select component_key, area_key, period_key, 'dispute', 'counted twice', 'Bob', 'Hull' from published.fact_value "
        "inner join published.dim_area using (area_key) inner join published.dim_component using (component_key) "
        "where area_code = 'E06000010' and framework_id = 'nis_2008' and indicator_id = 'ni_192' and known_to = 'infinity'",
        role="nis_publisher",
    )  # fmt: skip
    pack = publishing.warehouse.one("select published.flag_evidence(%s, %s, %s, %s)", FLAG, "reader")
    assert pack["indicators"] == EVIDENCE["indicators"]
    assert (pack["flag"]["state"], pack["flag"]["score"]) == ("under_review", 3)
    assert pack["data_as_of"]
    assert pack["rules"] == {
        "rule_version": "2008.1",
        "values": {"benjamini_hochberg_q": "0.05", "least_neighbours": "5"},
    }
    assert pack["multiplicity"]["expected_by_chance"] == 58.8
    ((release),) = pack["releases"]
    assert (release["sha256"], release["url"]) == ("a" * 64, "http://127.0.0.1/waste.csv")
    assert [one["grade"] for one in pack["quality"]] == ["A"]
    ((revision),) = pack["revisions"]
    assert (revision["old_value"], revision["new_value"], revision["size"]) == (40, 41, 1)
    ((decision),) = pack["decisions"]
    assert (decision["decided_by"], decision["state"], decision["organisation"]) == (
        "Ann Example",
        "under_review",
        "HMIC",
    )
    assert decision["decided_at"]
    ((dispute),) = pack["disputes"]
    assert (dispute["said"], dispute["organisation"]) == ("counted twice", "Hull")
    for role in ("reader", "inspector"):
        assert publishing.warehouse.one("select published.flag_evidence(%s, 'x', 'x', 'x') is null", (FLAG[0],), role)


def test_flag_that_mentions_a_held_indicator_stays_as_it_is(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change(
        "update candidate.fact_flag set score = 9, indicators = 'ni_193/all' where framework_year = '2009-10'"
    )
    build = publishing.build()
    publishing.hold(build, "nis_2008", "ni_192")
    publish(publishing.warehouse.settings, build)
    scores = "select score from published.v_flag where framework_year = '2009-10'"
    assert publishing.warehouse.one(scores, role="reader") == 2
    publishing.publish()
    assert publishing.warehouse.one(scores, role="reader") == 9


def test_rules_that_were_published_stand(publishing: Publishing) -> None:
    publishing.publish()
    publishing.change("update catalogue.assessment_rules set value = '0.1' where name = 'benjamini_hochberg_q'")
    with pytest.raises(NisError, match=r"assessment rules 2008\.1 were published"):
        publishing.publish()
    publishing.change("update catalogue.assessment_rules set rule_version = '2009.1', valid_from = '2009-04-01'")
    publishing.publish()
    assert publishing.warehouse.query(
        "select rule_version, value from published.assessment_rule where name = 'benjamini_hochberg_q' order by 1",
        role="reader",
    ) == [("2008.1", "0.05"), ("2009.1", "0.1")]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        publishing.warehouse.query("update published.assessment_rule set value = '1'", role="nis_publisher")


def test_flags_are_listed_shown_and_moved(publishing: Publishing, monkeypatch: pytest.MonkeyPatch) -> None:
    publishing.publish()
    use(publishing.warehouse.settings, monkeypatch)
    listed = right("flag", "list", "--area", "E06000010", "--kind", "red", "--year", "2009-10", "--format", "json")
    ((one),) = json.loads(listed.stdout)
    assert (one["state"], one["inspectorates"]) == ("candidate", "Constabulary, Care Quality Commission")
    table = right("flag", "list", "--inspectorate", "cqc", "--theme", "safer").stdout
    assert "2008-09" not in table.split("Comparisons")[0]
    assert "29,400" in table
    assert "58.8" in table
    assert "29,400" in right("status").stdout
    arguments = ("E06000010", "safer", "2009-10", "red")
    right("flag", "move", *arguments, "--to", "under_review", "--by", "Ann Example", "--organisation", "HMIC")
    error = refused("flag", "move", *arguments, "--to", "closed", "--by", "Ann Example")
    assert "under_review does not become closed" in error.message
    assert "dismissed" in error.hint
    assert "--reason" in refused("flag", "move", *arguments, "--to", "dismissed", "--by", "Ann Example").hint
    assert "--by" in refused("flag", "move", *arguments, "--to", "raised", "--by", " ").hint
    assert "--by" in refused("flag", "move", *arguments, "--to", "raised", "--by", "nis_publisher").hint
    error = refused("flag", "move", *arguments, "--to", "known_and_being_acted_on", "--by", "Ann Example")
    assert isinstance(error, UsageError)
    assert "--action-plan" in error.hint
    right(
        "flag",
        "move",
        *arguments,
        "--to",
        "known_and_being_acted_on",
        "--action-plan",
        "on-course",
        "--by",
        "Ann Example",
    )
    shown = right("flag", "show", *arguments)
    assert "Ann Example" in shown.output
    pack = json.loads(right("flag", "show", *arguments, "--format", "json").stdout)
    assert [decision["state"] for decision in pack["decisions"]] == ["under_review", "known_and_being_acted_on"]
    assert "those that do" in refused("flag", "show", "E06000010", "safer", "2009-10", "green").hint
    assert "hmic" in refused("flag", "list", "--inspectorate", "hmi").hint
    assert "Safer communities" in refused("flag", "list", "--theme", "nothing").hint
    assert nis("flag", "move", *arguments, "--to", "candidate", "--by", "Ann Example").exit_code == 2


def test_values_and_indicators_are_those_an_inspectorate_answers_for(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The theme of NI 192 in the catalogue is Environmental sustainability.
    publishing.publish()
    use(publishing.warehouse.settings, monkeypatch)
    asked = ("values", "--ni", "192", "--area", "E06000010", "--format", "json")
    assert len(json.loads(right(*asked, "--inspectorate", "audit_commission").stdout)) == len(
        json.loads(right(*asked).stdout)
    )
    assert "audit_commission" in refused(*asked, "--inspectorate", "ofsted").hint
    listed = json.loads(right("indicators", "--inspectorate", "csci", "--format", "json").stdout)
    assert {130, 145} <= {row["ni"] for row in listed}
    assert not {192, 20} & {row["ni"] for row in listed}
