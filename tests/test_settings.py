"""The table of settings: a keyword beats the environment, the environment beats the default, in every row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_observability import Restricted
from sms_observability.settings import SETTINGS, Keywords, Setting, Settings, SettingsError, resolve

# keyword: (a good keyword, what it becomes, a good text in the environment, what that becomes, a wrong keyword)
ROWS: dict[str, tuple[Any, Any, str, Any, Any]] = {
    "version": ("1.2", "1.2", "service.version=2.0", "2.0", 3),
    "environment": ("staging", "staging", "deployment.environment.name=test", "test", ""),
    "region": ("asia", "asia", "cloud.region=europe", "europe", 1),
    "pod": ("parts-1", "parts-1", "k8s.pod.name=parts-2", "parts-2", b"parts"),
    "endpoint": ("http://a:1", "http://a:1", "http://b:2", None, "a:1"),
    "headers": ({"a": "b"}, (("a", "b"),), "a=b", None, 5),
    "protocol": ("grpc", "grpc", "grpc", None, "udp"),
    "compression": ("none", "none", "none", None, "zip"),
    "timeout": (3, 3.0, "4", None, -1),
    "certificate": ("ca.pem", "ca.pem", "b.pem", None, 1),
    "client_certificate": ("c.pem", "c.pem", "d.pem", None, 1),
    "client_key": ("k.pem", "k.pem", "l.pem", None, 1),
    "traces": ("console", "console", "none", "none", "jaeger"),
    "metrics": ("console", "console", "none", "none", "prometheus"),
    "logs": ("console", "console", "none", "none", "file"),
    "disabled": (True, True, "true", True, "perhaps"),
    "restricted_endpoint": ("https://a", "https://a", "https://b", "https://b", "//a"),
    "restricted_token_file": ("/a", "/a", "/b", "/b", 1),
    "restricted_certificate": ("/a", "/a", "/b", "/b", 1),
    "pseudonym_key_file": ("/a", "/a", "/b", "/b", 1),
    "trusted_peers": (["10.0.0.0/8"], ("10.0.0.0/8",), "10.1.0.0/16, ::1", ("10.1.0.0/16", "::1"), ["ship"]),
    "internal_hosts": (["*.ship"], ("*.ship",), "*.a,*.b", ("*.a", "*.b"), [1]),
    "excluded_routes": (["/ping"], ("/ping",), "/a,/b", ("/a", "/b"), 7),
    "instrument": ([], (), "httpx,redis", ("httpx", "redis"), 7),
    "log_level": ("debug", "DEBUG", "warn", "WARNING", "loud"),
    "log_levels": ({"parts": "error"}, (("parts", "ERROR"),), "parts=debug", (("parts", "DEBUG"),), {"parts": "loud"}),
    "log_format": ("json", "json", "console", "console", "xml"),
    "unknown_fields": ("keep", "keep", "keep", "keep", "ask"),
    "drain_seconds": (2, 2.0, "2.5", 2.5, -1),
    "buffer_bytes": (100_000, 100_000, "200000", 200_000, 1),
    "when_full": ("block", "block", "drop_newest", "drop_newest", "burst"),
    "allow_insecure": (True, True, "1", True, "maybe"),
}
each_row = pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.keyword)


def variable_of(setting: Setting) -> str:
    return setting.variables[0] if setting.variables else "OTEL_RESOURCE_ATTRIBUTES"


def resolved(keywords: dict[str, Any], environ: dict[str, str]) -> Settings:
    settings, problems = resolve("parts-api", keywords, environ)
    assert problems == []
    return settings


def test_every_row_is_tried_here_and_typed() -> None:
    """A new setting needs a row above, a field of `Settings` and a keyword for type checkers."""
    names = [setting.keyword for setting in SETTINGS]
    assert names == list(ROWS)
    assert set(names) == set(Keywords.__annotations__)
    assert set(names) | {"service_name", "resource"} == set(Settings.__slots__)


@each_row
def test_a_keyword_beats_the_environment(setting: Setting) -> None:
    """What code says holds, whatever the deployment says."""
    keyword, becomes, text, _, _ = ROWS[setting.keyword]
    settings = resolved({setting.keyword: keyword}, {variable_of(setting): text})
    assert getattr(settings, setting.keyword) == becomes


@each_row
def test_the_environment_beats_the_default(setting: Setting) -> None:
    """The exporters' variables are left to the door, which reads them for each signal."""
    _, _, text, becomes, _ = ROWS[setting.keyword]
    settings = resolved({}, {variable_of(setting): text})
    assert getattr(settings, setting.keyword) == becomes
    if becomes is None:
        assert setting.variables[0].startswith("OTEL_EXPORTER_OTLP_")
        assert setting.read(text) is not None


