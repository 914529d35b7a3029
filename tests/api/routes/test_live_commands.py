"""What the live socket's commands may ask for: each limit holds to the last multiply-add and names its setting."""

import asyncio
from typing import Any

import pytest
import torch

from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.presets import chain_named
from app.api.read.live_documents import Open, WatchCommand
from app.api.routes.live_changes import open_session
from app.api.routes.live_watches import apply_watch
from app.compute.service import ComputeService
from app.compute.speed import ASSUMED
from app.live.budget import Budget
from app.live.session import Session
from app.settings import Settings
from app.store.networks import Networks

PRESET = chain_named("multilayer")
# A pass of it, in multiply-adds.
ONE = PRESET.network.cost
SIDES = {"x": {"input": 0, "from": -1, "to": 1}, "y": {"input": 1, "from": -1, "to": 1}}


def planes(*steps: int) -> list[dict[str, Any]]:
    return [{"kind": "grid", **SIDES, "steps": each, "as": str(k)} for k, each in enumerate(steps)]


def watch(watches: list[dict[str, Any]], **limits: Any) -> None:
    """Watches these on the preset; no speed was measured, so that the assumed one counts."""
    settings = Settings(**limits)
    compute = ComputeService(settings)
    session = Session(PRESET.network, PRESET.inputs, Budget(2**30, "ALL"))
    try:
        apply_watch(session, WatchCommand(op="watch", seq=1, watch=watches), compute, settings)
    finally:
        compute.close()


def test_what_is_watched_counts_in_the_time_of_a_pass() -> None:
    most = (ONE + 100 * 100 * ONE) / ASSUMED
    watch(planes(100), max_pass_seconds=most * 1.0001)
    with pytest.raises(NetworkError) as caught:
        watch(planes(101), max_pass_seconds=most * 1.0001)
    assert caught.value.faults[0].values["setting"] == "ADELANTE_MAX_PASS_SECONDS"
    with pytest.raises(NetworkError):
        watch([{**each, "later": True} for each in planes(101)], max_pass_seconds=most * 1.0001)


@pytest.mark.parametrize(("setting", "least"), [("max_answer_bytes", 2**22), ("work_memory_bytes", 2**24)])
def test_what_is_watched_counts_in_the_bytes_of_a_frame_and_in_the_memory_of_a_pass(setting: str, least: int) -> None:
    watch(planes(512), **{setting: least})
    with pytest.raises(NetworkError) as caught:
        watch(planes(512, 512), **{setting: least})
    assert caught.value.faults[0].values["setting"] == f"ADELANTE_{setting.upper()}"


def opened(network: DenseNetwork, **limits: Any) -> Session:
    async def main() -> Session:
        compute, networks = ComputeService(Settings(**limits)), Networks()
        try:
            id, _ = await networks.keep(network)
            command = Open(op="open", seq=1, network=id, inputs=[1.0] * network.n_in)
            command.prepare()
            session = await open_session(command, compute, networks, Budget(2**30, "ALL"))
            assert isinstance(session, Session)
            return session
        finally:
            compute.close()

    return asyncio.run(main())


def test_a_network_whose_pass_takes_too_long_is_not_opened() -> None:
    limit = ONE / ASSUMED
    assert opened(PRESET.network, max_pass_seconds=limit).network.cost == ONE
    with pytest.raises(NetworkError) as caught:
        opened(PRESET.network, max_pass_seconds=limit / 2)
    assert caught.value.faults[0].values["setting"] == "ADELANTE_MAX_PASS_SECONDS"


def test_a_network_whose_frames_would_be_too_long_is_not_opened() -> None:
    # A frame holds the sequence number, the inputs and every neuron twice, each in four bytes.
    fits = (2**22 // 4 - 1 - 1) // 2
    for n_out, held in ((fits, True), (fits + 1, False)):
        wide = DenseNetwork([DenseLayer(torch.ones(1, n_out), torch.zeros(n_out), ACTIVATIONS["identity"])])
        if held:
            assert opened(wide, max_answer_bytes=2**22).network.n_out == n_out
        else:
            with pytest.raises(NetworkError) as caught:
                opened(wide, max_answer_bytes=2**22)
            assert caught.value.faults[0].values["setting"] == "ADELANTE_MAX_ANSWER_BYTES"
