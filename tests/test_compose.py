"""docker-compose.yml: valid, without secrets, on loopback only, running commands that are tested here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.settings import ROOT, Settings

FILE = ROOT / "docker-compose.yml"
OURS = {
    "airflow-apiserver",
    "airflow-dag-processor",
    "airflow-init",
    "airflow-scheduler",
    "airflow-triggerer",
    "airflow-worker",
    "returns",
    "sandbox",
}
VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<rest>[^}]*))?\}")


def example() -> dict[str, str]:
    """The variables of `.env.example`."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def interpolated(text: str, variables: dict[str, str]) -> str:
    """The file as compose reads it; KeyError for a variable that is wanted (`:?`) and absent."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        given = variables.get(found["name"], "")
        if found["how"] == "?" and not given:
            raise KeyError(found["name"])
        return given or (found["rest"] if found["how"] == "-" else "")

    return VARIABLE.sub(value, text)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(interpolated(FILE.read_text(), example()))
    return loaded


def _commands(compose: dict[str, Any]) -> dict[str, list[str]]:
    return {
        name: [str(word) for word in service["command"]]
        for name, service in compose["services"].items()
        if "command" in service
    }


def test_docker_compose_itself_takes_the_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no docker compose on this machine; the tests below read the file without it")
    done = subprocess.run(
        [docker, "compose", "-f", str(FILE), "--env-file", str(ROOT / ".env.example"), "config", "--quiet"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_file_is_valid_by_the_compose_specification(compose: dict[str, Any]) -> None:
    compose_spec = pytest.importorskip("compose_spec", reason="the package compose-spec is not installed")
    read = compose_spec.PyCompose.from_yaml(yaml.safe_dump(compose))
    assert set(read.service_names()) == {*OURS, "postgres", "redis"}
    with pytest.raises(ValueError, match="ports"):
        compose_spec.PyCompose.from_yaml("services: {a: {image: b, ports: 5}}")


def test_services_are_the_ones_we_describe(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {*OURS, "postgres", "redis"}
    assert services["sandbox"]["profiles"] == ["sandbox"]
    assert not [name for name, service in services.items() if "profiles" in service and name != "sandbox"]
    assert services["postgres"]["image"] == "postgres:18", "the warehouse needs the temporal keys of 18"
    for name in OURS:
        assert (ROOT / services[name]["build"] / "Dockerfile").exists()
        assert services[name]["user"] == "10001:10001"


def test_images_are_pinned(compose: dict[str, Any]) -> None:
    base = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for image in [*base, *(service["image"] for service in compose["services"].values())]:
        name, _, tag = image.partition(":")
        assert tag
        assert "latest" not in tag, name


def test_ports_are_published_on_loopback_only(compose: dict[str, Any]) -> None:
    published = {name: s["ports"] for name, s in compose["services"].items() if "ports" in s}
    assert published == {
        "postgres": ["127.0.0.1:5432:5432"],
        "airflow-apiserver": ["127.0.0.1:8080:8080"],
        "returns": ["127.0.0.1:8651:8651"],
    }
    assert not [name for name, s in compose["services"].items() if s.get("network_mode") or s.get("privileged")]


def test_every_secret_must_come_from_the_environment() -> None:
    """Each is wanted (`:?`) wherever it stands, and the example holds no usable one."""
    text = FILE.read_text()
    # The keys that bodies give us may stay empty: without one, that body is not asked.
    secrets = {name for name in example() if re.search(r"PASSWORD|SECRET|KEY|TOKENS", name)} - {"NIS_STAT_XPLORE_KEY"}
    assert len(secrets) == 8
    for name in secrets:
        uses = [found for found in VARIABLE.finditer(text) if found["name"] == name]
        assert uses, f"{name} is in .env.example and nowhere used"
        assert {found["how"] for found in uses} == {"?"}, name
        assert example()[name] in {"CHANGE_ME", '{"a-council":"CHANGE_ME"}'}
        with pytest.raises(KeyError, match=name):
            interpolated(text, example() | {name: ""})
    without = VARIABLE.sub("", text)
    assert not re.findall(r"^.*(?:PASSWORD|SECRET|_KEY|requirepass)(?!\w*_FILE)\w*:? +\S.*$", without, re.MULTILINE)
    assert not re.findall(r"://\w*:[^@/\s]+@", without)


def test_example_names_every_variable_and_no_other() -> None:
    used = {found["name"] for found in VARIABLE.finditer(FILE.read_text()) if found["name"]}
    assert used == set(example())


def test_variables_of_ours_are_settings(compose: dict[str, Any]) -> None:
    known = {f"NIS_{name.upper()}" for name in Settings.model_fields}
    for name in OURS:
        given = compose["services"][name].get("environment", {})
        assert {variable for variable in given if variable.startswith("NIS_")} <= known


def test_long_running_services_tell_their_health(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"airflow-init"}
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)


def test_volumes_and_configs_are_declared(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in compose["volumes"], name
        for config in service.get("configs", []):
            assert config["source"] in compose["configs"], name


def test_commands_start_with_words_that_are_tested(compose: dict[str, Any]) -> None:
    """Ours are `python -m airflow|ingest|sandbox`, with subcommands and options that those really have."""
    commands = _commands(compose)
    for name in OURS - {"airflow-init"}:
        assert commands[name][:2] == ["python", "-m"], name
    for name, program in (("sandbox", ["sandbox"]), ("returns", ["ingest", "returns", "serve"])):
        options = subprocess.run(
            [sys.executable, "-m", *program, "--help"], capture_output=True, text=True, cwd=ROOT, check=True
        ).stdout
        words = commands[name][2:]
        assert words[: len(program)] == program
        assert all(word in options for word in words if word.startswith("--"))
    script = commands["airflow-init"][-1]
    assert script.splitlines()[-1] == "python -m ingest migrate"
    subprocess.run(["sh", "-n"], input=script, text=True, check=True)
    create = compose["configs"]["create-airflow-database"]["content"]
    subprocess.run(["sh", "-n"], input=create, text=True, check=True)


def test_airflow_knows_the_commands_of_the_file(compose: dict[str, Any], tmp_path: Path) -> None:
    """Airflow's own parser takes the words of every service; the worker's only with the extra `celery`."""
    commands = _commands(compose)
    wanted = [words[3:] for words in commands.values() if words[:3] == ["python", "-m", "airflow"]]
    script = commands["airflow-init"][-1]
    wanted += [["db", "migrate"], ["pools", "set", "nis_warehouse", "1", "One slot."]]
    assert "pools set nis_warehouse 1 " in script
    assert len(wanted) == 7
    code = (
        "import json, sys\n"
        "from airflow.cli import cli_parser\n"
        "parser = cli_parser.get_parser()\n"
        "for words in json.loads(sys.argv[1]):\n"
        "    parser.parse_args(words)\n"
    )
    celery = subprocess.run([sys.executable, "-c", "import airflow.providers.celery"], capture_output=True, check=False)
    executor = "LocalExecutor" if celery.returncode else "CeleryExecutor"
    if celery.returncode != 0:
        wanted = [words for words in wanted if words[0] != "celery"]
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(wanted)],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__EXECUTOR": executor},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_locked_celery_fits_the_provider() -> None:
    """Celery 5.7 took away `retry` of its database backend, which provider 3.26 imports: no worker starts."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    versions = {package["name"]: package.get("version", "") for package in lock["package"]}
    celery = tuple(int(part) for part in versions["celery"].split(".")[:2])
    assert versions["apache-airflow-providers-celery"].split(".")[:2] != ["3", "26"] or celery < (5, 7), (
        'pin "celery<5.7" beside the provider in the extra `celery` of pyproject.toml'
    )


