"""Networks by name: presets, kept ones, and what stays in memory."""

import asyncio
import errno
import threading
from pathlib import Path

import pytest
import torch

from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.network import Network
from adelante.network.presets import PRESET_NAMES, chain_named
from app.store import networks as module
from app.store.folders import LocalFolder
from app.store.networks import Networks, ready_bytes
from tests.adelante.network.convolution import convolution


def network(seed: int, n: int = 4) -> DenseNetwork:
    generator = torch.Generator().manual_seed(seed)
    return DenseNetwork([DenseLayer(torch.randn((n, n), generator=generator), torch.randn(n, generator=generator))])


def deep(layers: int, seed: int) -> DenseNetwork:
    return DenseNetwork([network(seed + k).layers[0] for k in range(layers)])


def same(one: Network, other: DenseNetwork) -> bool:
    assert isinstance(one, DenseNetwork)
    return all(
        torch.equal(a.weights, b.weights) and torch.equal(a.biases, b.biases)
        for a, b in zip(one.layers, other.layers, strict=True)
    )


def test_presets_are_ready() -> None:
    networks = Networks()
    assert networks.ready("xor", torch.float32) is chain_named("xor").network
    assert networks.ready("xor", torch.float64) is networks.ready("xor", torch.float64)


def test_a_kept_network_comes_back_and_survives_a_restart(tmp_path: Path) -> None:
    async def check() -> None:
        networks = Networks(str(tmp_path))
        id, new = await networks.keep(network(1))
        assert new
        assert await networks.keep(network(1)) == (id, False)
        assert networks.ready(id, torch.float32) is not None
        restarted = Networks(str(tmp_path))
        assert restarted.ready(id, torch.float32) is None
        assert same(await restarted.get(id, torch.float32), network(1))
        assert restarted.ready(id, torch.float32) is await restarted.get(id, torch.float32)
        wide = await restarted.get(id, torch.float64)
        assert isinstance(wide, DenseNetwork)
        assert wide.dtype == torch.float64
        assert await restarted.ids() == [id]

    asyncio.run(check())


def test_what_is_in_memory_is_counted_once_however_often_it_is_kept(tmp_path: Path) -> None:
    async def check() -> None:
        networks = Networks(str(tmp_path))
        id, _ = await networks.keep(network(1))
        once = networks.ready_bytes
        assert once >= network(1).size * 4
        for _ in range(3):
            await networks.keep(network(1))
        assert networks.ready_bytes == once
        await networks.keep(network(2))
        assert networks.ready_bytes == 2 * once
        await networks.forget(id)
        assert networks.ready_bytes == once

    asyncio.run(check())


def test_those_used_lately_stay_in_memory(tmp_path: Path) -> None:
    async def check() -> None:
        size = ready_bytes(network(1))
        networks = Networks(str(tmp_path), cache_bytes=2 * size)
        first, second, third = [(await networks.keep(network(seed)))[0] for seed in (1, 2, 3)]
        assert networks.ready(first, torch.float32) is None
        assert networks.ready(second, torch.float32) is not None
        assert same(await networks.get(first, torch.float32), network(1))
        assert networks.ready(third, torch.float32) is None
        assert networks.ready(second, torch.float32) is not None
        too_large, _ = await networks.keep(network(4, 40))
        assert networks.ready(too_large, torch.float32) is None
        assert same(await networks.get(too_large, torch.float32), network(4, 40))
        assert networks.ready(second, torch.float32) is not None

    asyncio.run(check())


