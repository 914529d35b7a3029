"""A full store: refuses, or what was used longest ago gives way, and never what is in use."""

import asyncio
import os
import time
from contextlib import nullcontext
from pathlib import Path

import fsspec
import pytest
import torch
from starlette.testclient import TestClient

from adelante.network.dense.network import DenseLayer, DenseNetwork
from app.main import create_app
from app.settings import SettingFault, Settings
from app.store.files import NetworkFiles, StoreFull, content_id
from app.store.folders import MemoryFolder, RemoteFolder
from app.store.networks import Networks
from app.store.quota import Eviction, Uses, WallClock

SIZE = 1000
DATA = [bytes([n]) * SIZE for n in range(8)]
IDS = [content_id(data) for data in DATA]


def older(files: NetworkFiles, *seconds: float) -> None:
    """The first ones were used so many seconds ago."""
    assert files.uses is not None
    for id, ago in zip(IDS, seconds, strict=False):
        files.uses._last[id] = time.monotonic() - ago


@pytest.fixture(params=["memory", "folder"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory://" if request.param == "memory" else str(tmp_path)


def aged(files: NetworkFiles, url: str, *seconds: float) -> None:
    older(files, *seconds)
    if url != "memory://":
        for id, ago in zip(IDS, seconds, strict=False):
            os.utime(Path(url) / f"{id}.safetensors", (time.time() - ago,) * 2)


def test_what_was_used_longest_ago_gives_way(url: str) -> None:
    files = NetworkFiles(url, 3 * (SIZE + 256 * (url == "memory://")) + 100, evict_after=60)
    for data in DATA[:3]:
        files.write(data)
    aged(files, url, 300, 500, 400)
    assert files.read(IDS[1]) is not None  # used now
    files.write(DATA[3])
    files.write(DATA[4])
    assert list(files.evicted) == [IDS[2], IDS[0]]
    assert sorted(files.ids()) == sorted([IDS[1], IDS[3], IDS[4]])
    assert files.used <= files.max_bytes
    with pytest.raises(StoreFull):
        files.write(DATA[5])  # all that is there was used just now


def test_what_was_used_lately_stays_and_the_new_one_is_refused(url: str) -> None:
    files = NetworkFiles(url, 3 * SIZE, evict_after=60)
    for data in DATA[:2]:
        files.write(data)
    aged(files, url, 300, 10)
    with pytest.raises(StoreFull):
        files.write(DATA[2] * 3)  # would never fit
    with pytest.raises(StoreFull):
        files.write(DATA[3] * 2 + b"x" * 900)  # what is old is too small
    assert sorted(files.ids()) == sorted(IDS[:2])


def test_what_is_in_use_never_gives_way(url: str) -> None:
    files = NetworkFiles(url, 2 * SIZE + 512, evict_after=60)
    for data in DATA[:2]:
        files.write(data)
    aged(files, url, 500, 400)
    assert files.uses is not None
    files.uses.pin(IDS[0])
    files.write(DATA[2])
    assert list(files.evicted) == [IDS[1]]
    with pytest.raises(StoreFull):
        files.write(DATA[3])
    files.uses.unpin(IDS[0])
    with pytest.raises(StoreFull):
        files.write(DATA[3])  # used until just now
    older(files, 100)
    if url != "memory://":
        os.utime(Path(url) / f"{IDS[0]}.safetensors", (1, 1))
    files.write(DATA[3])
    assert list(files.evicted) == [IDS[1], IDS[0]]


def test_another_process_knows_what_this_one_uses(tmp_path: Path) -> None:
    mine, other = (NetworkFiles(str(tmp_path), 2 * SIZE, evict_after=60) for _ in range(2))
    for data in DATA[:2]:
        mine.write(data)
    aged(mine, str(tmp_path), 500, 400)
    assert mine.uses is not None
    mine.uses.pin(IDS[0])
    mine.renew()
    other.write(DATA[2])
    assert list(other.evicted) == [IDS[1]]
    assert other.exists(IDS[0])


class Clock:
    """A wall clock that is put forward and back; what passes is real."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = time.time
        self.ahead = 0.0
        monkeypatch.setattr("app.store.quota.time.time", lambda: real() + self.ahead)


def test_a_clock_that_is_put_forward_makes_nothing_unused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    files = NetworkFiles(url, 3 * SIZE + 768, evict_after=60)
    for data in DATA[:3]:
        files.write(data)
    aged(files, url, 300, 10, 10)
    assert files.uses is not None
    files.uses.pin(IDS[2])
    clock.ahead = 86_400
    files.renew()
    files.write(DATA[3])
    assert list(files.evicted) == [IDS[0]]
    with pytest.raises(StoreFull):
        files.write(DATA[4])
    clock.ahead = -86_400
    with pytest.raises(StoreFull):
        files.write(DATA[4])
    files.uses.note(IDS[1])
    files.renew()
    older(files, 0, 100)
    with pytest.raises(StoreFull) if url != "memory://" else nullcontext():
        files.write(DATA[4])  # a file that says tomorrow waits for as much longer


def test_others_are_told_anew_what_was_used_before_the_clock_went_forward(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    mine = NetworkFiles(str(tmp_path), 2 * SIZE, evict_after=60)
    for data in DATA[:2]:
        mine.write(data)
    mine.renew()
    aged(mine, str(tmp_path), 10, 300)
    clock.ahead = 86_400
    mine.renew()
    other = NetworkFiles(str(tmp_path), 2 * SIZE, evict_after=60)  # began after it
    other.write(DATA[2])
    assert list(other.evicted) == [IDS[1]]


def test_without_the_setting_nothing_gives_way(url: str) -> None:
    files = NetworkFiles(url, 2 * SIZE + 512)
    for data in DATA[:2]:
        files.write(data)
    with pytest.raises(StoreFull):
        files.write(DATA[2])
    assert files.uses is None


def test_a_network_that_gave_way_is_gone_and_one_of_a_live_session_stays() -> None:
    settings = Settings(store_max_bytes=2048, store_when_full="evict", store_keep_seconds=0.2)
    app = create_app(settings)
    with TestClient(app) as client:

        def kept(value: float) -> tuple[int, str]:
            answer = client.post("/api/v1/networks", json={"layers": [{"weights": [[value]]}]})
            return answer.status_code, answer.json().get("id", "")

        ids = [kept(0.5)[1]]
        with client.websocket_connect("/api/v1/live") as socket:
            socket.send_json({"op": "open", "seq": 1, "network": ids[0], "inputs": [1]})
            assert socket.receive_json()["op"] == "opened"
            for value in range(1, 12):
                time.sleep(0.21)
                status, id = kept(value)
                assert status == 201
                ids.append(id)
            assert app.networks.evictions > 0
            assert client.get(f"/api/v1/networks/{ids[0]}").status_code == 200
            gone = [id for id in ids if client.get(f"/api/v1/networks/{id}").status_code == 404]
            assert len(gone) == app.networks.evictions
            asked = {"network": gone[0], "inputs": [1]}
            assert client.post("/api/v1/forward", json=asked).status_code == 404
        assert f"adelante_store_evictions_total {float(len(gone))}" in client.get("/metrics").text


def test_a_bucket_has_rules_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RemoteFolder(fsspec.filesystem("memory"), "/bucket", "thing://bucket")
    monkeypatch.setattr("app.store.files.folder_at", lambda url: folder)
    with pytest.raises(SettingFault) as caught:
        create_app(Settings(store="thing://bucket", store_when_full="evict"))
    assert (caught.value.variable, caught.value.takes) == ("ADELANTE_STORE_WHEN_FULL", "refuse-there")


def test_networks_at_hand_count_as_used() -> None:
    async def used() -> None:
        networks = Networks(evict_after=60)
        id, _ = await networks.keep(DenseNetwork([DenseLayer(torch.ones(1, 1), torch.zeros(1))]))
        assert networks._uses is not None
        networks._uses._last[id] = time.monotonic() - 500
        assert networks.ready(id, torch.float32) is not None
        assert networks._uses.age(id) < 5
        networks.close()

    asyncio.run(used())


def test_a_clock_leaps_where_it_goes_ahead_by_more_than_it_is_ever_put_right(monkeypatch: pytest.MonkeyPatch) -> None:
    wall, passed = [5000.0], [100.0]
    monkeypatch.setattr("app.store.quota.time.time", lambda: wall[0])
    monkeypatch.setattr("app.store.quota.time.monotonic", lambda: passed[0])
    clock = WallClock()
    for ahead, leaps in ((0.0, 0), (2.0, 0), (2.5, 1), (100.0, 2), (-50.0, 2)):
        if ahead < 0:
            # 5000 and 5005 are before both leaps, 5006 before the second alone.
            for when, left_out in ((5000.0, 102.5), (5005.0, 102.5), (5006.0, 100.0), (wall[0], 0.0)):
                assert clock.age(when) == wall[0] - when - left_out, when
        wall[0] += ahead + 1
        passed[0] += 1
        assert clock.now() == wall[0]
        assert clock.leaps == leaps


def test_what_is_told_of_uses_is_what_was_used_since(monkeypatch: pytest.MonkeyPatch) -> None:
    uses = Uses()
    uses.note("a")
    uses.pin("b")
    uses.pin("b")
    told = uses.taken()
    assert sorted(told) == ["a", "b"]
    assert all(time.time() - 5 < when <= time.time() for when in told.values())
    assert list(uses.taken()) == ["b"]
    uses.unpin("b")
    assert uses.age("b") == 0
    assert list(uses.taken()) == ["b"]
    uses.unpin("b")
    assert 0 < uses.age("b") < 5
    assert list(uses.taken()) == ["b"]
    assert uses.taken() == {}
    assert uses.age("c") == float("inf")
    uses.note("c")
    uses.forget("c")
    uses.forget("c")
    assert uses.age("c") == float("inf")
    assert uses.taken() == {}


def test_no_more_gives_way_than_has_to() -> None:
    folder = MemoryFolder()
    rule = Eviction(folder, 60, lambda id: f"{id}.file")
    for id, ago in (("a", 100), ("b", 300), ("c", 60), ("d", 59)):
        folder.write(f"{id}.file", bytes(744))  # 1000 with what Python needs around them
        rule.uses._last[id] = time.monotonic() - ago
    ids = list("abcd")
    for needed, found in ((1, "b"), (1000, "b"), (1001, "ba"), (2001, "bac"), (3000, "bac"), (3001, "")):
        assert rule.giving_way(ids, needed) == list(found), needed
