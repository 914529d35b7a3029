"""A .pt2 file gives the network that tracing its module gives, node by node, and torch's numbers."""

from functools import cache

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim
from torch.nn import functional as F

import adelante
from adelante.formats.exported.reading import opened_from_package
from adelante.formats.opened import Opened
from adelante.network.errors import NetworkError, NetworkFault
from tests.adelante import modules
from tests.adelante.formats.exported.saving import MODEL, archived, changed, parts_of, saved
from tests.bench.exported import same
from tests.long import long

Modules = tuple[nn.Module, tuple[Tensor, ...]]


def _case(name: str) -> Modules:
    torch.manual_seed(3)
    match name:
        case "digits":
            return modules.Digits(), (torch.randn(2, 1, 10, 10),)
        case "twins":
            return modules.Twins(), (torch.randn(2, 3), torch.randn(2, 4))
        case _:
            return modules.Recurrent(nn.LSTM), (torch.randn(2, 2, 3),)


@cache
def _saved(name: str) -> tuple[nn.Module, tuple[Tensor, ...], bytes]:
    module, example = _case(name)
    return module, example, saved(module, example)


@cache
def _read(name: str) -> tuple[nn.Module, tuple[Tensor, ...], Opened]:
    module, example, data = _saved(name)
    return module, example, opened_from_package(data)


@pytest.mark.parametrize("name", [long("digits"), "twins", long("lstm")])
def test_a_file_gives_what_tracing_gives(name: str) -> None:
    module, example, (network, notes) = _read(name)
    assert network.batch == "any"
    assert notes == ()
    assert same(network, adelante.trace(module, example))
    several = tuple(torch.cat([each, each[:1]]) for each in example)
    names = [each.name for each in network.inputs]
    with torch.no_grad():
        wanted = module(*several)
        found = adelante.forward(network, dict(zip(names, several, strict=True)))
    for output, expected in zip(network.outputs, wanted if isinstance(wanted, tuple) else (wanted,), strict=True):
        torch.testing.assert_close(found[output], expected, rtol=1e-5, atol=1e-6)


def test_modules_and_lines_are_its_authors() -> None:
    _, _, (network, _) = _read("digits")
    assert [layer.module for layer in network.layers[:3]] == ["conv1", "conv2", "norm"]
    assert str(network.layers[0].source).startswith("modules.py:")
    assert str(network.layers[0].source).endswith("x = F.relu(self.conv1(x))")
    assert [each.name for each in _read("twins")[2].network.inputs] == ["inputs.a", "inputs.b"]


class Composed(nn.Module):
    """Calls that torch itself makes of others, and that stand in a file by their own names."""

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        y = x.flatten(1).reshape_as(x)
        powers = torch.linalg.matrix_power(y[..., :3], 2)
        ones = torch.ones(x.shape[-1], dtype=torch.long)
        return (
            powers + torch.positive(y[..., :3]),
            y.transpose(0, 1).msort(),
            torch.linalg.diagonal(y) * 2,
            F.rrelu(y - 0.5),
            torch.trapezoid(y, dim=-1),
            torch.cumulative_trapezoid(y, dim=-1),
            torch.quantile(y, 0.3, dim=-1),
            torch.special.ndtr(y),
            F.l1_loss(y, x * 2, reduction="none"),
            F.mse_loss(y, x * 2, reduction="none"),
            F.smooth_l1_loss(y, x * 3, reduction="none"),
            F.huber_loss(y, x * 3, reduction="none"),
            F.binary_cross_entropy_with_logits(y, x, reduction="none"),
            F.cross_entropy(y[0], ones[:3], reduction="none"),
            F.triplet_margin_loss(y[:, 0], y[:, 1], x[:, 2] * 2, reduction="none"),
        )


@pytest.mark.long
def test_calls_that_torch_makes_of_others_are_read() -> None:
    module, x = Composed().eval(), torch.rand(2, 3, 4) + 0.1
    network = opened_from_package(saved(module, (x,))).network
    found = adelante.forward(network, x)
    for output, expected in zip(network.outputs, module(x), strict=True):
        torch.testing.assert_close(found[output], expected, rtol=1e-5, atol=1e-6)


class Blocks(nn.Module):
    """What people write: a block without gradients, one without autocast, assignments, options, sizes, shapes."""

    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.register_buffer("scale", torch.tensor([2.0, 3.0, 4.0, 5.0]))

    def forward(self, x: Tensor, by: float = 2.0, extra: Tensor | None = None) -> dict[str, Tensor | int]:
        with torch.no_grad():
            y = self.first(x).relu()
        with torch.autocast("cpu", enabled=False):
            z = y.float() * by * self.scale
        z[:, 0] = 1.0
        return {"z": z + self.first(x), "y": y.flatten(1).reshape_as(y), "rows": x.shape[0]}


def test_blocks_assignments_and_options_are_read() -> None:
    module, x = Blocks().eval(), torch.randn(2, 3)
    program = torch.export.export(
        module, (x,), kwargs={"by": 3.0}, dynamic_shapes={"x": {0: Dim.AUTO}, "by": None}, strict=False
    )
    network, _ = opened_from_package(_bytes(program))
    assert network.batch == "any"
    with torch.no_grad():
        found = adelante.forward(network, torch.cat([x, x]))
        wanted = module(torch.cat([x, x]), by=3.0)
    assert len(network.outputs) == 2, "the number of rows is no tensor"
    for name, expected in zip(network.outputs, (wanted["z"], wanted["y"]), strict=True):
        torch.testing.assert_close(found[name], expected)
    slopes = adelante.gradients(network, x[0], network.outputs[1], (1,), ["inputs"])
    assert not slopes["inputs"].any(), "gradients stop at a block without them"


