"""Where each signal goes and how: keywords, `OTEL_EXPORTER_OTLP_*` per signal and in general, defaults.

The specification's rules hold: a per-signal variable beats the general one, the per-signal endpoint is the whole URL,
the general one gets `/v1/<signal>` appended. A keyword beats both. A wrong endpoint or protocol, a certificate that is
not there or a credential in clear switches the signal off; headers that can be read are sent; else the default holds.
"""

from __future__ import annotations

import ipaddress
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from sms_observability.export.mistake import DEFAULT, Mistake, said_once
from sms_observability.export.records import SIGNALS, Signal
from sms_observability.export.secret import Secret
from sms_observability.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sms_observability.settings import Compression, Destination, Problem, Protocol, Settings

DEFAULT_TIMEOUT: Final = 10.0
_PREFIX: Final = "OTEL_EXPORTER_OTLP_"
_DEFAULT_URLS: Final[dict[Protocol, str]] = {
    "http/protobuf": "http://localhost:4318",
    "grpc": "http://localhost:4317",
}
_HEADERS: Final = "those that can be read are sent"
_PORTS: Final = {"http": 80, "https": 443}
_CREDENTIALS: Final = ("auth", "key", "token", "secret", "password", "cookie", "credential", "session", "signature")
# The official exporters of Python read seconds, the specification says milliseconds; nobody wants 100 seconds.
_MILLISECONDS_FROM: Final = 100
_READ: Final = {setting.keyword: setting.read for setting in SETTINGS}
_FILES: Final = (
    ("certificate", "CERTIFICATE"),
    ("client_certificate", "CLIENT_CERTIFICATE"),
    ("client_key", "CLIENT_KEY"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where one signal goes.

    Attributes:
        to: `otlp`, `console`, `none` (not wanted), or `off` (a mistake in the environment forbids it).
        url: The whole URL by HTTP; scheme, host and port by gRPC.
        timeout: Seconds one request may take.
        token_file: A file with a bearer token, read for every request.
    """

    signal: Signal
    to: Destination = "otlp"
    url: str = ""
    protocol: Protocol = "http/protobuf"
    headers: tuple[tuple[str, Secret], ...] = ()
    compression: Compression = "gzip"
    timeout: float = DEFAULT_TIMEOUT
    certificate: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    token_file: str | None = None

    @property
    def secure(self) -> bool:
        """Whether it is reached by TLS."""
        return self.url.startswith("https://")

    @property
    def address(self) -> str:
        """Host and port, which may be shown; the rest of a URL can hold secrets."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        shown = f"[{host}]" if ":" in host else host
        return f"{shown}:{parts.port or _PORTS.get(parts.scheme, 0)}"

    @property
    def loopback(self) -> bool:
        """Whether it never leaves this machine."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def has_credentials(self) -> bool:
        """Whether a request carries something that nobody else may read."""
        return self.token_file is not None or any(
            part in name.lower() for name, _ in self.headers for part in _CREDENTIALS
        )


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def endpoints(settings: Settings, environ: Mapping[str, str]) -> tuple[dict[Signal, Endpoint], list[Problem]]:
    """Resolve where each signal goes.

    Args:
        settings: The resolved settings.
        environ: The environment.

    Returns:
        One endpoint for each signal, and the mistakes that were found.

    Example:
        >>> from sms_observability.settings import resolve
        >>> settings, _ = resolve("parts-api", {"endpoint": "http://127.0.0.1:4318"}, {})
        >>> found, problems = endpoints(settings, {})
        >>> found["traces"].url, problems
        ('http://127.0.0.1:4318/v1/traces', [])
    """
    problems: list[Mistake] = []
    found: dict[Signal, Endpoint] = {}
    for signal in SIGNALS:
        to: Destination = "none" if settings.disabled else getattr(settings, signal)
        found[signal] = (
            _Resolution(signal, settings, environ, problems).endpoint()
            if to == "otlp"
            else Endpoint(signal=signal, to=to)
        )
    return found, said_once(problems)


class _Resolution:
    """Reads the variables of one signal, each from the first place that sets it."""

    def __init__(self, signal: Signal, settings: Settings, environ: Mapping[str, str], problems: list[Mistake]) -> None:
        self._signal: Signal = signal
        self._settings = settings
        self._environ = environ
        self._problems = problems
        self._is_off = False

    def endpoint(self) -> Endpoint:
        protocol = cast("Protocol", self._value("protocol", "PROTOCOL", decides=True) or "http/protobuf")
        url, user = _without_user(self._url(protocol))
        headers = tuple((name, Secret(text)) for name, text in self._value("headers", "HEADERS") or ())
        if user is not None and not any(name.lower() == "authorization" for name, _ in headers):
            headers += (("Authorization", user),)
        endpoint = Endpoint(
            signal=self._signal,
            url=url,
            protocol=protocol,
            headers=headers,
            compression=cast("Compression", self._value("compression", "COMPRESSION") or "gzip"),
            timeout=self._timeout(),
            certificate=self._value("certificate", "CERTIFICATE"),
            client_certificate=self._value("client_certificate", "CLIENT_CERTIFICATE"),
            client_key=self._value("client_key", "CLIENT_KEY"),
        )
        if not self._is_off:
            self._check(endpoint)
        return replace(endpoint, to="off") if self._is_off else endpoint

    def _check(self, endpoint: Endpoint) -> None:
        for keyword, name in _FILES:
            path = getattr(endpoint, keyword)
            if path is not None and not _is_file(path):
                self._wrong(self._named(name), "names a file that cannot be read")
                return
        if endpoint.protocol == "grpc" and not _has_grpc():
            remedy = 'pip install "sms-observability[grpc]", or use http/protobuf'
            self._wrong(self._named("PROTOCOL"), "is grpc, which is not installed", remedy)
        elif is_insecure(endpoint, allowed=self._settings.allow_insecure):
            self._wrong(self._named("ENDPOINT"), IN_CLEAR, IN_CLEAR_REMEDY)

    def _wrong(self, variable: str, what: str, remedy: str = "", *, off: bool = True, holds: str = DEFAULT) -> None:
        self._problems.append(Mistake(self._signal, variable, what, remedy, "" if off else holds))
        self._is_off = self._is_off or off

    def _url(self, protocol: Protocol) -> str:
        given = self._settings.endpoint
        own = self._environ.get(f"{_PREFIX}{self._signal.upper()}_ENDPOINT", "").strip() if given is None else ""
        general = self._environ.get(f"{_PREFIX}ENDPOINT", "").strip() if given is None else given
        for name, text, whole in ((f"{self._signal.upper()}_ENDPOINT", own, True), ("ENDPOINT", general, False)):
            if not text:
                continue
            parts = self._parts(text, protocol)
            if parts is None:
                self._wrong(_PREFIX + name, "must be a URL such as http://127.0.0.1:4318")
                break
            if protocol == "grpc":
                return urlunsplit((parts.scheme, parts.netloc, "", "", ""))
            if whole:
                return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", parts.query, ""))
            return self._below(parts)
        return self._below(urlsplit(_DEFAULT_URLS[protocol])) if protocol != "grpc" else _DEFAULT_URLS[protocol]

    def _below(self, parts: SplitResult) -> str:
        path = f"{parts.path.rstrip('/')}/v1/{self._signal}"
        return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))

    def _parts(self, text: str, protocol: Protocol) -> SplitResult | None:
        if protocol == "grpc" and "://" not in text:
            # gRPC alone takes host:port, and then `INSECURE` says whether it is TLS.
            text = ("http://" if self._flag("INSECURE") else "https://") + text
        try:
            parts = urlsplit(text)
            usable = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            return None
        return parts if usable else None

    def _timeout(self) -> float:
        if self._settings.timeout is not None:
            return self._settings.timeout or DEFAULT_TIMEOUT
        for name, text in self._texts("TIMEOUT"):
            try:
                number = float(text)
            except ValueError:
                number = -1.0
            if 0 < number < 86_400_000:  # noqa: PLR2004  # a day
                return number / 1000 if number >= _MILLISECONDS_FROM else number
            self._wrong(name, "must be a number greater than 0", off=False)
        return DEFAULT_TIMEOUT

    def _value(self, keyword: str, name: str, *, decides: bool = False) -> Any:
        given = getattr(self._settings, keyword)
        if given is not None:
            return given
        for variable, text in self._texts(name):
            try:
                return _READ[keyword](text)
            except ValueError as error:
                self._wrong(variable, str(error), off=decides, holds=_HEADERS if keyword == "headers" else DEFAULT)
                if keyword == "headers":
                    return _readable(text)
                if decides:
                    return None
        return None

    def _texts(self, name: str) -> list[tuple[str, str]]:
        """Give the variables that are set, the signal's own first."""
        names = (f"{_PREFIX}{self._signal.upper()}_{name}", f"{_PREFIX}{name}")
        return [(each, text) for each in names if (text := self._environ.get(each, "").strip())]

    def _flag(self, name: str) -> bool:
        texts = self._texts(name)
        return bool(texts) and texts[0][1].lower() == "true"

    def _named(self, name: str) -> str:
        """Give the variable that decides, for a message; the general one where a keyword does."""
        texts = self._texts(name)
        return texts[0][0] if texts else _PREFIX + name


IN_CLEAR: Final = "would carry credentials over plain http://"
IN_CLEAR_REMEDY: Final = "use https://, or set SMS_OBSERVABILITY_ALLOW_INSECURE=true"


def is_insecure(endpoint: Endpoint, *, allowed: bool) -> bool:
    """Say whether an endpoint would carry credentials in clear."""
    return not (allowed or endpoint.secure or endpoint.loopback or not endpoint.has_credentials)


def _readable(text: str) -> tuple[tuple[str, str], ...]:
    """Give the headers of a list that can be read."""
    found: list[tuple[str, str]] = []
    for item in text.split(","):
        with suppress(ValueError):
            found += _READ["headers"](item)
    return tuple(found)


def _without_user(url: str) -> tuple[str, Secret | None]:
    """Take user and password out of a URL; they become a header."""
    parts = urlsplit(url)
    user, separator, host = parts.netloc.rpartition("@")
    if not separator:
        return url, None
    text = b64encode(unquote(user).encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), Secret(f"Basic {text}")


def _is_file(path: str) -> bool:
    try:
        with Path(path).open("rb"):
            return True
    except (OSError, ValueError):
        return False


def _has_grpc() -> bool:
    from importlib.util import find_spec

    try:
        return find_spec("grpc") is not None
    except (ImportError, ValueError):
        return False
