"""`nis sandbox`: the stand-in for the source bodies in the foreground, and its faults."""

from __future__ import annotations

import json
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from ingest.cli.app import app
from ingest.cli.render import clean, say, show_table, whole_output
from ingest.errors import BodyError, ExitCode, UsageError

TIMEOUT = 10.0
"""Seconds that a control address may take to answer."""
STOP_TIMEOUT = 10.0
"""Seconds that the sandbox may take to end."""


class Served(StrEnum):
    """What the sandbox can serve."""

    MADE = "made"
    SAMPLE = "sample"


sandbox_app = typer.Typer(
    invoke_without_command=True,
    help="Run the stand-in for the source bodies in the foreground, until Ctrl-C; or set its faults.\n\n"
    "Its address is printed as one line of JSON on standard output. Made figures are invented.",
    epilog="Examples:\n\n"
    "- `nis sandbox --port 8650`\n\n"
    "- `nis sandbox --origin sample --samples ../samples`\n\n"
    "- `nis sandbox faults add '/www.nomisweb.co.uk/*' 503 --times 2 --url http://127.0.0.1:8650`",
)
faults_app = typer.Typer(no_args_is_help=True, help="Faults of a running sandbox: list, add, clear.")
sandbox_app.add_typer(faults_app, name="faults")
app.add_typer(sandbox_app, name="sandbox")

Url = Annotated[str, typer.Option("--url", help="Address of the running sandbox; default: NIS_SANDBOX_URL.")]


@sandbox_app.callback()
def run(
    context: typer.Context,
    origin: Annotated[Served, typer.Option(help="made: invented figures; sample: genuine files.")] = Served.MADE,
    samples: Annotated[
        Path | None,
        typer.Option(help="Folder of genuine files; default: NIS_SAMPLES.", exists=True, file_okay=False),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 picks a free one.")] = 0,
    seed: Annotated[int | None, typer.Option(help="Same seed, same figures.")] = None,
    cache: Annotated[Path | None, typer.Option(help="Keep made files here between runs.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log each request on standard error.")] = False,
) -> None:
    """Run the stand-in for the source bodies in the foreground, until Ctrl-C; or set its faults."""
    if context.invoked_subcommand is not None:
        return
    from ingest.settings import ROOT, settings

    folder = samples or settings().samples
    if origin is Served.SAMPLE and folder is None:
        raise UsageError("sample data need a folder of genuine files", hint="give --samples DIR, or set NIS_SAMPLES")
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "--origin",
        origin.value,
        "--port",
        str(port),
        "--watch-stdin",
    ]
    if origin is Served.SAMPLE and folder is not None:
        command += ["--samples", str(folder.resolve())]
    if seed is not None:
        command += ["--seed", str(seed)]
    if cache is not None:
        command += ["--cache", str(cache.resolve())]
    if verbose:
        command.append("--verbose")
    code = _serve(command, ROOT)
    if code:
        raise typer.Exit(code)


def _serve(command: list[str], folder: Path) -> int:
    """Run the sandbox until it ends or we are interrupted; returns its exit code."""
    # The sandbox ends when its standard input does, so it cannot outlive this process, however that ends.
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            ready = server.stdout.readline() if server.stdout else ""
            if ready:
                with whole_output() as out:
                    out.write(ready)
                address = json.loads(ready)
                say(f"serving {address['origin']} data; elsewhere: export NIS_SANDBOX_URL={address['url']}")
                say("stop with Ctrl-C")
            return server.wait()
        except KeyboardInterrupt:
            return int(ExitCode.DONE)
        finally:
            if server.stdin:
                server.stdin.close()
            try:
                server.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                server.kill()


@faults_app.command("list", epilog="Example: `nis sandbox faults list --url http://127.0.0.1:8650`")
def list_faults(url: Url = "") -> None:
    """List the faults that are set, with how often they were met."""
    faults: list[dict[str, Any]] = _control("GET", "faults", url)
    columns = list(faults[0]) if faults else ["id", "path", "kind"]
    rows = [
        [json.dumps(fault[name]) if isinstance(fault[name], dict) else fault[name] for name in columns]
        for fault in faults
    ]
    show_table("Faults of the sandbox", columns, rows)


