"""Sockets for `adelante serve`."""

import errno
import socket

import pytest

from app.cli.listen import NoSuchAddress, NotBound, bind


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "nope.invalid", "http://0.0.0.0", "a b", "x" * 300])
def test_what_is_no_address_of_this_machine(host: str) -> None:
    with pytest.raises(NoSuchAddress):
        bind(host, 0)


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for host in ("127.0.0.1", "", "localhost"):
            with pytest.raises(NotBound) as caught:
                bind(host, port)
            assert (caught.value.port, caught.value.reason) == (port, "EADDRINUSE")


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 here")
@pytest.mark.parametrize("host", ["", "::"])
def test_every_address_is_of_both_families_and_of_one_port(host: str) -> None:
    listening = bind(host, 0)
    assert {each.family for each in listening.sockets} == {socket.AF_INET, socket.AF_INET6}
    assert {each.getsockname()[1] for each in listening.sockets} == {listening.port}
    for each in listening.sockets:
        each.close()


@pytest.mark.parametrize("missing", [socket.AF_INET, socket.AF_INET6])
def test_a_machine_that_lacks_a_family_has_the_other(monkeypatch: pytest.MonkeyPatch, missing: int) -> None:
    made = socket.socket

    def lacking(family: int, *rest: int) -> socket.socket:
        if family == missing:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return made(family, *rest)

    monkeypatch.setattr("app.cli.listen.socket.socket", lacking)
    found = [
        (family, socket.SOCK_STREAM, 6, "", address)
        for family, address in ((socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_INET6, ("::1", 0, 0, 0)))
        if family == socket.AF_INET or socket.has_ipv6
    ]
    monkeypatch.setattr("app.cli.listen.socket.getaddrinfo", lambda *_, **__: found)
    if missing == socket.AF_INET and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    (only,) = bind("::", 0).sockets
    assert only.family != missing
    only.close()


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:{}"), ("", "http://localhost:{}"), ("localhost", "http://localhost:{}")],
)
def test_the_address_has_the_port_that_it_got(host: str, url: str) -> None:
    listening = bind(host, 0)
    assert listening.url == url.format(listening.port)
    assert listening.port > 0
    for each in listening.sockets:
        each.close()
