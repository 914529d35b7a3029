"""What torch.save wrote: tensors and no more, whatever else stands in the file. The last tests go through the door."""

import io
import pickle
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import adelante
from adelante.formats.apart.state_dict import read
from adelante.formats.choices import ChoiceNeeded
from adelante.formats.dense_safetensors import network_from_safetensors
from adelante.formats.opened import Limits
from adelante.formats.opening import opened
from adelante.formats.tensors import tensors_from_safetensors
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError
from tests.adelante.formats.exported.saving import saved as exported
from tests.adelante.formats.exported.test_hostile import Canary
from tests.apart import read_here  # noqa: F401


def saved(value: object, **how: Any) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, **how)
    return file.getvalue()


def _tensors(data: bytes) -> dict[str, Tensor]:
    found = read(bytearray(data), Limits())
    return tensors_from_safetensors(b"".join(found.parts))[0]


def _fault(data: bytes, **limits: int) -> Fault:
    with pytest.raises(NetworkError) as refused:
        read(bytearray(data), Limits(**limits))
    return refused.value.faults[0]


CHAIN = nn.Sequential(nn.Linear(5, 3), nn.ReLU(), nn.Linear(3, 2))


@pytest.mark.parametrize("zipped", [True, False])
def test_a_state_dict_is_read_as_it_is(zipped: bool) -> None:
    found = _tensors(saved(CHAIN.state_dict(), _use_new_zipfile_serialization=zipped))
    for name, tensor in CHAIN.state_dict().items():
        assert torch.equal(found[name], tensor)


@pytest.mark.parametrize("key", ["state_dict", "model_state_dict", "model", "net"])
def test_a_checkpoint_has_it_among_other_things(key: str) -> None:
    reading = read(bytearray(saved({"epoch": 3, "optimizer": {"lr": 0.1}, key: CHAIN.state_dict()})), Limits())
    assert [(note.key, note.values) for note in reading.notes] == [("state-dict-part", {"key": key})]
    assert network_from_safetensors(b"".join(reading.parts)).sizes == (5, 3, 2)


def test_other_contents_are_told() -> None:
    assert _fault(saved({"epoch": 3})) == Fault("unsupported-file", "state-dict-none", "", {"names": ["epoch"]})
    assert _fault(saved([1, 2])).values == {"names": ["list"]}
    assert _fault(saved(torch.ones(2, 3))).key == "state-dict-tensor-alone"
    assert _fault(saved({"a": torch.ones(2, dtype=torch.complex64)})).values == {"name": "a", "dtype": "complex64"}
    assert _fault(saved({"a": torch.ones(1).expand(1 << 20)}), parameters=1000).key == "exported-parameters"
    assert _fault(saved({"a": torch.ones(2).to_sparse()})).values == {"name": "a", "dtype": "sparse_coo, float32"}
    assert _fault(saved({"0.weight": torch.ones(2).numpy()})).key == "state-dict-numpy"
    assert _fault(saved(torch.optim.Adam(CHAIN.parameters()).state_dict())).key == "state-dict-none"
    packed = {"0.zero_point": torch.tensor(0), "0._packed_params._packed_params": (torch.ones(2, 3), torch.ones(2))}
    assert _fault(saved(packed)).key == "state-dict-quantised"
    assert _fault(b"\x80\x02garbage").key == "state-dict-unread"
    assert _fault(saved(CHAIN)).values == {"name": "torch.nn.modules.container.Sequential"}


def test_several_networks_have_their_names_before_their_layers() -> None:
    other = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    pair = {"generator": CHAIN.state_dict(), "discriminator": other.state_dict(), "epoch": 3}
    found = _tensors(saved(pair))
    assert torch.equal(found["generator.0.weight"], CHAIN.state_dict()["0.weight"])
    assert torch.equal(found["discriminator.2.bias"], other.state_dict()["2.bias"])
    one_name = {"a": {"b.weight": torch.ones(1, 2)}, "a.b": {"weight": torch.zeros(1, 2)}}
    assert _fault(saved(one_name)).key == "state-dict-none"