def _bytes(program: torch.export.ExportedProgram) -> bytes:
    import io

    file = io.BytesIO()
    torch.export.save(program, file)
    return file.getvalue()


def test_a_batch_of_one_and_fixed_sizes_are_told() -> None:
    one, notes = opened_from_package(saved(nn.Linear(3, 2), [torch.randn(1, 3)], batched=False))
    assert (one.batch, one.inputs[0].shape, [note.key for note in notes]) == ("one", (3,), ["exported-one"])
    fixed, notes = opened_from_package(saved(nn.Linear(3, 2), [torch.randn(5, 3)], batched=False))
    assert (fixed.batch, fixed.inputs[0].shape, [note.key for note in notes]) == ("none", (5, 3), ["exported-fixed"])


def test_steps_that_look_like_a_batch_are_none() -> None:
    class Centred(nn.Module):
        def forward(self, steps: Tensor) -> Tensor:
            return steps - steps.mean(0, keepdim=True)

    network, notes = opened_from_package(saved(Centred(), [torch.randn(5, 3)]))
    assert (network.batch, network.inputs[0].shape) == ("none", (5, 3))
    assert [note.key for note in notes] == ["exported-fixed", "exported-settled"]


def test_an_open_length_is_taken_as_it_was() -> None:
    shapes = ({0: Dim("rows", min=2, max=64), 1: 2 * Dim("half", min=1, max=32)},)
    module = nn.Sequential(nn.Unflatten(1, (-1, 2)), nn.Linear(2, 3))
    network, notes = opened_from_package(saved(module, [torch.randn(4, 6)], shapes=shapes))
    assert (network.batch, network.inputs[0].shape) == ("any", (6,))
    assert [(note.key, note.values["inputs"]) for note in notes] == [("exported-settled", "inputs [6]")]


def test_what_has_no_operation_is_refused_with_its_authors_line() -> None:
    with pytest.raises(NetworkFault, match=r"it uses lgamma, .*modules\.py:\d+: return torch\.lgamma\(x\)") as refused:
        opened_from_package(saved(modules.Factorials(), [torch.randn(2, 3)]))
    assert refused.value.fault.key == "operation-of-line"
    with pytest.raises(NetworkFault, match="it uses dropout as in training"):
        opened_from_package(_bytes(torch.export.export(nn.Dropout().train(), (torch.randn(2, 3),))))
    data = changed(saved(nn.Linear(3, 2), [torch.randn(2, 3)]), _of_another_library)
    with pytest.raises(NetworkFault, match=r"it uses mine\.magic"):
        opened_from_package(data)


def _of_another_library(document: dict) -> None:  # type: ignore[type-arg]
    document["graph_module"]["graph"]["nodes"][-1]["target"] = "torch.ops.mine.magic.default"


@pytest.mark.parametrize(
    ("minor", "torchs"), [(14, "2.9.1"), (15, "2.10.0"), (17, "2.11.0"), (20, "2.12.1"), (20, "2.13.0"), (20, "2.14.1")]
)
def test_the_files_of_six_releases_are_read(minor: int, torchs: str) -> None:
    """Layout and schema (torch/_export/serde/schema.py) are the same, but for a node's name, which came with 2.11."""

    def older(document: dict) -> None:  # type: ignore[type-arg]
        document["schema_version"]["minor"] = minor
        document["torch_version"] = torchs
        for node in document["graph_module"]["graph"]["nodes"]:
            if minor < 16:
                del node["name"]

    network, _ = opened_from_package(changed(_saved("twins")[2], older))
    assert same(network, _read("twins")[2].network)


def test_a_packed_archive_and_any_folder_are_read() -> None:
    data = archived(parts_of(_saved("twins")[2]), root="any folder", packed=True)
    assert same(opened_from_package(data).network, _read("twins")[2].network)


def test_parameters_lie_in_the_files_own_memory() -> None:
    data = bytearray(saved(nn.Linear(3, 2, bias=False), [torch.randn(2, 3)]))
    network, _ = opened_from_package(data)
    data[data.index(b"PK") :] = bytes(len(data))
    assert not network.parameters["layers.0.weights"].any()


def test_views_of_one_storage_are_each_their_own() -> None:
    class Views(nn.Module):
        turned: Tensor
        part: Tensor

        def __init__(self) -> None:
            super().__init__()
            whole = torch.arange(12.0).reshape(3, 4)
            self.register_buffer("turned", whole.t())
            self.register_buffer("part", whole[1:, 2:])

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return x @ self.turned, x[:, :2] @ self.part

    x = torch.randn(2, 4)
    network, _ = opened_from_package(saved(Views(), [x]))
    found = adelante.forward(network, x)
    for name, expected in zip(network.outputs, Views()(x), strict=True):
        torch.testing.assert_close(found[name], expected)


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({"serialized_exported_program.json": b"{}"}, "exported-old"),
        ({"archive_format": b"pt2", "data/weights/model.pt": b"PK", MODEL: b"{}"}, "exported-old"),
        ({"archive_format": b"pt2", "data/aotinductor/model/model.so": b"\x7fELF"}, "exported-compiled"),
        ({"archive_format": b"pt2"}, "exported-empty"),
        ({MODEL: b"{}", "models/other.json": b"{}"}, "exported-several"),
        ({MODEL: b"{}", "byteorder": b"big"}, "exported-byte-order"),
        ({MODEL: b'{"schema_version": {"major": 9}}'}, "exported-version"),
        ({MODEL: b"[]"}, "exported-damaged"),
    ],
)
def test_other_archives_are_told_by_name(parts: dict[str, bytes], key: str) -> None:
    with pytest.raises(NetworkError) as refused:
        opened_from_package(archived(parts))
    assert [fault.key for fault in refused.value.faults] == [key]
