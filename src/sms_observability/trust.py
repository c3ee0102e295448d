"""Whom we believe and whom we tell: trusted peers on the way in, internal hosts on the way out."""

from __future__ import annotations

import re
from fnmatch import translate
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DOTLESS: Final = "[!.]"
"""The pattern that stands for host names without a dot."""

_MAX_REMEMBERED: Final = 1024
_ADDRESS_PATTERN = re.compile(r"[0-9.*?\[\]!-]+|.*:.*")
_DOTLESS_NAME = re.compile(r"(?!0x)[a-z_][a-z0-9_-]*")


def peer_test(networks: Iterable[str]) -> Callable[[str | None], bool]:
    """Give the test whether a peer may hand us baggage and tracestate.

    Args:
        networks: Such as `10.0.0.0/8`, or single addresses.

    Returns:
        A function of a peer's address. What is no address is not trusted. IPv4 in IPv6 counts as IPv4.

    Raises:
        ValueError: If a network is none.

    Example:
        >>> trusted = peer_test(["10.0.0.0/8"])
        >>> trusted("10.1.2.3"), trusted("::ffff:10.1.2.3"), trusted("203.0.113.9"), trusted("localhost")
        (True, True, False, False)
    """
    allowed = [ip_network(network, strict=False) for network in networks]

    def trusted(peer: str) -> bool:
        address = _address(peer)
        return address is not None and any(address in network for network in allowed)

    return _remembered(trusted)


def host_test(patterns: Iterable[str]) -> Callable[[str | None], bool]:
    """Give the test whether a host is one of ours and gets trace context, baggage and correlation id.

    Args:
        patterns: Host names in which `*` stands for any text, `[!.]` for all names without a dot, and networks.
            A pattern of digits and dots such as `127.*` is for addresses only: `127.example.com` is somebody's name.

    Returns:
        A function of a host name or address, without its port.

    Example:
        >>> internal = host_test(["localhost", "127.*", "::1", "[!.]", "*.svc", "10.0.0.0/8"])
        >>> internal("parts-api"), internal("parts.prod.svc"), internal("10.3.4.5"), internal("[::1]")
        (True, True, True, True)
        >>> internal("example.com"), internal("127.example.com"), internal("3232235777"), internal("2001:db8::1")
        (False, False, False, False)
    """
    given = [pattern.strip().lower().rstrip(".") for pattern in patterns]
    networks = [network for network in map(_network, given) if network is not None]
    dotless = DOTLESS in given
    others = [pattern for pattern in given if pattern != DOTLESS and _network(pattern) is None]
    addresses = _any_of(pattern for pattern in others if _ADDRESS_PATTERN.fullmatch(pattern))
    names = _any_of(pattern for pattern in others if not _ADDRESS_PATTERN.fullmatch(pattern))

    def internal(host: str) -> bool:
        name = host.strip().lower().removeprefix("[").removesuffix("]").rstrip(".")
        address = _address(name)
        if address is not None:
            return any(address in network for network in networks) or addresses.fullmatch(str(address)) is not None
        return (dotless and _DOTLESS_NAME.fullmatch(name) is not None) or names.fullmatch(name) is not None

    return _remembered(internal)


def _remembered(test: Callable[[str], bool]) -> Callable[[str | None], bool]:
    """Remember verdicts, not without bound: peers and hosts repeat."""
    verdicts: dict[str | None, bool] = {None: False}

    def remembered(text: str | None) -> bool:
        verdict = verdicts.get(text)
        if verdict is None:
            if len(verdicts) >= _MAX_REMEMBERED:
                verdicts.clear()
            verdict = verdicts[text] = text is not None and test(text)
        return verdict

    return remembered


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _network(pattern: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(pattern, strict=False)
    except ValueError:
        return None
