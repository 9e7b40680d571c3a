"""The engine alone: measures made by hand go in, indicators come out, on a warehouse of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from psycopg import sql

from ingest import database, processes
from ingest.settings import ROOT, Settings

DOMAINS = (
    "economy", "education", "environment", "health", "housing", "local_authority", "police", "survey", "transport",
)  # fmt: skip
HAND_MADE = """
create table measures.hand_made (
    measure_id text, area_code text, period_start date, period_end date, stratum text,
    value numeric, lower_limit numeric, upper_limit numeric, marker text, reason text,
    adds_up boolean, maturity text, release_id bigint
)
"""
TARGETS = """
create table measures.hand_made_targets (
    area_code text, ni int, component text, target_class text, kind text, status text, version numeric, agreed_on date,
    baseline_period text, baseline_value numeric, period_start date, period_end date, target_value numeric,
    reward_eligible boolean, reason text, release_id bigint, reject_reason text
)
"""
STAND_IN = "select * from measures.hand_made where {condition}"
TARGETS_STAND_IN = "{{ config(materialized='view', schema='staging') }}\nselect * from measures.hand_made_targets\n"
PARTS = (
    "macros", "seeds", "models/areas", "models/indicators", "models/assessment", "models/targets", "models/candidate",
    "tests/generic",
)  # fmt: skip
MARTS = {"indicator_index", "dim_area", "dim_component", "dim_indicator", "dim_period", "fact_value"}
ASSESSMENT = {"bridge_area_group", "fact_assessment"}
"""Models of the marts that rest on those of the folder `assessment`."""
MODELS_OF_TARGETS = {
    "stg_laa_targets", "target_version", "target_figure", "target_detectability", "target_progress", "fact_target",
    "fact_reward",
}  # fmt: skip


class Figure(NamedTuple):
    """A figure that a body states, as the models `measures_<domain>` give it; None is a gap."""

    measure_id: str
    area_code: str
    period_start: date
    period_end: date
    value: Decimal | float | None
    marker: str | None = None
    stratum: str = ""
    adds_up: bool = True
    release_id: int = 1


class Target(NamedTuple):
    """A version of a target for a year, as `stg_laa_targets` gives it."""

    area_code: str
    ni: int | None
    year: int
    """Calendar year in which its financial year begins."""
    target: float | Decimal | None
    baseline: float | Decimal | None = None
    baseline_period: str | None = "2007/08"
    component: str | None = None
    target_class: str = "designated"
    kind: str = "absolute"
    status: str = "agreed"
    version: int = 1
    agreed_on: date = date(2008, 6, 30)
    reward: bool = True


class Answer(NamedTuple):
    """A cell of the facts."""

    value: Decimal | None
    marker: str | None
    reason: str | None
    coverage: Decimal
    numerator: Decimal | None
    denominator: Decimal | None


def financial_year(year: int) -> tuple[date, date]:
    """First and last day of the financial year that begins in April of a year."""
    return date(year, 4, 1), date(year + 1, 3, 31)


def calendar_year(year: int) -> tuple[date, date]:
    """First and last day of a calendar year."""
    return date(year, 1, 1), date(year, 12, 31)


def mid_year(year: int) -> tuple[date, date]:
    """The day for which residents are estimated, twice."""
    return date(year, 6, 30), date(year, 6, 30)


def stated(
    measure: str, values: Mapping[str, float | str], period: tuple[date, date], release_id: int = 1
) -> Iterator[Figure]:
    """Figures of one measure by area; a text is the marker of a gap."""
    for area, value in values.items():
        if isinstance(value, str):
            yield Figure(measure, area, *period, None, value, release_id=release_id)
        else:
            yield Figure(measure, area, *period, value, release_id=release_id)


def shown(answer: Answer | None) -> tuple[float | None, str | None, str | None]:
    """Value, marker and reason of a cell that must be there."""
    assert answer is not None
    return None if answer.value is None else float(answer.value), answer.marker, answer.reason


def figure(answer: Answer | None) -> tuple[float, float, float]:
    """Value and the two sides of a cell that must have all three."""
    assert answer is not None, "the index has no such cell"
    assert answer.value is not None, answer
    assert answer.numerator is not None, answer
    assert answer.denominator is not None, answer
    return float(answer.value), float(answer.numerator), float(answer.denominator)


@dataclass
class Engine:
    """The dbt project without its staging models, on a warehouse that holds seeds and areas alone."""

    settings: Settings
    folder: Path
    steps: list[tuple[str, str, str]] = field(default_factory=list)
    assessments: set[str] = field(default_factory=set)

    def prepare(self) -> None:
        """Copy the project and compile its models."""
        source, copy = ROOT / "dbt_project", self.folder / "dbt_project"
        for part in PARTS:
            shutil.copytree(source / part, copy / part)
        for name in ("dbt_project.yml", "profiles.yml", "models/staging/_sources.yml"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / name, copy / name)
        # What is tested here is what comes out, not what dbt's own tests say of it.
        for described in copy.glob("models/*/_unit_tests*.yml"):
            described.unlink()
        # Flags rest on grades of quality, which come from what was loaded; `test_flags.py` runs their models by itself.
        for name in ("fact_flag", "fact_money", "flag_summary"):
            (copy / "models" / "candidate" / f"{name}.sql").unlink()
        (copy / "models" / "measures").mkdir()
        for model in (*source.glob("models/measures/measure*.sql"), *source.glob("models/measures/pattern_*.sql")):
            shutil.copy(model, copy / "models" / "measures")
        stand_ins = {
            f"measures_{domain}": STAND_IN.format(condition="false" if number else "true")
            for number, domain in enumerate(DOMAINS)
        }
        for name, query in stand_ins.items():
            (copy / "models" / "measures" / f"{name}.sql").write_text(query)
        (copy / "models" / "staging" / "stg_laa_targets.sql").write_text(TARGETS_STAND_IN)
        with database.connect(self.settings, "nis_transformer") as connection:
            connection.execute(HAND_MADE)
            connection.execute(TARGETS)
            for name, query in stand_ins.items():
                view = sql.SQL("create view {} as {}")
                connection.execute(view.format(sql.Identifier("measures", name), sql.SQL(query)))
        self.dbt("compile")
        self.steps = list(self._models())
        self.assessments = ASSESSMENT | {path.stem for path in copy.glob("models/assessment/*.sql")}

    def dbt(self, *arguments: str) -> None:
        """Run dbt on the copy."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(processes, "ROOT", self.folder)
            log = self.folder / "dbt.log"
            assert processes.dbt(self.settings, arguments, log) == 0, log.read_text()[-3000:]

    def _models(self) -> Iterable[tuple[str, str, str]]:
        """Schema, name and compiled SQL of the engine's models, each after those it reads."""
        manifest = json.loads((self.settings.artifacts / "dbt" / "target" / "manifest.json").read_text())
        models = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
        done = {key for key, node in models.items() if "areas" in node["fqn"] or node["name"].startswith("measures_")}
        while len(done) < len(models):
            ready = [
                key
                for key in models
                if key not in done
                and all(need in done or need not in models for need in models[key]["depends_on"]["nodes"])
            ]
            for key in ready:
                done.add(key)
                yield models[key]["schema"], models[key]["name"], models[key]["compiled_code"]

    def run(
        self,
        figures: Iterable[Figure],
        releases: Sequence[int] = (1,),
        marts: bool = True,
        targets: Sequence[Target] = (),
        assessment: bool = False,
    ) -> None:
        """Compute all from these figures, but the index and the marts, or the assessment, if not wanted.

        Releases are in use, oldest first. What is made of targets is computed where there are any, and the assessment
        with it.
        """
        with database.connect(self.settings, "nis_loader") as connection:
            connection.execute("delete from ops.release")
            for release_id in releases:
                connection.execute(
                    "insert into ops.release (release_id, dataset_id, part, url, sha256, size_bytes, publisher, "
                    "licence, maturity, origin, supersedes, status, offered_at) overriding system value values "
                    "(%s, 'hand_made', %s, 'http://127.0.0.1/', %s, 1, 'A body', 'OGL-UK-3.0', 'final', 'made', 'part', "
                    "'accepted', timestamptz '2026-01-01' + make_interval(mins => %s))",
                    (release_id, str(release_id), f"{release_id:064x}", release_id),
                )
        with database.connect(self.settings, "nis_transformer") as connection:
            connection.execute("truncate measures.hand_made")
            copy = "copy measures.hand_made from stdin"
            with connection.cursor().copy(copy) as rows:
                for one in figures:
                    rows.write_row(
                        (
                            one.measure_id, one.area_code, one.period_start, one.period_end, one.stratum,
                            one.value, None, None, one.marker, None, one.adds_up, "final", one.release_id,
                        )
                    )  # fmt: skip
            connection.execute("truncate measures.hand_made_targets")
            with connection.cursor().copy("copy measures.hand_made_targets from stdin") as rows:
                for aim in targets:
                    rows.write_row(
                        (
                            aim.area_code, aim.ni, aim.component, aim.target_class, aim.kind, aim.status, aim.version,
                            aim.agreed_on, aim.baseline_period, aim.baseline, *financial_year(aim.year), aim.target,
                            aim.reward, None, 1, None,
                        )
                    )  # fmt: skip
            for schema, name, query in self.steps:
                if name in MARTS and not marts:
                    continue
                if name in self.assessments and not assessment and not targets:
                    continue
                if name in MODELS_OF_TARGETS and not targets:
                    continue
                table = sql.Identifier(schema, name)
                connection.execute(sql.SQL("drop table if exists {}").format(table))
                connection.execute(sql.SQL("create table {} as ").format(table) + sql.SQL(query))
                # As dbt does: joins over tables without statistics are planned blindly.
                connection.execute(sql.SQL("analyze {}").format(table))

    def query(self, statement: str, *parameters: object) -> list[Any]:
        """Rows of a statement."""
        with database.connect(self.settings, "nis_transformer") as connection:
            return connection.execute(statement.encode(), parameters or None).fetchall()

    def answer(self, indicator_id: str, component: str, area_code: str, period_end: date) -> Answer | None:
        """The cell of the facts, or None where the index has none."""
        rows = self.query(
            "select value, marker, reason, coverage, numerator, denominator from candidate.fact_value "
            "where indicator_id = %s and component = %s and area_code = %s and period_end = %s",
            indicator_id, component, area_code, period_end,
        )  # fmt: skip
        assert len(rows) < 2
        return Answer(*rows[0]) if rows else None

    def values(self, indicator_id: str, component: str) -> dict[tuple[str, date], Any]:
        """Value, marker and reason that the methods give, by area and last day, whether due or not."""
        rows = self.query(
            "select area_code, period_end, value, marker, reason from indicators.component_value "
            "where indicator_id = %s and component = %s",
            indicator_id, component,
        )  # fmt: skip
        return {(row[0], row[1]): row[2:] for row in rows}

    def measured(self, measure_id: str, area_code: str, period_end: date, stratum: str = "") -> Any:
        """Value, origin, marker, reason and coverage of a measure of an area, or None."""
        rows = self.query(
            "select value, origin, marker, reason, coverage from measures.measure_by_area "
            "where measure_id = %s and area_code = %s and period_end = %s and stratum = %s",
            measure_id, area_code, period_end, stratum,
        )  # fmt: skip
        assert len(rows) < 2
        return rows[0] if rows else None