@faults_app.command(
    "add",
    epilog="Examples:\n\n"
    "- `nis sandbox faults add '/www.nomisweb.co.uk/*' 503 --times 2`\n\n"
    "- `nis sandbox faults add '*population_totals*' revise --arg share=0.1`",
)
def add_fault(
    path: Annotated[str, typer.Argument(help="Pattern of /host/path, such as '/www.nomisweb.co.uk/*'.")],
    kind: Annotated[str, typer.Argument(help="A status, or a kind of sandbox/README.md: drop, revise, bad_number ...")],
    times: Annotated[int, typer.Option(min=0, help="How many requests are spoilt; 0 for ever.")] = 1,
    after: Annotated[int, typer.Option(min=0, help="How many requests pass first.")] = 0,
    arguments: Annotated[
        list[str] | None,
        typer.Option("--arg", metavar="NAME=VALUE", help="An argument of the fault; can be repeated."),
    ] = None,
    url: Url = "",
) -> None:
    """Set a fault; the sandbox says what it made of it."""
    wanted = {
        "path": path,
        "kind": kind,
        "times": times,
        "after": after,
        "args": dict(map(_argument, arguments or [])),
    }
    with whole_output() as out:
        out.write(json.dumps(_control("POST", "faults", url, wanted)) + "\n")


@faults_app.command("clear", epilog="Examples: `nis sandbox faults clear`, `nis sandbox faults clear 3`")
def clear_faults(
    fault_id: Annotated[int | None, typer.Argument(help="Id of one fault; default: all of them.")] = None,
    url: Url = "",
) -> None:
    """Remove one fault, or all."""
    answer = _control("DELETE", "faults" if fault_id is None else f"faults/{fault_id}", url)
    say(f"removed {answer['removed']}")


def _argument(text: str) -> tuple[str, Any]:
    """NAME=VALUE; a value that reads as JSON is one (0.1, true), anything else is text."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise UsageError(f"--arg {text!r} is not NAME=VALUE", hint="such as --arg share=0.1")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def identity(url: str) -> dict[str, Any]:
    """What a sandbox says it is: its origin and seed. Raises BodyError when it does not answer."""
    found = _control("GET", "identity", url)
    if not isinstance(found, dict):
        raise BodyError(f"{url} does not answer as a sandbox does", hint="give the address that `nis sandbox` printed")
    return found


def _control(method: str, what: str, url: str, body: object = None) -> Any:
    """The JSON answer of a control address; raises UsageError or BodyError with the sandbox's own reason."""
    import requests

    from ingest.settings import settings

    base = (url or settings().sandbox_url).rstrip("/")
    if urlsplit(base).scheme not in ("http", "https"):
        raise UsageError(
            f"{base!r} is not the address of a sandbox" if base else "no sandbox is named",
            hint="give --url http://127.0.0.1:PORT, or set NIS_SANDBOX_URL; `nis sandbox` starts one",
        )
    with requests.Session() as session:
        # A proxy of the environment has no business with an address of this machine.
        session.trust_env = False
        try:
            answer = session.request(
                method, f"{base}/__control/{what}", json=body, timeout=TIMEOUT, allow_redirects=False
            )
            content = answer.json()
        except requests.exceptions.JSONDecodeError as error:
            raise BodyError(
                f"{base} does not answer as a sandbox does",
                hint="give the address that `nis sandbox` printed",
            ) from error
        except requests.RequestException as error:
            raise BodyError(
                f"no sandbox answers at {base} ({type(error).__name__})",
                hint="start one: `nis sandbox --port 8650`",
            ) from error
    if not answer.ok:
        reason = clean(content.get("error", content)) if isinstance(content, dict) else answer.status_code
        raise UsageError(f"the sandbox refuses: {reason}", hint="the kinds of faults are in sandbox/README.md")
    return content