def test_no_more_layers_are_ready_than_a_search_for_garbage_looks_at_in_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of tiny layers fit in the bytes, and each full collection would stop the server to look at them."""
    monkeypatch.setattr(module, "MOST_LAYERS_READY", 5)

    async def check() -> None:
        networks = Networks(str(tmp_path))
        ids = [(await networks.keep(deep(2, seed)))[0] for seed in range(4)]
        assert [networks.ready(id, torch.float32) is not None for id in ids] == [False, False, True, True]
        await networks.forget(ids[3])
        again, _ = await networks.keep(deep(3, 5))
        assert [networks.ready(id, torch.float32) is not None for id in (ids[2], again)] == [True, True]
        # One that has more by itself is alone.
        deepest, _ = await networks.keep(deep(8, 6))
        assert networks.ready(deepest, torch.float32) is not None
        assert networks.ready(again, torch.float32) is None
        assert networks.ready_bytes == ready_bytes(deep(8, 6))

    asyncio.run(check())


def test_requests_that_come_together_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        id, _ = await Networks(str(tmp_path)).keep(network(1))
        networks = Networks(str(tmp_path))
        read = networks._files.read
        times = []

        def counted(id: str) -> bytes | None:
            times.append(id)
            return read(id)

        monkeypatch.setattr(networks._files, "read", counted)
        found = await asyncio.gather(*[networks.get(id, torch.float32) for _ in range(8)])
        assert all(each is found[0] for each in found)
        assert len(times) == 1

    asyncio.run(check())


def test_who_takes_it_as_it_was_kept_reads_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[str] = []
    read = LocalFolder.read

    def counted(folder: LocalFolder, name: str) -> bytes | None:
        reads.append(name)
        return read(folder, name)

    monkeypatch.setattr(LocalFolder, "read", counted)

    async def check() -> None:
        networks = Networks(str(tmp_path))
        id, _ = await networks.keep(network(1).to(dtype=torch.float64))
        reads.clear()
        assert (await networks.get(id)).dtype == torch.float64
        assert reads == []
        restarted = Networks(str(tmp_path))
        narrow = await restarted.get(id, torch.float32)
        kept = await restarted.get(id)
        assert (narrow.dtype, kept.dtype, len(reads)) == (torch.float32, torch.float64, 2)
        assert await restarted.get(id) is kept
        assert await restarted.get(id, torch.float64) is kept
        assert len(reads) == 2

    asyncio.run(check())


def test_what_another_process_deletes_is_missed_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        one, other = Networks(str(tmp_path)), Networks(str(tmp_path))
        id, _ = await one.keep(network(1))
        await other.get(id, torch.float32)
        await one.forget(id)
        monkeypatch.setattr(module, "RECHECK_SECONDS", -1.0)
        with pytest.raises(NetworkError, match="unknown-network"):
            await other.get(id, torch.float32)
        with pytest.raises(NetworkError, match="unknown-network"):
            await one.forget(id)

    asyncio.run(check())


@pytest.mark.parametrize("name", ["nope", "", "../xor", "0" * 64])
def test_unknown_names(name: str) -> None:
    with pytest.raises(NetworkError) as caught:
        asyncio.run(Networks().get(name, torch.float32))
    assert caught.value.faults[0].values["known"] == list(PRESET_NAMES)


def test_a_full_store_names_its_limit(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        asyncio.run(Networks(str(tmp_path), max_bytes=100).keep(network(1)))
    assert caught.value.faults[0].values["setting"] == "ADELANTE_STORE_MAX_BYTES"


def test_a_network_deleted_while_it_is_read_does_not_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        id, _ = await Networks(str(tmp_path)).keep(network(1))
        networks = Networks(str(tmp_path))
        read, go_on, reading = networks._files.read, threading.Event(), threading.Event()

        def slow(id: str) -> bytes | None:
            data = read(id)
            reading.set()
            go_on.wait()
            return data

        monkeypatch.setattr(networks._files, "read", slow)
        before = asyncio.create_task(networks.get(id, torch.float32))
        await asyncio.to_thread(reading.wait)
        await networks.forget(id)
        go_on.set()
        assert same(await before, network(1))  # it was asked for while it was there
        assert networks.ready(id, torch.float32) is None
        with pytest.raises(NetworkError, match="unknown-network"):
            await networks.get(id, torch.float32)
        assert networks.ready_bytes == 0

    asyncio.run(check())


def test_who_asks_after_a_deletion_does_not_join_who_asked_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check() -> None:
        id, _ = await Networks(str(tmp_path)).keep(network(1))
        networks = Networks(str(tmp_path))
        before = asyncio.create_task(networks.get(id, torch.float32))
        await asyncio.sleep(0)
        networks._files.delete(id)
        networks._drop(id)
        with pytest.raises(NetworkError, match="unknown-network"):
            await networks.get(id, torch.float32)
        await asyncio.gather(before, return_exceptions=True)

    asyncio.run(check())


def test_a_store_that_fails_says_where_and_which_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        networks = Networks(str(tmp_path))

        def fails(*_: object) -> None:
            raise OSError(errno.EROFS, "Read-only file system")

        monkeypatch.setattr(LocalFolder, "_written", fails)
        with pytest.raises(NetworkError) as caught:
            await networks.keep(network(1))
        fault = caught.value.faults[0]
        assert (fault.type, fault.values["where"], fault.values["setting"]) == (
            "store-unavailable",
            str(tmp_path),
            "ADELANTE_STORE",
        )
        assert networks.ready_bytes == 0

    asyncio.run(check())


def test_a_disk_without_room_is_told_apart_and_each_failure_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check() -> None:
        networks = Networks()
        for number, key in (
            (errno.ENOSPC, "store-no-room"),
            (errno.EDQUOT, "store-no-room"),
            (errno.EIO, "store-unavailable"),
        ):

            def fails(*_: object, number: int = number) -> None:
                raise OSError(number, "why")

            monkeypatch.setattr(networks._files._folder, "check", fails)
            monkeypatch.setattr("app.store.files._CHECK_SECONDS", 0.0)
            with pytest.raises(NetworkError) as caught:
                await networks.check()
            fault = caught.value.faults[0]
            assert (fault.type, fault.key, fault.values["reason"]) == ("store-unavailable", key, "why")
        assert networks.failures == 3

    asyncio.run(check())


def test_a_network_as_large_as_all_that_stays_at_hand_stays(tmp_path: Path) -> None:
    async def check() -> None:
        networks = Networks(str(tmp_path), cache_bytes=ready_bytes(network(1)))
        first, _ = await networks.keep(network(1))
        assert networks.ready(first, torch.float32) is not None
        second, _ = await networks.keep(network(2))
        assert networks.ready(first, torch.float32) is None
        assert networks.ready(second, torch.float32) is not None
        assert (networks.ready_bytes, networks.dropped) == (ready_bytes(network(2)), 1)

    asyncio.run(check())


def test_a_file_by_its_id_and_what_has_none(tmp_path: Path) -> None:
    async def check() -> None:
        networks = Networks(str(tmp_path))
        id, _ = await networks.keep(network(1))
        data = await networks.file(id)
        assert (networks.read(id), await networks.size(id)) == (data, len(data))
        await networks.count()
        assert (networks.used, networks.most, networks.shared) == (len(data), 8 * 2**30, True)
        assert (Networks().most, Networks().shared) == (2**30, False)
        for name in ("0" * 64, "xor", "no" * 100):
            for asked in (networks.file, networks.size, networks.forget):
                with pytest.raises(NetworkError) as caught:
                    await asked(name)
                fault = caught.value.faults[0]
                assert (fault.type, fault.pointer, fault.values["name"]) == ("unknown-network", "/network", name[:100])
        with pytest.raises(NetworkError, match="unknown-network"):
            networks.read("0" * 64)

    asyncio.run(check())


def test_only_what_is_kept_can_be_in_use() -> None:
    networks = Networks(evict_after=60)
    assert networks._uses is not None
    for name in (None, "xor", "../x"):
        networks.pin(name)
        networks.unpin(name)
    assert networks._uses.taken() == {}
    networks.pin("0" * 64)
    assert networks._uses.age("0" * 64) == 0
    assert list(networks._uses.taken()) == ["0" * 64]
    Networks().pin("0" * 64)


def test_what_a_network_takes_while_it_is_at_hand() -> None:
    dense, other = network(1), convolution()
    assert ready_bytes(dense) == 1024 + 2560 + 4 * (16 + 4)
    assert ready_bytes(other) == 1024 + 2560 * 6 + 4 * (18 + 2 + 24 + 3)


def test_a_store_that_is_slow_is_not_waited_for_where_the_network_is_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECHECK_SECONDS", -1.0)
    monkeypatch.setattr(module, "RECHECK_PATIENCE_SECONDS", 0.01)

    async def check() -> None:
        networks, go_on, asked = Networks(str(tmp_path)), threading.Event(), []
        id, _ = await networks.keep(network(1))
        exists = networks._files.exists

        def slow(id: str) -> bool:
            asked.append(id)
            go_on.wait(20)
            return exists(id)

        monkeypatch.setattr(networks._files, "exists", slow)
        for _ in range(3):
            assert same(await networks.get(id, torch.float32), network(1))
        assert asked == [id]
        go_on.set()
        await asyncio.gather(*networks._rechecks.values())
        networks._files.delete(id)
        monkeypatch.setattr(module, "RECHECK_PATIENCE_SECONDS", 20.0)
        with pytest.raises(NetworkError, match="unknown-network"):
            await networks.get(id, torch.float32)
        assert networks.ready_bytes == 0

    asyncio.run(check())
