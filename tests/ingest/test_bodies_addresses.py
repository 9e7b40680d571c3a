"""Addresses that may be asked, and those that may not."""

from __future__ import annotations

import pytest

from ingest.bodies.addresses import same_resource, with_query
from ingest.bodies.http import Http
from ingest.contract import Body
from ingest.errors import BodyError
from ingest.settings import Settings

SANDBOX = "http://127.0.0.1:8650"


def test_redirects_between_live_hosts() -> None:
    addresses = Http(Settings.model_validate({"source": "live", "sandbox_url": ""})).addresses
    archive_at = "https://data.police.uk/data/archive/2020-08.zip"
    stored_at = "https://policeuk-data.s3.amazonaws.com/archive/2020-08.zip"
    assert addresses.require_redirect(archive_at, stored_at, "x") == stored_at
    for source, target in [
        (archive_at, stored_at.replace("https", "http")),
        (archive_at, archive_at.replace("https", "http")),
        (archive_at, "https://user@www.gov.uk/file"),
        (archive_at, "https://www.gov.uk:8443/file"),
        (archive_at, "https://www.gov.uk:x/file"),
    ]:
        with pytest.raises(BodyError):
            addresses.require_redirect(source, target, "x")


def test_addresses_below_a_body() -> None:
    with Http(Settings.model_validate({"sandbox_url": SANDBOX})) as http:
        base = http.addresses.of(Body.GOVUK_ASSETS)
        assert http.addresses.is_below(f"{base}/media/abc/file.ods", Body.GOVUK_ASSETS)
        assert http.addresses.is_below(f"{base}/media/f.ods".replace("127.0.0.1", "localhost"), Body.GOVUK_ASSETS)
        for url in [
            "http://169.254.169.254/assets.publishing.service.gov.uk/media/f.ods",
            f"{SANDBOX}/www.gov.uk/media/f.ods",
            f"{base}/../www.gov.uk/f.ods",
            f"{base}/%2e%2e/www.gov.uk/f.ods",
            f"{base}.example.org/f.ods",
            f"ftp{base.removeprefix('http')}/f.ods",
        ]:
            assert not http.addresses.is_below(url, Body.GOVUK_ASSETS), url


def test_same_resource_in_another_run_of_the_sandbox() -> None:
    assert same_resource("http://127.0.0.1:1/a/b?c=d", "http://localhost:2/a/b?c=d")
    assert not same_resource("http://127.0.0.1:1/a/b?c=d", "http://127.0.0.1:1/a/b?c=e")
    assert not same_resource("https://www.gov.uk/a", "https://data.gov.uk/a")
    assert not same_resource("", "")


def test_lists_and_coordinates_stay_readable() -> None:
    assert with_query("http://x/y", (("poly", "51.5,-0.1:52,0"), ("q", "a b&c"))) == (
        "http://x/y?poly=51.5,-0.1:52,0&q=a+b%26c"
    )
