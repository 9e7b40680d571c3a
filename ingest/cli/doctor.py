"""`nis doctor`: is everything there that a run needs, and if not, what to do."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ingest.cli.app import app
from ingest.cli.checkup import Finding, Level, fail, ok, warehouse, warn
from ingest.errors import ExitCode, NisError

if TYPE_CHECKING:
    from ingest.settings import Settings

GIB = 1024**3
LEAST_FREE = 1 * GIB
ENOUGH_FREE = 5 * GIB
PACKAGES = {
    "alembic": "alembic",
    "apache-airflow": "airflow",
    "dbt-core": "dbt",
    "great-expectations": "great_expectations",
    "psycopg": "psycopg",
    "pydantic-settings": "pydantic_settings",
    "python-calamine": "python_calamine",
    "requests": "requests",
    "requests-ratelimiter": "requests_ratelimiter",
    "rich": "rich",
    "sqlalchemy": "sqlalchemy",
    "structlog": "structlog",
    "tenacity": "tenacity",
    "typer": "typer",
    "universal-pathlib": "upath",
}
"""Distribution to the package it installs."""


@app.command(epilog="Example: `nis doctor`. Exit code 1 when something fails.")
def doctor() -> None:
    """Check everything a run needs; each line says ok, warn or fail, with the way out."""
    from rich.text import Text

    from ingest.cli.render import clean, screen
    from ingest.settings import settings

    colours = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}
    console = screen()
    counts = dict.fromkeys(Level, 0)
    for finding in examine(settings()):
        counts[finding.level] += 1
        line = Text()
        line.append(f"{finding.level.value:<5}", style=colours[finding.level])
        line.append(f"{finding.what}: {clean(finding.detail)}")
        if finding.way_out:
            line.append(f"\n     way out: {clean(finding.way_out)}")
        console.print(line, soft_wrap=True)
    console.print(f"{counts[Level.OK]} ok, {counts[Level.WARN]} to look at, {counts[Level.FAIL]} failed")
    if counts[Level.FAIL]:
        raise typer.Exit(int(ExitCode.FAILED))


def examine(settings: Settings) -> Iterator[Finding]:
    """All findings, in the order in which they should be mended."""
    checks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _python, _packages, _home, _disk, _landing, _dbt_project, _sources, warehouse,
    )  # fmt: skip
    for check in checks:
        try:
            yield from check(settings)
        except NisError as error:
            yield fail(check.__name__.strip("_").replace("_", " "), error.message, error.hint)


def _python(_: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        yield ok("Python", version)
    else:
        yield fail("Python", f"{version}; 3.11 to 3.13 is needed", "make the environment anew: `make install`")


def _packages(_: Settings) -> Iterator[Finding]:
    """Installed, and of a version that pyproject.toml allows; nothing is imported."""
    import tomllib
    from importlib.metadata import PackageNotFoundError, version

    from packaging.requirements import Requirement

    from ingest.settings import ROOT

    declared: dict[str, Requirement] = {}
    project = ROOT / "pyproject.toml"
    if project.exists():
        listed = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
        declared = {found.name: found for found in map(Requirement, listed)}
    missing, others = [], []
    for distribution, package in PACKAGES.items():
        try:
            installed = version(distribution)
        except PackageNotFoundError:
            missing.append(distribution)
            continue
        if importlib.util.find_spec(package) is None:
            missing.append(distribution)
        elif distribution in declared and not declared[distribution].specifier.contains(installed, prereleases=True):
            others.append(f"{distribution} {installed} (wanted {declared[distribution].specifier})")
    if missing:
        yield fail("packages", f"not installed: {', '.join(missing)}", "`make install`")
    if others:
        yield warn("packages", f"other versions than tested: {', '.join(others)}", "`make install`")
    if not missing and not others:
        yield ok("packages", f"{len(PACKAGES)} looked up, all installed as pyproject.toml asks")
    if not (Path(sys.executable).parent / "dbt").exists() and shutil.which("dbt") is None:
        yield fail("dbt", "its command is not beside this Python nor on the path", "`make install`")


def nearest(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def _can_write(folder: Path) -> str:
    """Empty when a file can be written below the folder; else why not."""
    try:
        with tempfile.TemporaryFile(dir=nearest(folder)):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _home(settings: Settings) -> Iterator[Finding]:
    if problem := _can_write(settings.home):
        yield fail("home", f"{settings.home} cannot be written to: {problem}", "set NIS_HOME to a folder of yours")
        return
    made = settings.home.exists()
    yield ok("home", f"{settings.home}" + ("" if made else " (will be made by the first run)"))
    password = settings.home / "db" / "password"
    if password.exists() and password.stat().st_mode & 0o077:
        yield warn("home", f"{password} can be read by others", f"chmod 600 {password}")


def _disk(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(nearest(settings.home)).free
    told = f"{free / GIB:.1f} GiB free at {nearest(settings.home)}"
    if free < LEAST_FREE:
        yield fail("disk", told, "free at least 1 GiB, or set NIS_HOME to another disk")
    elif free < ENOUGH_FREE:
        yield warn("disk", told, "record-level data need some GiB: keep 5 GiB free")
    else:
        yield ok("disk", told)


def _landing(settings: Settings) -> Iterator[Finding]:
    from ingest.landing import LandingStore

    url = settings.landing_url
    LandingStore(url)  # raises when the driver for the address is missing
    if "://" in url and not url.startswith("file://"):
        yield ok("landing store", f"{url} (an object store; a run finds out whether it may write)")
    elif problem := _can_write(Path(url.removeprefix("file://"))):
        yield fail("landing store", f"{url} cannot be written to: {problem}", "set NIS_LANDING to a folder of yours")
    else:
        yield ok("landing store", url)


def _dbt_project(_: Settings) -> Iterator[Finding]:
    """Files are there and their YAML can be read; dbt itself is not started."""
    import yaml

    from ingest.settings import ROOT

    folder = ROOT / "dbt_project"
    seeds = ("indicators", "indicator_components", "measures", "areas", "reasons")
    needed = ["dbt_project.yml", "profiles.yml", "models/candidate/fact_value.sql"]
    needed += [f"seeds/{name}.csv" for name in seeds]
    if gone := [name for name in needed if not (folder / name).exists()]:
        yield fail("dbt project", f"{folder} lacks {', '.join(gone)}", "restore the files from the repository")
        return
    count = 0
    for path in sorted((*folder.glob("*.yml"), *folder.glob("models/**/*.yml"), *folder.glob("seeds/*.yml"))):
        try:
            yaml.safe_load(path.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            place = " ".join(str(error).split())
            yield fail("dbt project", f"{path} is not YAML: {place}", "mend the file at that line")
            return
        count += 1
    models = len(list(folder.glob("models/**/*.sql")))
    yield ok("dbt project", f"{models} models, {count} YAML files can be read")


def _sources(settings: Settings) -> Iterator[Finding]:
    if settings.sandbox_url:
        from ingest.cli.sandbox import identity

        try:
            found = identity(settings.sandbox_url).get("origin", "")
        except NisError as error:
            yield fail("sandbox", error.message, error.hint)
            return
        if found != settings.source:
            yield fail(
                "sandbox",
                f"{settings.sandbox_url} serves {found} data and NIS_SOURCE is {settings.source}",
                f"set NIS_SOURCE={found} with a home of its own, or start the other sandbox",
            )
        else:
            yield ok("sandbox", f"{settings.sandbox_url} serves {found} data")
    elif settings.source == "sample" and (settings.samples is None or not settings.samples.is_dir()):
        told = (
            f"the folder of samples {settings.samples} is not there" if settings.samples else "NIS_SAMPLES is not set"
        )
        yield warn("sources", told, "set NIS_SAMPLES to the folder of genuine files before the next run")
    elif settings.source == "live" and "@localhost" in settings.user_agent:
        yield warn(
            "sources",
            "NIS_USER_AGENT names nobody the bodies could write to",
            "put an e-mail address into it",
        )
    else:
        about = {
            "made": "made data of a sandbox that a run starts",
            "sample": f"genuine files of {settings.samples}",
            "live": "the bodies themselves",
        }
        yield ok("sources", about[settings.source])