class _Reduced:
    """Pickled as a call of this function with these arguments."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


def _with_pickle(program: bytes) -> bytes:
    """A file of torch.save with another pickle in it."""
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved({}))) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, program if name.endswith("data.pkl") else old.read(name))
    return file.getvalue()


def test_programs_in_it_are_not_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for value in (Canary(canary), {"weight": Canary(canary)}, [Canary(canary)], OrderedDict(a=Canary(canary))):
        for data in (saved(value), saved(value, _use_new_zipfile_serialization=False)):
            assert _fault(data).key == "file-module"
    for function in (exec, eval, getattr, __import__, open, torch.load, pickle.loads, sys.exit):
        program = pickle.dumps({"weight": _Reduced(function, "open('canary', 'w')")}, protocol=2)
        for data in (_with_pickle(program), program):
            assert _fault(data).key in ("file-module", "state-dict-unread")
    assert not canary.exists()
    assert not Path("canary").exists()


def test_pickles_that_refer_to_themselves_or_grow() -> None:
    laughs: Any = []
    for _ in range(60):
        laughs = [laughs, laughs]
    myself: list[Any] = []
    myself.append(myself)
    for value in (laughs, {"a": laughs}, myself, {"a": myself}):
        assert _fault(saved(value)).key == "state-dict-none"


def test_a_bomb_is_not_unpacked_and_half_a_file_starts_no_process() -> None:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02]q\x00(" + b"N" * (1 << 27) + b"e.")
    for data in (file.getvalue(), saved(CHAIN.state_dict())[:-40], b"PK\x03\x04"):
        with pytest.raises(NetworkError) as refused:
            opened(data)
        assert [fault.key for fault in refused.value.faults] == ["file-archive"]


def test_a_chain_opens_through_the_door_and_numbers_are_its_own(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    path.write_bytes(saved(CHAIN.state_dict()))
    network = adelante.load(path)
    x = torch.randn(4, 5)
    with torch.no_grad():
        wanted = CHAIN[2](CHAIN[0](x))
    torch.testing.assert_close(adelante.forward(network, x)[network.outputs[0]], wanted)


@pytest.mark.usefixtures("read_here")
def test_a_module_says_through_the_door_what_lacks() -> None:
    with pytest.raises(NetworkError) as refused:
        opened(saved(nn.Sequential(nn.TransformerEncoderLayer(4, 2, 8)).state_dict()))
    assert refused.value.faults[0].key == "state-dict-without-graph"


@pytest.mark.usefixtures("read_here")
def test_what_can_be_read_in_two_ways_is_asked_through_the_door_too() -> None:
    heads = {"body": nn.Linear(4, 16), "actor": nn.Linear(16, 2), "critic": nn.Linear(16, 1)}
    open_order = {name: nn.Linear(5, 5) for name in "zam"}
    pair = {"generator": CHAIN, "discriminator": nn.Linear(3, 1)}
    asked = {
        "head": saved(nn.ModuleDict(heads).state_dict()),
        "order": saved(nn.ModuleDict(open_order).state_dict()),
    }
    for name, data in asked.items():
        with pytest.raises(ChoiceNeeded) as refused:
            opened(data)
        assert refused.value.questions[0].name == name
    network, _ = opened(saved({name: each.state_dict() for name, each in pair.items()}), choices={"head": "generator"})
    assert isinstance(network, DenseNetwork)
    assert network.sizes == (5, 3, 2)


@pytest.mark.usefixtures("read_here")
def test_shapes_that_do_not_fit_say_through_the_door_what_lacks() -> None:
    with pytest.raises(NetworkError) as refused:
        opened(saved(nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 3)).state_dict()))
    assert [fault.key for fault in refused.value.faults] == ["state-dict-without-graph", "chain"]


def test_a_shape_without_numbers_takes_no_memory() -> None:
    with pytest.raises(NetworkError, match="state-dict-meta"):
        read(bytearray(saved({"0.weight": torch.empty(10**12, device="meta")})), Limits())


def test_what_takes_too_much_memory_is_stopped() -> None:
    # A pickle of 4 million empty dictionaries asks for some 280 MB, of which it may take 64 and four times the file.
    data = _with_pickle(b"\x80\x02]q\x00(" + b"}" * 4_000_000 + b"e.")
    with pytest.raises(NetworkError) as refused:
        opened(data, limits=Limits(apart_memory=1 << 26))
    assert refused.value.faults[0].key in ("apart-memory", "apart-ended", "state-dict-unread")


@pytest.mark.long
def test_a_program_of_torch_export_opens_through_the_door() -> None:
    network, notes = opened(exported(CHAIN, [torch.randn(2, 5)]))
    assert type(network).__name__ == "DenseNetwork"
    assert notes == ()
