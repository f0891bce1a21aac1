"""Decide whether an address may be connected to: judged where it is connected, after every name is resolved."""

import ipaddress
import socket
from collections.abc import Iterable

from scrapy.exceptions import IgnoreRequest

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressBlockedError(IgnoreRequest):
    """The address is on a network that is not to be visited; it is not tried again."""

    def __init__(self, address: IPAddress) -> None:
        self.address = address
        super().__init__(
            f"{address} is not a public address; add its network to allow_networks to visit it."
        )


def inner_addresses(address: IPAddress) -> tuple[IPAddress, ...]:
    """Give the address and every IPv4 address it stands for (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    inner: list[IPAddress] = [address] if address.ipv4_mapped is None else [address.ipv4_mapped]
    if address.sixtofour is not None:
        inner.append(address.sixtofour)
    if address.teredo is not None:
        inner.extend(address.teredo)
    if address in _NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(inner)


def is_allowed(address: IPAddress, allow: Iterable[IPNetwork]) -> bool:
    """Say whether an address is public, or on a network the operator allows."""
    allowed = tuple(allow)
    return all(_may(inner, allowed) for inner in inner_addresses(address))


def _may(address: IPAddress, allow: tuple[IPNetwork, ...]) -> bool:
    if any(address.version == network.version and address in network for network in allow):
        return True
    return address.is_global and not address.is_multicast


def literal_address(host: str) -> IPAddress | None:
    """Read a host that is an address in any way resolvers take one; None for a name.

    "127.1", "0x7f000001" and "2130706433" are 127.0.0.1 to them, and so is every "localhost" (RFC 6761).
    """
    plain = host.strip("[]").partition("%")[0].rstrip(".").lower()
    if plain == "localhost" or plain.endswith(".localhost"):
        return ipaddress.IPv4Address("127.0.0.1")
    try:
        return ipaddress.ip_address(plain)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(plain))
    except (OSError, ValueError):
        return None


class AddressGuard:
    """A socket factory for aiohttp: called for each connect, with the very address, after DNS."""

    def __init__(self, allow: Iterable[IPNetwork] = ()) -> None:
        self.allow = tuple(allow)

    def __call__(self, addr_info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """Make the socket, or refuse.

        Raises:
            AddressBlockedError: The address is neither public nor allowed.
        """
        family, kind, protocol, _, where = addr_info
        address = ipaddress.ip_address(str(where[0]).partition("%")[0])
        if not is_allowed(address, self.allow):
            raise AddressBlockedError(address)
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)  # noqa: FBT003 - socket's own signature
        return made

    def judge_literal(self, host: str) -> None:
        """Refuse a host that is an address and not allowed: where a proxy connects, no socket shows it.

        Raises:
            AddressBlockedError: The address is neither public nor allowed.
        """
        address = literal_address(host)
        if address is not None and not is_allowed(address, self.allow):
            raise AddressBlockedError(address)
