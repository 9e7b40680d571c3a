"""Commands about returns that are sent to us: `nis returns serve|submit|check|list|show|withdraw`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.cli.app import app
from ingest.cli.asking import origin_of, reading
from ingest.cli.render import Format, say, texts, whole_output, write
from ingest.errors import BadFile, ExitCode, UsageError

if TYPE_CHECKING:
    from ingest.settings import Settings

returns = typer.Typer(
    no_args_is_help=True,
    help="Returns that councils and bodies send: take, check, list, withdraw; serve their upload.\n\n"
    "A return is taken or refused as a whole. `nis run` lands what was taken, and what waits in the inbox "
    "(`<home>/inbox/<dataset>/<sender>.csv`, or NIS_RETURNS).",
)
app.add_typer(returns, name="returns")


class ReturnStatus(StrEnum):
    """States of a return."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


def _pushed_ids(incomplete: str) -> list[str]:
    from ingest.returns.validate import pushed

    return [dataset_id for dataset_id in pushed() if dataset_id.startswith(incomplete)]


DatasetOption = Annotated[str, typer.Option("--dataset", help="What is sent.", autocompletion=_pushed_ids)]
FileArgument = Annotated[Path, typer.Argument(help="The return, a CSV file.", exists=True, dir_okay=False)]
FormatOption = Annotated[Format, typer.Option("--format", help="Shape of the answer.")]


@returns.command(epilog="Example: `nis returns check return.csv --dataset hub_council_returns`")
def check(file: FileArgument, dataset: DatasetOption, form: FormatOption = Format.TABLE) -> None:
    """Judge a return and store nothing; what is told of it goes to standard output, exit code 1 where it has faults."""
    from ingest.returns.validate import require_pushed, validate

    verdict = validate(require_pushed(dataset), _bytes(file, dataset))
    if verdict.accepted:
        _show_warnings(form, [warning.as_dict() for warning in verdict.warnings], verdict.warning_count)
        say(f"sound: {verdict.row_count:,} rows of {dataset}; nothing was stored")
        return
    _show_faults(form, [fault.as_dict() for fault in verdict.faults], verdict.fault_count)
    say(f"{verdict.fault_count:,} faults in {file.name}: it would be refused as a whole")
    raise typer.Exit(int(ExitCode.FAILED))


@returns.command(
    epilog="Example: `nis returns submit return.csv --dataset hub_council_returns --sender government-office-london`"
)
def submit(
    file: FileArgument,
    dataset: DatasetOption,
    sender: Annotated[str, typer.Option("--sender", help="Who sends it: lower-case letters, digits and dashes.")],
    form: FormatOption = Format.TABLE,
) -> None:
    """Send a return: taken or refused as a whole, recorded either way; `nis run` then lands it."""
    from ingest.returns.record import receive
    from ingest.returns.validate import require_pushed, require_sender

    require_pushed(dataset)
    require_sender(sender)
    data = _bytes(file, dataset)
    chosen = _prepared()
    receipt = receive(chosen, dataset, sender, data, "cli")
    if receipt.refused:
        _show_faults(form, receipt.faults, receipt.fault_count)
        say(
            f"refused as a whole: return {receipt.return_id}, {receipt.fault_count:,} faults; correct and send it again"
        )
        raise typer.Exit(int(ExitCode.FAILED))
    if form is Format.JSON:
        _show_json(receipt.as_dict())
    else:
        _show_warnings(form, receipt.warnings, receipt.warning_count)
    if receipt.already:
        say(f"received before, on {receipt.received_at:%Y-%m-%d %H:%M} as return {receipt.return_id}: nothing new")
    else:
        say(f"accepted: return {receipt.return_id}, {receipt.row_count:,} rows, sha256 {receipt.sha256[:12]}")
        say(f"next: nis run --dataset {dataset}")


@returns.command(name="list", epilog="Examples: `nis returns list` · `nis returns list --status refused --format json`")
def list_returns(
    dataset: Annotated[str | None, typer.Option(help="Only this dataset.", autocompletion=_pushed_ids)] = None,
    sender: Annotated[str | None, typer.Option(help="Only this sender.")] = None,
    state: Annotated[ReturnStatus | None, typer.Option("--status", help="Only returns in this state.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Most returns to show, newest first; 0 for all.")] = 100,
    form: FormatOption = Format.TABLE,
) -> None:
    """List who sent what, when, and what became of it."""
    from ingest.returns.record import receipts
    from ingest.returns.validate import require_pushed

    if dataset:
        require_pushed(dataset)
    chosen = _settings()
    with reading(chosen, "nis_loader") as connection:
        origin = origin_of(connection, chosen)
        found = receipts(
            connection,
            dataset_id=dataset,
            sender=sender,
            status=state.value if state else None,
            limit=limit + 1 if limit else None,
        )
    columns = (
        "return_id", "dataset_id", "sender", "status", "received_at", "received_by", "rows", "faults", "sha256",
        "withdrawn_by", "withdrawn_reason",
    )  # fmt: skip
    kinds = ["number" if name in {"return_id", "rows", "faults"} else "text" for name in columns]
    rows = (
        (
            one.return_id, one.dataset_id, one.sender, one.status, f"{one.received_at:%Y-%m-%d %H:%M}", one.received_by,
            one.row_count, one.fault_count, one.sha256[:12] if form is Format.TABLE else one.sha256,
            one.withdrawn_by, one.withdrawn_reason,
        )
        for one in found
    )  # fmt: skip
    keep = ("dataset_id", "sender", "status", "received_at")
    write(form, "Returns", columns, kinds, texts(rows), origin=origin, limit=limit or None, keep=keep)


