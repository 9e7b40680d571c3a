"""Data Docs as a static site that says where its figures come from and loads nothing from elsewhere."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from ingest.settings import Origin, Settings

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

    from expectations.context import Outcome

BANNERS: dict[Origin, str] = {
    "made": "MADE DATA: invented figures of the sandbox, not those of any body.",
    "sample": "SAMPLE DATA: real files of the bodies, but a selection of them only.",
    "live": "",
}

# The pages fetch scripts, styles, fonts and pictures from other hosts. A report on our data must not: it has
# to read the same without a network, and nobody else needs to learn who reads it.
_REMOTE = re.compile(
    r"<script[^>]*\ssrc=[\"']https?://[^>]*>\s*</script>"
    r"|<link[^>]*\shref=[\"']https?://[^>]*>"
    r"|<img[^>]*\ssrc=[\"']https?://[^>]*>"
    r"|<iframe[^>]*\ssrc=[\"']https?://.*?</iframe>"
    # An invitation to a newsletter.
    r"|<footer>.*?</footer>",
    re.IGNORECASE | re.DOTALL,
)
_REMOTE_URL = re.compile(r"url\(\s*[\"']?https?://[^)]*\)", re.IGNORECASE)
_BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)

# Stands in for the style sheets removed above, whose class names the pages use.
_STYLE = """<style>
body{font:15px/1.45 system-ui,sans-serif;margin:0;color:#111;background:#fff}
.nis-banner{background:#8a1c00;color:#fff;font-weight:700;padding:.7rem 1rem;position:sticky;top:0;z-index:99}
.container-fluid,.container{padding:0 1rem}.row{display:flex;flex-wrap:wrap;gap:0 1rem}
.col-md-2,.col-lg-2,.navbar-collapse{flex:0 0 15rem}
.col-md-8,.col-lg-8,.col-md-10,.col-lg-10{flex:1 1 40rem;min-width:0}
.col-12{flex:1 0 100%}.modal,.d-none,.navbar-toggler,.btn,.btn-group{display:none}
table{border-collapse:collapse;margin:.4rem 0}
td,th{border:1px solid #ccc;padding:.3rem .5rem;vertical-align:top;text-align:left}
.text-success,.fa-check-circle{color:#0a6b2d}.text-danger,.fa-times{color:#a40000}.text-warning{color:#8a5a00}
.fa-check-circle::before{content:"passed"}.fa-times::before{content:"failed"}
.fa-exclamation-triangle::before{content:"warning"}.fas{font-style:normal}
.badge{background:#e8edf3;border-radius:3px;padding:0 .3rem;font-family:ui-monospace,monospace}
.nav,.list-group,ul.breadcrumb{list-style:none;padding-left:0}.alert{border:1px solid #ccc;padding:.5rem}
</style>"""


def build(
    context: EphemeralDataContext,
    settings: Settings,
    gate: int,
    run_id: int | None,
    validations: Mapping[str, Sequence[Outcome]],
    pages: Mapping[str, str] | None = None,
) -> str:
    """Write the site of a gate's validations (by name); returns the path of its first page.

    `pages` names, where it is another, the validation that a name was part of. The site lies below the
    artifacts; an older one of the same run and gate is replaced.
    """
    run = f"run-{'manual' if run_id is None else run_id}"
    folder = settings.artifacts / run / "data_docs" / f"gate_{gate}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    context.add_data_docs_site(
        f"gate_{gate}",
        {
            "class_name": "SiteBuilder",
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "show_cta_footer": False},
        },
    )
    context.build_data_docs()
    # Moving pictures of a tutorial that the pages no longer show: most of the site's bytes.
    for picture in (folder / "static" / "images").glob("*.gif"):
        picture.unlink()
    for sheet in folder.rglob("*.css"):
        sheet.write_text(_REMOTE_URL.sub("none", sheet.read_text(encoding="utf-8")), encoding="utf-8")
    # Its own first page is an empty table that a script from another host would fill.
    (folder / "index.html").write_text(_first_page(folder, gate, run, validations, pages or {}), encoding="utf-8")
    for page in folder.rglob("*.html"):
        page.write_text(finish(page.read_text(encoding="utf-8"), settings.source), encoding="utf-8")
    return str(folder / "index.html")


def _first_page(
    folder: Path, gate: int, run: str, validations: Mapping[str, Sequence[Outcome]], pages: Mapping[str, str]
) -> str:
    """The list of validations with links to their pages, those with failures first."""
    lines = []
    for name, outcomes in sorted(
        validations.items(), key=lambda item: (all(outcome.success for outcome in item[1]), item[0])
    ):
        failed = [outcome for outcome in outcomes if not outcome.success]
        page = next((folder / "validations" / pages.get(name, name)).rglob("*.html"), None)
        shown = html.escape(name)
        if page is not None:
            shown = f'<a href="{quote(page.relative_to(folder).as_posix())}">{shown}</a>'
        told = ", ".join(
            f"{outcome.rule.name} {outcome.rule.column or ''}".strip()
            + (" (warning)" if outcome.rule.severity == "warn" else "")
            for outcome in failed
        )
        state = '<td class="text-danger">failed</td>' if failed else '<td class="text-success">passed</td>'
        lines.append(f"<tr>{state}<td>{shown}</td><td>{len(outcomes)}</td><td>{html.escape(told)}</td></tr>")
    title = f"Gate {gate}, {run}"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f'<div class="container"><h1>{title}</h1><table><thead><tr><th>verdict</th><th>validation</th>'
        f"<th>expectations</th><th>failed</th></tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
        "</body></html>"
    )


def finish(page: str, origin: Origin) -> str:
    """A page that fetches nothing from other hosts and, unless live, has a banner naming the origin."""
    local = _REMOTE_URL.sub("none", _REMOTE.sub("", page))
    banner = BANNERS[origin]
    note = f'<div class="nis-banner" role="note">{html.escape(banner)}</div>' if banner else ""
    added = _STYLE + note
    if not _BODY.search(local):
        return added + local
    return _BODY.sub(lambda found: found.group(0) + added, local, count=1)
