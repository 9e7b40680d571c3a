"""Start the sandbox: `python -m sandbox --help`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from sandbox.areas import SEEDS, Geography
from sandbox.catalogue import made_documents
from sandbox.makers import serve
from sandbox.server import HOST, SandboxServer
from sandbox.site import Site

_EXAMPLES = """examples:
  python -m sandbox returns --to inbox
      writes the returns that councils and national bodies push, and ends
  python -m sandbox --port 8650
      made figures for every area, at http://127.0.0.1:8650/<host>/<path>
  python -m sandbox --origin sample --samples ../samples
      genuine files, at a free port; the address is printed as JSON
  curl http://127.0.0.1:8650/www.ons.gov.uk/population/la_mid_year_population_totals.csv
  curl -d '{"path": "/www.nomisweb.co.uk/*", "kind": "503", "times": 2}' http://127.0.0.1:8650/__control/faults
      the next two requests to Nomis fail
  curl -d '{"path": "*population_totals*", "kind": "revise", "args": {"share": 0.1}}' \\
       http://127.0.0.1:8650/__control/faults
      a new release in which a tenth of the figures differ, until DELETE /__control/faults
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Stand-in for the source bodies: their wire formats over HTTP, with faults on demand.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="port; 0 picks a free one (default)")
    parser.add_argument(
        "--host",
        default=HOST,
        help=f"address to listen on (default {HOST}: nothing else on the network should meet made figures); "
        "0.0.0.0 inside a container, together with --url",
    )
    parser.add_argument("--url", default="", help="base address that its documents name (default: its own)")
    parser.add_argument("--origin", choices=("made", "sample"), default="made", help="made figures or genuine files")
    parser.add_argument("--samples", type=Path, help="folder of genuine files; default: the variable NIS_SAMPLES")
    parser.add_argument("--seed", type=int, default=2008, help="same seed, same bytes (default 2008)")
    parser.add_argument("--cache", type=Path, help="keep made files here between runs (default: a temporary folder)")
    parser.add_argument("--files", type=Path, help="also serve this folder's files at /__files/<name>")
    parser.add_argument("--seeds", type=Path, default=SEEDS, help="folder of the area seeds")
    parser.add_argument("--police-limit", type=int, default=10_000, help="crimes in a polygon before 503")
    parser.add_argument("--watch-stdin", action="store_true", help="exit when standard input ends")
    parser.add_argument("--verbose", action="store_true", help="log each request on standard error")
    return parser


def _send(arguments: Sequence[str]) -> int:
    """Write the returns that councils and national bodies would push; 2 when the folder cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m sandbox returns", description="Write the made returns.")
    parser.add_argument("--to", type=Path, required=True, help="folder; each return is <folder>/<dataset>/<sender>.csv")
    parser.add_argument("--seed", type=int, default=2008, help="same seed, same bytes (default 2008)")
    parser.add_argument("--seeds", type=Path, default=SEEDS, help="folder of the seeds")
    options = parser.parse_args(arguments)
    # Imported here: a server needs none of the generators to start.
    from sandbox.made.every import write_returns

    try:
        count = write_returns(options.to, options.seed, Geography(options.seeds))
    except OSError as error:
        print(f"the returns cannot be written: {error}", file=sys.stderr)
        return 2
    print(json.dumps({"returns": count, "folder": str(options.to)}), flush=True)
    return 0


def _make(arguments: Sequence[str]) -> int:
    """Make documents as another process of the sandbox asks for them on standard input."""
    parser = argparse.ArgumentParser(prog="python -m sandbox make", description="Make documents; for the server's use.")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--seeds", type=Path, required=True)
    options = parser.parse_args(arguments)
    documents = {document.name: document for document in made_documents(options.seed, Geography(options.seeds))}
    serve(documents, sys.stdin, sys.stdout)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sandbox until it is told to stop, or write the returns; 2 when that is not possible."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["returns"]:
        return _send(words[1:])
    if words[:1] == ["make"]:
        return _make(words[1:])
    options = _parser().parse_args(words)
    samples = options.samples or (Path(os.environ["NIS_SAMPLES"]) if os.environ.get("NIS_SAMPLES") else None)
    try:
        site = Site(
            options.origin,
            options.seed,
            samples,
            options.cache,
            options.files,
            options.police_limit,
            options.seeds,
            makers=os.cpu_count() or 1,
        )
        server = SandboxServer(site, options.port, verbose=options.verbose, host=options.host, url=options.url)
    except (OSError, OverflowError, ValueError) as error:
        print(f"the sandbox cannot start: {error}", file=sys.stderr)
        return 2

    def stop(*_: object) -> None:
        # shutdown() waits for the serving loop, so it must not run on that loop's thread.
        threading.Thread(target=server.stop, daemon=True).start()

    def watch() -> None:
        while sys.stdin.buffer.read(1):
            pass
        stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if options.watch_stdin:
        threading.Thread(target=watch, daemon=True).start()
    print(json.dumps({"url": server.url, "origin": site.origin}), flush=True)
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        site.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