@returns.command(epilog="Example: `nis returns show 12`")
def show(
    return_id: Annotated[int, typer.Argument(help="Number of the return, from `nis returns list`.")],
    form: FormatOption = Format.TABLE,
) -> None:
    """Show one return with its faults; `--format json` shows the whole receipt."""
    from ingest.returns.record import receipts

    with reading(_settings(), "nis_loader") as connection:
        found = receipts(connection, return_id=return_id)
    if not found:
        raise UsageError(f"there is no return {return_id}", hint="`nis returns list` has their numbers")
    receipt = found[0]
    if form is Format.JSON:
        _show_json(receipt.as_dict())
        return
    say(
        f"return {receipt.return_id}: {receipt.dataset_id} from {receipt.sender}, {receipt.status}, "
        f"{receipt.row_count:,} rows, received {receipt.received_at:%Y-%m-%d %H:%M} by {receipt.received_by}, "
        f"sha256 {receipt.sha256}"
    )
    if receipt.withdrawn_by:
        say(f"withdrawn by {receipt.withdrawn_by}: {receipt.withdrawn_reason}")
    if receipt.faults:
        _show_faults(form, receipt.faults, receipt.fault_count)
    _show_warnings(form, receipt.warnings, receipt.warning_count)


@returns.command(
    epilog="Example: `nis returns withdraw hub_council_returns government-office-london --by 'J. Smith' --reason '...'`"
)
def withdraw(
    dataset: Annotated[str, typer.Argument(help="What was sent.", autocompletion=_pushed_ids)],
    sender: Annotated[str, typer.Argument(help="Who sent it.")],
    by: Annotated[str, typer.Option("--by", help="Who takes it back.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
) -> None:
    """Take a return back; the next `nis run` marks its figures as withdrawn."""
    from ingest.returns.record import withdraw as take_back

    receipt = take_back(_prepared(), dataset, sender, by, reason)
    say(f"withdrawn: return {receipt.return_id} of {dataset} from {sender}")
    say(f"next: nis run --dataset {dataset}")


@returns.command(epilog='Example: `NIS_RETURNS_TOKENS=\'{"a-council": "..."}\' nis returns serve --port 8651`')
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")] = 8651,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 only inside a container that publishes it on loopback.")
    ] = "127.0.0.1",
    open_to_all: Annotated[
        bool, typer.Option("--open", help="Ask for no tokens: for tests on made data only.")
    ] = False,
) -> None:
    """Take returns by HTTP, in the foreground; the address is printed as one line of JSON."""
    import signal
    import threading

    from ingest import database, logs
    from ingest.returns.upload import UploadServer

    chosen = _settings()
    if open_to_all and chosen.source != "made":
        raise UsageError("--open is for made data only", hint="set NIS_RETURNS_TOKENS")
    logs.configure(chosen.log_format, chosen.log_level)
    try:
        server = UploadServer(chosen, host=host, port=port, open_to_all=open_to_all)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}", hint="choose another --port") from None
    database.upgrade(chosen)

    def stop(*_: object) -> None:
        # shutdown() waits for the serving loop, so it must not run on that loop's thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _show_json({"url": server.url})
    with server:
        server.serve_forever(poll_interval=0.2)


def _settings() -> Settings:
    from ingest.settings import settings

    return settings()


def _prepared() -> Settings:
    """Settings of a warehouse whose tables are up to date."""
    from ingest import database, logs

    chosen = _settings()
    logs.configure(chosen.log_format, chosen.log_level)
    database.upgrade(chosen)
    return chosen


def _bytes(file: Path, dataset: str) -> bytes:
    from ingest.returns.record import too_large

    if (size := file.stat().st_size) > (chosen := _settings()).returns_max_bytes:
        raise too_large(dataset, size, chosen)
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadFile(f"{file} cannot be read: {error.strerror}") from None


def _show_json(told: dict[str, Any]) -> None:
    with whole_output() as out:
        out.write(json.dumps(told, ensure_ascii=False) + "\n")


def _show_warnings(form: Format, warnings: Sequence[dict[str, Any]], count: int) -> None:
    """Show what a sender should know of a return that is taken all the same; nothing where there is nothing."""
    if count:
        _show_faults(form, warnings, count, title="Warnings")


def _show_faults(form: Format, faults: Sequence[dict[str, Any]], count: int, title: str = "Faults") -> None:
    columns = ("row", "column", "value", "rule", "way_out")
    kinds = ("number", "text", "text", "text", "text")
    rows = (tuple(fault[name] for name in columns) for fault in faults)
    write(form, title, columns, kinds, texts(rows), keep=("row", "column", "rule"))
    if count > len(faults):
        say(f"only the first {len(faults):,} of {count:,} {title.lower()} are listed")