@each_row
def test_a_keyword_of_none_is_not_given(setting: Setting) -> None:
    """So that a service can hand on what it may not know."""
    assert resolved({setting.keyword: None}, {"HOSTNAME": "parts"}) == resolved({}, {"HOSTNAME": "parts"})


@each_row
def test_a_wrong_keyword_raises_with_its_remedy(setting: Setting) -> None:
    """The message names the keyword, what it must be and the type that was given."""
    wrong = ROWS[setting.keyword][4]
    with pytest.raises(SettingsError) as caught:
        resolve("parts-api", {setting.keyword: wrong}, {})
    message = str(caught.value)
    assert message.startswith(f"init_observability({setting.keyword}=…) must be ")
    assert message.endswith(f"it is a {type(wrong).__name__}")


# Any text is a file or a list of names; the exporters' variables are the door's to judge.
WRONG_TEXTS = {
    setting.keyword: "s3cr3t"
    for setting in SETTINGS
    if setting.variables
    and not setting.variables[0].startswith("OTEL_EXPORTER_OTLP_")
    and not isinstance(ROWS[setting.keyword][1], tuple)
    and setting.when_wrong == "default"
    and setting.keyword not in ("restricted_token_file", "restricted_certificate", "pseudonym_key_file")
} | {"log_levels": "parts=s3cr3t", "trusted_peers": "s3cr3t"}


@pytest.mark.parametrize("setting", [each for each in SETTINGS if each.keyword in WRONG_TEXTS], ids=lambda s: s.keyword)
def test_a_wrong_variable_is_a_problem_and_the_default_holds(setting: Setting) -> None:
    """It names the variable and what to do, never the value."""
    environ = {setting.variables[0]: WRONG_TEXTS[setting.keyword], "HOSTNAME": "parts"}
    settings, (problem,) = resolve("parts-api", {}, environ)
    assert problem.variable == setting.variables[0]
    assert problem.remedy
    assert "s3cr3t" not in str(problem)
    assert getattr(settings, setting.keyword) == getattr(resolved({}, {"HOSTNAME": "parts"}), setting.keyword)


@pytest.mark.parametrize("signal", ["traces", "metrics", "logs"])
def test_an_exporter_that_is_not_known_switches_the_signal_off(signal: str) -> None:
    """Nobody knows where it was to go; the other signals go on."""
    settings, (problem,) = resolve("parts-api", {}, {f"OTEL_{signal.upper()}_EXPORTER": "s3cr3t"})
    assert (problem.variable, problem.remedy) == (f"OTEL_{signal.upper()}_EXPORTER", f"{signal} are not exported")
    assert "s3cr3t" not in str(problem)
    assert {name: getattr(settings, name) for name in ("traces", "metrics", "logs")} == {
        name: "off" if name == signal else "otlp" for name in ("traces", "metrics", "logs")
    }


@pytest.mark.parametrize(
    "name", [5, b"parts", object(), Restricted("parts"), ["parts"]], ids=lambda name: type(name).__name__
)
def test_a_name_that_is_no_text_raises_with_its_remedy(name: Any) -> None:
    """It is a mistake in code."""
    with pytest.raises(SettingsError, match=rf"service_name=….*'parts-api'.*it is a {type(name).__name__}"):
        resolve(name, {}, {"OTEL_SERVICE_NAME": "parts-api"})


@pytest.mark.parametrize("headers", [{"a b": "c"}, {"a": "b\r\nc: d"}, {"": "b"}, {"a": "\u20ac"}])
def test_headers_that_cannot_be_sent_are_refused(headers: dict[str, str]) -> None:
    """A header that breaks a line would write a second one."""
    with pytest.raises(SettingsError, match=r"headers=…. must be headers"):
        resolve("parts-api", {"headers": headers}, {})


@pytest.mark.parametrize("text", ["none", " None ", ","])
def test_no_library_can_be_asked_for_in_the_environment(text: str) -> None:
    """An empty variable is one that is not set, so there is a word for it."""
    assert resolved({}, {"SMS_OBSERVABILITY_INSTRUMENT": text}).instrument == ()
    assert resolved({"instrument": "none"}, {}).instrument == ()


