"""Whom we believe, and whom we tell."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sms_observability.trust
from sms_observability.settings import INTERNAL_HOSTS, PRIVATE_NETWORKS
from sms_observability.trust import host_test, peer_test

trusted = peer_test(PRIVATE_NETWORKS)
internal = host_test(INTERNAL_HOSTS)


def test_the_examples_are_right() -> None:
    """What the documentation shows is what happens."""
    assert doctest.testmod(sms_observability.trust).failed == 0


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.0.0.9", "172.31.0.1", "::ffff:192.168.1.1", "fe80::1%eth0"])
def test_private_peers_are_trusted_by_default(peer: str) -> None:
    """Loopback and private ranges, in all their spellings."""
    assert trusted(peer)


@pytest.mark.parametrize("peer", ["8.8.8.8", "172.32.0.1", "::ffff:8.8.8.8", "2001:db8::1", "", "testclient", None])
def test_others_are_not(peer: str | None) -> None:
    """Public addresses, and what is no address."""
    assert not trusted(peer)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "parts-api", "PARTS", "a.internal", "x.prod.svc", "a.svc."],
)
def test_internal_hosts_are_told_by_default(host: str) -> None:
    """Loopback, names without a dot and the internal suffixes."""
    assert internal(host)


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "127.0.0.1.example.com",
        "127.example.com",
        "internal.example.com",
        "134744072",
        "0x08080808",
        "8.8.8.8",
        "2001:db8::1",
        "",
        None,
    ],
)
def test_names_that_only_look_internal_are_not_told(host: str | None) -> None:
    """Trace ids and budgets do not go to whoever picks a clever name; a number without a dot is an address."""
    assert not internal(host)


def test_networks_may_stand_among_the_patterns() -> None:
    """A network is for addresses, also in IPv6."""
    told = host_test(["10.0.0.0/8", "fd00::/8"])
    assert told("10.9.9.9")
    assert told("fd00::7")
    assert not told("11.9.9.9")


@given(st.lists(st.text(max_size=20), max_size=5), st.text(max_size=40))
def test_any_pattern_and_host_gets_an_answer(patterns: list[str], host: str) -> None:
    """Neither raises; the answer is the same when it is remembered."""
    told = host_test(patterns)
    assert told(host) is told(host)


def test_verdicts_are_remembered_within_bounds() -> None:
    """Ever new hosts do not fill the memory, and verdicts stay right."""
    for number in range(3000):
        assert not trusted(f"8.8.{number % 256}.{number // 256}")
    assert trusted("10.0.0.9")
