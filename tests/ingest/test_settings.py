"""Settings: where values come from, and that secrets stay secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from ingest.contract import Body
from ingest.errors import UsageError
from ingest.processes import environment
from ingest.settings import ROOT, Settings
from ingest.settings import settings as read


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the folder whose .env file belongs to whoever works there."""
    monkeypatch.chdir(tmp_path)


def test_defaults_are_the_embedded_database_and_made_data() -> None:
    settings = Settings()
    assert settings.database_url is None
    assert settings.source == "made"
    assert settings.home == ROOT / ".nis" / "made"
    assert settings.landing_url == str(ROOT / ".nis" / "made" / "landing")
    assert settings.artifacts == ROOT / ".nis" / "made" / "artifacts"


def test_environment_wins_over_the_file_and_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("NIS_SOURCE=live\nNIS_RETRY_ATTEMPTS=2\nOTHER=1\n")
    monkeypatch.setenv("NIS_RETRY_ATTEMPTS", "7")
    settings = Settings()
    assert (settings.source, settings.retry_attempts, settings.connect_timeout) == ("live", 7, 10.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NIS_SOURCE", "real"),
        ("NIS_RETRY_ATTEMPTS", "0"),
        ("NIS_READ_TIMEOUT", "-1"),
        ("NIS_LOG_LEVEL", "loud"),
    ],
)
def test_values_that_cannot_be_right_are_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_home_is_absolute_whatever_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIS_HOME", "here")
    assert Settings().home == tmp_path / "here"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NIS_HOME", "~/there")
    assert Settings().home == tmp_path / "there"


def test_empty_database_url_means_the_embedded_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIS_DATABASE_URL", "")
    assert Settings().database_url is None


def test_empty_keys_of_bodies_mean_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIS_NOMIS_UID", "")
    monkeypatch.setenv("NIS_STAT_XPLORE_KEY", "")
    assert (Settings().nomis_uid, Settings().stat_xplore_key) == (None, None)


def test_secrets_do_not_show() -> None:
    settings = Settings(database_url=SecretStr("postgresql://u:hidden@h/d"), nomis_uid=SecretStr("0xhidden"))
    assert "hidden" not in repr(settings)
    assert "hidden" not in str(settings.model_dump())
    assert "hidden" not in settings.model_dump_json()


def test_one_switch_points_all_bodies_to_the_sandbox() -> None:
    settings = Settings(sandbox_url="http://127.0.0.1:9999/")
    assert {settings.base_url(body) for body in Body} == {f"http://127.0.0.1:9999/{body.value}" for body in Body}
    assert Settings().base_url(Body.NOMIS) == "https://www.nomisweb.co.uk"


def test_base_url_of_a_single_body_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIS_BASE_URLS", '{"www.nomisweb.co.uk": "https://mirror.example/nomis/"}')
    settings = Settings(sandbox_url="http://127.0.0.1:1")
    assert settings.base_url(Body.NOMIS) == "https://mirror.example/nomis"
    assert settings.base_url(Body.ONS) == "http://127.0.0.1:1/www.ons.gov.uk"


def test_landing_store_may_be_elsewhere() -> None:
    assert Settings(landing="s3://bucket/landing").landing_url == "s3://bucket/landing"


def test_every_setting_says_what_it_is_for() -> None:
    silent = [name for name, of in Settings.model_fields.items() if not of.description and name != "log_level"]
    assert silent == []


def test_processes_we_start_read_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(
        home=tmp_path / "h",
        source="sample",
        samples=tmp_path,
        landing=str(tmp_path / "l"),
        database_url=SecretStr("postgresql://u:p@h/d"),
        log_format="json",
    )
    for name, value in environment(given).items():
        if name.startswith("NIS_"):
            monkeypatch.setenv(name, value)
    assert Settings() == given


def test_a_setting_that_cannot_be_right_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIS_READ_TIMEOUT", "soon-or-secret")
    read.cache_clear()
    with pytest.raises(UsageError) as caught:
        read()
    read.cache_clear()
    assert "NIS_READ_TIMEOUT" in caught.value.message
    assert "soon-or-secret" not in str(caught.value)