def test_the_defaults() -> None:
    """Nothing set: production, all signals by OTLP, unknown fields dropped."""
    settings = resolved({}, {"HOSTNAME": "parts-7"})
    assert (settings.environment, settings.version, settings.pod) == ("production", "0.0.0", "parts-7")
    assert (settings.traces, settings.metrics, settings.logs) == ("otlp", "otlp", "otlp")
    assert (settings.unknown_fields, settings.log_level, settings.log_format) == ("drop", "INFO", "auto")
    assert settings.buffer_bytes == 64 * 1024 * 1024


def test_unknown_fields_are_kept_where_people_develop() -> None:
    """Anything but production keeps them."""
    assert resolved({"environment": "development"}, {}).unknown_fields == "keep"
    assert resolved({"environment": "production"}, {}).unknown_fields == "drop"


@pytest.mark.parametrize(
    ("name", "environ", "expected"),
    [
        ("parts-api", {"OTEL_SERVICE_NAME": "other"}, "parts-api"),
        (None, {"OTEL_SERVICE_NAME": " sync ", "OTEL_RESOURCE_ATTRIBUTES": "service.name=vessels"}, "sync"),
        (None, {"OTEL_RESOURCE_ATTRIBUTES": "service.name=vessels%2Dapi,x=y"}, "vessels-api"),
    ],
)
def test_the_name_of_the_service(name: str | None, environ: dict[str, str], expected: str) -> None:
    """The argument, else its own variable, else the resource attributes."""
    assert resolve(name, {}, environ)[0].service_name == expected


def test_a_service_without_a_name_reads_what_to_write() -> None:
    """Code and variable are both in the message."""
    with pytest.raises(SettingsError, match=r'init_observability\("parts-api"\), or set OTEL_SERVICE_NAME'):
        resolve(None, {}, {})


def test_an_unknown_keyword_raises_with_the_nearest() -> None:
    """A slip of the pen is told its remedy."""
    with pytest.raises(SettingsError, match=r"no keyword 'log_lvel'; did you mean log_level\?"):
        resolve("parts-api", {"log_lvel": "INFO"}, {})


def test_under_pytest_nothing_is_exported_unless_asked() -> None:
    """Tests of a service send nothing to nobody; an endpoint asks."""
    quiet = {"PYTEST_VERSION": "9"}
    assert resolved({}, quiet).traces == "none"
    assert resolved({}, {**quiet, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://a:1"}).traces == "otlp"
    assert resolved({"endpoint": "http://a:1"}, quiet).metrics == "otlp"
    assert resolved({"traces": "console"}, quiet).traces == "console"


def test_resource_attributes_that_cannot_be_read_are_a_problem() -> None:
    """They are ignored, and the service runs."""
    settings, (problem,) = resolve("parts-api", {}, {"OTEL_RESOURCE_ATTRIBUTES": "just a text"})
    assert problem.variable == "OTEL_RESOURCE_ATTRIBUTES"
    assert settings.resource == ()


def test_differences_name_settings_and_no_values() -> None:
    """What a second `init_observability` with other settings is told."""
    one = resolved({"headers": {"authorization": "s3cr3t"}}, {"HOSTNAME": "a"})
    two = resolved({"log_level": "DEBUG"}, {"HOSTNAME": "a"})
    assert sorted(one.differences(two)) == ["headers", "log_level"]
    assert one.differences(one) == []
    assert "s3cr3t" not in repr(one)


@given(st.dictionaries(st.sampled_from([variable_of(each) for each in SETTINGS]), st.text(max_size=30)))
def test_no_environment_raises(environ: dict[str, str]) -> None:
    """A deployment can write anything; the service starts."""
    settings, problems = resolve("parts-api", {}, environ)
    assert settings.service_name == "parts-api"
    assert {problem.variable for problem in problems} <= set(environ)


@given(
    st.sampled_from(SETTINGS),
    st.one_of(st.none(), st.text(), st.floats(), st.binary(), st.lists(st.integers()), st.just(10**400)),
)
def test_a_keyword_is_taken_or_refused_with_a_settings_error(setting: Setting, value: object) -> None:
    """No other exception, whatever is given."""
    try:
        resolve("parts-api", {setting.keyword: value}, {})
    except SettingsError as error:
        assert setting.keyword in str(error)
