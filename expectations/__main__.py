"""Command line of the quality gates: one JSON object on standard output, log lines on standard error."""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import sys
from collections.abc import Sequence

from ingest.errors import NisError
from ingest.logs import configure, logger
from ingest.settings import Settings
from ingest.settings import settings as read_settings

EXAMPLES = """examples:
  python -m expectations gate-1
  python -m expectations gate-1 --run-id 7 --dataset defra_waste --dataset decc_la_co2
  python -m expectations gate-2 --build-id 3 --run-id 7
  echo '["gate-1", "--run-id", "7"]' | python -m expectations serve

Exit code 0: the gate ran, its verdicts are in the JSON object. Any other: it could not run.
"""


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    whole = argparse.ArgumentParser(
        prog="python -m expectations",
        description="Judge loaded releases (gate 1) or a finished build (gate 2).",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    gates = whole.add_subparsers(dest="gate", required=True, metavar="GATE")
    first = gates.add_parser(
        "gate-1",
        help="accept or refuse releases that are loaded and not judged yet",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    first.add_argument("--run-id", type=int, help="run that the results belong to")
    first.add_argument(
        "--dataset", action="append", default=[], metavar="ID", help="only this dataset; can be repeated"
    )
    second = gates.add_parser(
        "gate-2",
        help="pass or hold each indicator of a build",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    second.add_argument("--build-id", type=int, required=True, help="build whose candidate marts are judged")
    second.add_argument("--run-id", type=int, help="run that the results belong to")
    gates.add_parser(
        "serve",
        help="run the gate that each line of standard input asks for, a JSON list of arguments, until it ends",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one gate, or one after the other; returns the process's exit code (0 when every gate ran)."""
    asked = parser().parse_args(arguments)
    settings = read_settings()
    configure(settings.log_format, settings.log_level)
    if asked.gate != "serve":
        return _run(settings, asked)
    # What takes seconds to import is there before the first question, and stays: the collector need not go through it.
    gc.disable()
    with contextlib.redirect_stdout(sys.stderr):
        import great_expectations  # noqa: F401
    gc.freeze()
    gc.enable()

    return next((code for line in sys.stdin if (code := _run(settings, parser().parse_args(json.loads(line))))), 0)


def _run(settings: Settings, asked: argparse.Namespace) -> int:
    log = logger("expectations")
    try:
        # Whatever a library prints goes to standard error: standard output carries the verdict alone.
        with contextlib.redirect_stdout(sys.stderr):
            if asked.gate == "gate-1":
                from expectations.gate_1 import gate_1

                verdict = gate_1(settings, asked.dataset, run_id=asked.run_id)
            else:
                from expectations.gate_2 import gate_2

                verdict = gate_2(settings, asked.build_id, run_id=asked.run_id)
    except NisError as error:
        log.error("gate could not run", gate=asked.gate, error=error.message, way_out=error.hint or None)
        return int(error.exit_code)
    except Exception:
        log.exception("gate could not run", gate=asked.gate)
        return 1
    sys.stdout.write(json.dumps(verdict, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