def test_pool_is_the_one_the_dags_wait_in() -> None:
    """Without it Airflow would never start a task."""
    pool = re.search(r'^POOL = "(\w+)"', (ROOT / "dags" / "steps.py").read_text(), re.MULTILINE)
    assert pool
    assert f"pools set {pool[1]} 1 " in FILE.read_text()
    assert f'POOL = "{pool[1]}"' in (ROOT / "ingest" / "cli" / "airflow.py").read_text()


def test_made_password_file_is_what_airflow_reads(compose: dict[str, Any], tmp_path: Path) -> None:
    """The first lines of airflow-init, run for real."""
    script = compose["services"]["airflow-init"]["command"][-1].split("python -m")[0]
    home = tmp_path / "airflow"
    subprocess.run(
        ["sh", "-ec", script],
        env={"AIRFLOW_HOME": str(home), "AIRFLOW_ADMIN_PASSWORD": "a1b2", "PATH": "/usr/bin:/bin"},
        check=True,
    )
    assert json.loads((home / "passwords.json").read_text()) == {"admin": "a1b2"}
    assert (home / "passwords.json").stat().st_mode & 0o777 == 0o600
    airflow = compose["services"]["airflow-apiserver"]["environment"]
    assert airflow["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] == "/var/lib/nis/airflow/passwords.json"
    assert "AIRFLOW_HOME=/var/lib/nis/airflow" in (ROOT / "Dockerfile").read_text()


def test_image_holds_no_more_than_it_needs() -> None:
    """Everything that is copied may be seen by the build; everything else, `.env` first of all, may not."""
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert ignored[0] == "*"
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    dockerfile = (ROOT / "Dockerfile").read_text()
    copied = {word for line in re.findall(r"^COPY (.+)$", dockerfile, re.MULTILINE) for word in line.split()[:-1]}
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
    assert dockerfile.index("USER nis") < dockerfile.index("CMD")
