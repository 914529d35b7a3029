"""Networks as objects of a real S3 server: whole, checked, written once; and a store that is slow, away, and back."""

import asyncio
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import NetworkError
from app.store import networks as module
from app.store.files import NetworkFiles, StoreFull, StoreUnavailable
from app.store.folders import StoreUnusable, folder_at
from app.store.networks import Networks
from tests import warm
from tests.store.s3 import BUCKET, S3Server, needs_s3

pytestmark = needs_s3
URL = f"s3://{BUCKET}/a/prefix"


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    server = S3Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    for name, value in running.variables().items():
        monkeypatch.setenv(name, value)
    return running


def impatient(url: str = URL) -> NetworkFiles:
    """Files whose store counts as away after half a second."""
    from app.store.objects import ObjectFolder, Patience

    files = NetworkFiles(url)
    files._folder = ObjectFolder(url, Patience(connect=0.5, answer=0.5, retries=1, retrying=0.5, rest=1.0, check=0.0))
    return files


def network(seed: int) -> DenseNetwork:
    generator = torch.Generator().manual_seed(seed)
    return DenseNetwork([DenseLayer(torch.randn((3, 2), generator=generator), torch.zeros(2))])


def test_what_is_written_is_there_for_every_process(server: S3Server) -> None:
    one, other = NetworkFiles(URL), NetworkFiles(URL)
    id, new = one.write(b"content")
    assert new
    assert other.write(b"content") == (id, False)
    assert (other.read(id), other.size(id), other.ids()) == (b"content", 7, [id])
    assert NetworkFiles(f"s3://{BUCKET}/elsewhere").ids() == []
    assert other.delete(id)
    assert not one.delete(id)
    assert (one.read(id), one.exists(id), one.ids()) == (None, False, [])
    one.check()
    assert one.ids() == []


def test_writers_of_the_same_network_do_not_overwrite_each_other(server: S3Server) -> None:
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda k: NetworkFiles(URL).write(b"same" + b"!" * 100_000), range(8)))
    assert len({id for id, _ in written}) == 1
    folder = folder_at(URL)
    folder.write("name", b"first")
    before = folder_at(URL).read("name")
    folder.write("name", b"first")
    assert before == b"first"


def test_an_object_that_was_spoilt_counts_as_absent_and_is_mended_by_the_next_write(server: S3Server) -> None:
    files = NetworkFiles(URL)
    id, _ = files.write(b"right")
    import obstore
    from obstore.store import from_url

    obstore.put(from_url(URL, client_options={"allow_http": True}), f"{id}.safetensors", b"wrong", mode="overwrite")
    assert files.read(id) is None
    assert files.write(b"right") == (id, True)
    assert NetworkFiles(URL).read(id) == b"right"


def test_what_was_read_lately_is_asked_about_and_not_sent_again(server: S3Server) -> None:
    files = NetworkFiles(URL)
    data = b"x" * 1_000_000
    id, _ = files.write(data)
    first = files.read(id)
    assert first == data
    # The very object, out of the cache, which the server was asked about.
    assert files.read(id) is first
    assert NetworkFiles(URL).delete(id)
    assert files.read(id) is None


def test_an_address_that_can_be_none_is_told_at_the_start_and_a_bucket_that_is_missing_later(server: S3Server) -> None:
    with pytest.raises(StoreUnusable):
        folder_at("s3://")
    files = impatient("s3://nobody-made-this")
    assert files.read("0" * 64) is None
    with pytest.raises(StoreUnavailable, match="no such bucket"):
        files.write(b"content")
    with pytest.raises(StoreUnavailable):
        files.check()


def test_a_store_that_does_not_answer_is_told_soon_and_left_alone_and_has_all_once_it_answers(server: S3Server) -> None:
    files = impatient()
    id, _ = files.write(b"kept before")
    server.pause(signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            files.read(id)
        assert time.monotonic() - started < 5
        assert caught.value.where == URL
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            files.write(b"not kept")
        assert time.monotonic() - started < 0.4
    finally:
        server.pause(signal.SIGCONT)
    time.sleep(1.1)
    assert files.read(id) == b"kept before"
    assert files.write(b"kept after")[1]
    files.check()


def test_what_is_at_hand_is_served_while_the_store_is_away_and_what_is_not_is_refused(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECHECK_SECONDS", 0.0)

    async def check() -> None:
        networks = Networks(URL)
        networks._files = impatient()
        at_hand, _ = await networks.keep(network(1))
        elsewhere, _ = await Networks(URL).keep(network(2))
        server.pause(signal.SIGSTOP)
        try:
            started = time.monotonic()
            await asyncio.gather(*(networks.get(at_hand, torch.float32) for _ in range(50)))
            assert time.monotonic() - started < 1
            with pytest.raises(NetworkError) as caught:
                await networks.get(elsewhere, torch.float32)
            assert caught.value.faults[0].type == "store-unavailable"
        finally:
            server.pause(signal.SIGCONT)
        await asyncio.sleep(1.1)
        await networks.get(elsewhere, torch.float32)
        await Networks(URL).forget(at_hand)
        with pytest.raises(NetworkError):
            await networks.get(at_hand, torch.float32)
        networks.close()

    asyncio.run(check())


def test_processes_of_one_server_hold_one_quota(server: S3Server, tmp_path: Path) -> None:
    where = f"s3://{BUCKET}/quota"
    program, beside = tmp_path / "program.py", tmp_path / "beside"
    program.write_text(WRITE)
    beside.mkdir()
    with ThreadPoolExecutor() as pool:
        programs = [warm.Program(path=str(program), arguments=(where, str(beside), name)) for name in ("one-", "two-")]
        kept = [int(done.stdout) for done in pool.map(warm.run, programs)]
    assert sum(kept) == 10
    assert all(kept)
    assert len(NetworkFiles(where).ids()) == 10


WRITE = """if True:
    import sys, time
    from pathlib import Path
    from app.store.files import StoreFull
    from app.store.networks import Networks
    files, kept = Networks(sys.argv[1], max_bytes=10_000, beside=Path(sys.argv[2]))._files, 0
    Path(sys.argv[2], sys.argv[3]).touch()
    while len(list(Path(sys.argv[2]).glob("*-"))) < 2:
        time.sleep(0.01)
    for k in range(12):
        try:
            files.write(sys.argv[3].encode() + b"%d" % k + bytes(995 - (k > 9)))
            kept += 1
        except StoreFull:
            pass
    print(kept)
"""


def test_a_store_that_is_nearly_full_is_counted_anew_soon(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    where = f"s3://{BUCKET}/nearly"
    mine, other = (NetworkFiles(where, 11_000) for _ in range(2))
    mine.write(bytes([0]) * 1000)
    other.write(bytes([1]) * 1000)
    for k in range(2, 11):
        mine.write(bytes([k]) * 1000)
    assert mine.used == 10_000
    now = time.time
    monkeypatch.setattr("app.store.used.time.time", lambda: now() + 11)
    with pytest.raises(StoreFull):
        mine.write(bytes(500))
    assert mine.used == 11_000
