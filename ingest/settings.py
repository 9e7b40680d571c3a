"""One settings object for every command: environment variables `NIS_*`, then `.env`, then defaults."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from ingest.contract import Body
from ingest.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
Origin = Literal["made", "sample", "live"]


class Settings(BaseSettings):
    """Where things are and how hard to try; every field can be set as `NIS_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="NIS_", env_file=".env", extra="ignore")

    home: Path = Field(ROOT / ".nis" / "made", description="Folder of database, landing store and artifacts.")
    database_url: SecretStr | None = Field(
        None, description="postgresql://user:password@host:port/dbname of a server; empty means the embedded one."
    )
    landing: str = Field("", description="Landing store: a folder or s3://bucket/prefix; empty means <home>/landing.")
    source: Origin = Field("made", description="made (sandbox), sample (sandbox over real files) or live bodies.")
    samples: Path | None = Field(None, description="Folder of real source files that the sandbox serves.")
    sandbox_url: str = Field("", description="Base URL of a running sandbox; every body is then asked there.")
    sandbox_port: int = Field(0, description="Port of the sandbox that `nis run` starts; 0 picks a free one.")
    base_urls: dict[Body, str] = Field(
        default_factory=dict, description='Base URL for single bodies, as JSON: {"www.nomisweb.co.uk": "https://..."}.'
    )
    user_agent: str = Field(
        "national-indicators/0.1 (+mailto:data-engineering@localhost)", description="Sent to every body."
    )
    connect_timeout: float = Field(10.0, gt=0, description="Seconds to wait for a connection.")
    read_timeout: float = Field(60.0, gt=0, description="Seconds to wait between two bytes.")
    retry_attempts: int = Field(5, ge=1, description="Tries where trying again is right.")
    retry_max_wait: float = Field(30.0, gt=0, description="Longest pause between two tries, in seconds.")
    nomis_uid: SecretStr | None = Field(None, description="Nomis unique id; raises the row limit.")
    stat_xplore_key: SecretStr | None = Field(None, description="Stat-Xplore API key; live runs need one.")
    returns: str = Field("", description="Inbox of returns: a folder or s3://bucket/prefix; empty means <home>/inbox.")
    returns_tokens: dict[str, SecretStr] = Field(
        default_factory=dict, description='Who may upload returns, as JSON: {"government-office-london": "token"}.'
    )
    returns_max_bytes: int = Field(16 * 1024**2, ge=1, description="Largest return that is taken, in bytes.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for machines.")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    dbt_threads: int = Field(2, ge=1, description="Models that dbt builds at once.")

    @field_validator("database_url", "nomis_uid", "stat_xplore_key", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def landing_url(self) -> str:
        """Address of the landing store."""
        return self.landing or str(self.home / "landing")

    @property
    def inbox_url(self) -> str:
        """Address of the inbox of returns."""
        return self.returns or str(self.home / "inbox")

    @property
    def artifacts(self) -> Path:
        """Folder of run artifacts: Data Docs, logs, dbt targets."""
        return self.home / "artifacts"

    def base_url(self, body: Body) -> str:
        """Base URL of a body, without a trailing slash.

        One switch (`sandbox_url`) points all bodies to the sandbox, where the host name is the first
        segment of the path.
        """
        if body in self.base_urls:
            return self.base_urls[body].rstrip("/")
        if self.sandbox_url:
            return f"{self.sandbox_url.rstrip('/')}/{body.value}"
        return f"https://{body.value}"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once.

    Raises UsageError naming the setting that cannot be right, without what it was set to: it may be a secret.
    """
    try:
        return Settings()
    except ValidationError as error:
        told = "; ".join(f"NIS_{'_'.join(map(str, e['loc'][:1])).upper()}: {e['msg']}" for e in error.errors())
        raise UsageError(told, hint="correct it in the environment or in .env; README lists the settings") from None
    except SettingsError as error:
        raise UsageError(str(error), hint="complex settings are written as JSON; README lists them") from None
