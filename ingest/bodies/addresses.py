"""Which addresses may be asked: those of the bodies, and nothing a page or a redirect makes up."""

from __future__ import annotations

from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from ingest.contract import Body
from ingest.errors import BodyError
from ingest.settings import Settings

STORAGE_HOSTS = frozenset({"policeuk-data.s3.amazonaws.com"})
"""Hosts that bodies hand large downloads on to: data.police.uk keeps its monthly archives there."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PORTS = {"http": 80, "https": 443}


def with_query(url: str, params: tuple[tuple[str, str], ...]) -> str:
    """An address with a query, leaving the commas and colons of lists and coordinates readable."""
    return f"{url}?{urlencode(params, safe=',:*')}" if params else url


def is_loopback(url: str) -> bool:
    """Tell whether an address is on this machine."""
    return (urlsplit(url).hostname or "") in _LOOPBACK


def same_resource(one: str, other: str) -> bool:
    """Tell whether two addresses name the same resource; the port may differ, as the sandbox's does."""
    a, b = urlsplit(one), urlsplit(other)
    return bool(one) and (_name(a), a.path, a.query) == (_name(b), b.path, b.query)


class Addresses:
    """The addresses of the bodies under the settings of a run."""

    def __init__(self, settings: Settings) -> None:
        self._bases = {body: settings.base_url(body) for body in Body}

    def of(self, body: Body) -> str:
        """Base address of a body, without a trailing slash."""
        return self._bases[body]

    def is_below(self, url: str, body: Body) -> bool:
        """Tell whether an address lies below the base address of a body."""
        base, target = urlsplit(self._bases[body]), urlsplit(url)
        return (
            _origin(base) == _origin(target)
            and not _climbs(target.path)
            and target.path.startswith(base.path.rstrip("/") + "/")
        )

    def require_below(self, url: str, body: Body, about: str) -> str:
        """Hand back an address that lies below the base address of a body.

        Raises BodyError otherwise: what a page links to must not lead us to any other host.
        """
        if not self.is_below(url, body):
            raise BodyError(
                f"{about}: the body points to {url}, which is not on {self._bases[body]}",
                hint=f"if the body has moved its files there, set NIS_BASE_URLS for {body.value}",
            )
        return url

    def require_redirect(self, source: str, target: str, about: str) -> str:
        """Hand back the target of a redirect that may be followed.

        Allowed are the same host, and over https the hosts of the bodies and of their storage.
        Raises BodyError otherwise, and for a step down from https to http.
        """
        old, new = urlsplit(source), urlsplit(target)
        same_host = _origin(old) == _origin(new)
        upgrade = old.scheme == "http" and new.scheme == "https" and old.hostname == new.hostname
        of_a_body = new.scheme == "https" and (
            any(self.is_below(target, body) for body in Body) or (new.hostname or "") in STORAGE_HOSTS
        )
        if not (same_host or upgrade or of_a_body) or new.username is not None:
            raise BodyError(
                f"{about}: {source} redirects to {target}, which is not an address of the bodies",
                hint="look at the address; if it is right, set NIS_BASE_URLS for the body that owns it",
            )
        return target


def _name(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return "loopback" if host in _LOOPBACK else host


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    try:
        port = parts.port
    except ValueError:  # not a number: equal to no body's port
        port = -1
    return parts.scheme, _name(parts), port if port is not None else _PORTS.get(parts.scheme)


def _climbs(path: str) -> bool:
    return ".." in unquote(path).replace("\\", "/").split("/")
