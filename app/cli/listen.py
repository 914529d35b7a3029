"""Sockets for `adelante serve`, and where they listen."""

import errno
import os
import socket
from dataclasses import dataclass

from app.listening import EVERYWHERE, shown

_BACKLOG = 2048
# This machine lacks the family or the address.
_ABSENT = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


class NoSuchAddress(Exception):
    """Nothing on this machine has that name or address."""


class NotBound(Exception):
    """The address is there but can't be had: it is taken, or not for this user. `reason` is errno's name."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__(port)
        self.port = port
        self.reason = errno.errorcode.get(number, str(number))


@dataclass(frozen=True, slots=True)
class Listening:
    """Bound sockets, all of one port."""

    host: str
    port: int
    sockets: list[socket.socket]

    @property
    def url(self) -> str:
        return f"http://{shown(self.host)}:{self.port}"


def bind(host: str, port: int) -> Listening:
    """Binds every address that the host stands for; `::` stands for those of both families. Raises NoSuchAddress,
    NotBound."""
    try:
        found = socket.getaddrinfo(
            None if host in EVERYWHERE else host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError):
        raise NoSuchAddress(host) from None
    sockets: list[socket.socket] = []
    for family, kind, protocol, _, address in dict.fromkeys(found):
        # Port 0 takes a free one, which the others then share.
        number = sockets[0].getsockname()[1] if sockets else port
        try:
            sockets.append(_bound(family, kind, protocol, (address[0], number, *address[2:])))
        except OSError as error:
            if error.errno in _ABSENT:
                continue
            for each in sockets:
                each.close()
            raise NotBound(number, error.errno or 0) from None
    if not sockets:
        raise NoSuchAddress(host)
    return Listening(host, sockets[0].getsockname()[1], sockets)


def _bound(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> socket.socket:
    opened = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # Each family has a socket of its own, so that IPv4 clients are seen under their IPv4 addresses.
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
        opened.listen(_BACKLOG)
    except BaseException:
        opened.close()
        raise
    return opened
