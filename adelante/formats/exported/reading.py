"""An exported program's file as a network: its graph is rebuilt, read as the tracer reads a module's, and tried."""

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor, fx
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind, OutputKind

from adelante.formats.exported.inputs import ROWS, Asked, Plan, asked_of, examples, given, plans_of
from adelante.formats.exported.package import Package, package_of, refuse
from adelante.formats.exported.program import program_of
from adelante.formats.kinds import Bytes
from adelante.formats.opened import Limits, Note, Opened
from adelante.network.errors import NetworkError, NetworkFault, said
from adelante.network.metas import STRANGERS
from adelante.network.network import Network
from adelante.tracing.comparing import compare, independent
from adelante.tracing.graph import network_of, opened

_TOLERANCE = 1e-3
_WAYS = {"any": "", "one": "exported-one", "none": "exported-fixed"}


def opened_from_package(data: Bytes, limits: Limits | None = None) -> Opened:
    """The network of a .pt2 file, and what had to be decided to read it. Nothing in the file is run or unpickled.

    Its tensors share the memory of `data`. torch follows the graph without numbers first, so that nothing is allocated
    that the bounds forbid; then it runs it beside the network. Raises NetworkError or NetworkFault.
    """
    limits = limits or Limits()
    package = package_of(data, limits)
    with warnings.catch_warnings(), torch.no_grad():
        # torch warns of parts of its own that are to go.
        warnings.simplefilter("ignore")
        try:
            network, plan = _network(package, limits)
        except (NetworkError, NetworkFault):
            raise
        except Exception as error:
            # What a hostile file asks for, Python and torch refuse with errors of many classes.
            refuse("exported-damaged", reason=f"{type(error).__name__}: {said(error)[:200]}")
    return Opened(network, tuple(_notes(network, plan)))


def _network(package: Package, limits: Limits) -> tuple[Network, Plan]:
    asked = asked_of(package)
    first: NetworkFault | None = None
    depend = False
    for plan in plans_of(asked, package):
        if depend and plan.batch == "one":
            # Of rows that depend on one another, one alone is something else.
            continue
        try:
            network = _planned(package, asked, plan, limits)
        except NetworkFault as fault:
            # With one input at a time, or as it was exported, it may do; if not, what was wrong first says most.
            first = first or fault
            continue
        if network is not None:
            return network, plan
        depend = True
    if first is None:
        refuse("exported-damaged", reason="no inputs")
    raise first


def _planned(package: Package, asked: Sequence[Asked], plan: Plan, limits: Limits) -> Network | None:
    """The network where its inputs are taken so; None where their first dimension turns out to be no batch."""
    inputs, mode = given(asked, plan)
    program = opened(program_of(package, inputs, mode, limits.nodes))
    count = len(program.graph.nodes)
    if count > limits.nodes:
        refuse("file-nodes", got=count, expected=limits.nodes)
    network = network_of(program, plan.batch, STRANGERS)
    tried = examples(asked, plan)
    run = Program(program)
    compare(run, network, tried, _TOLERANCE)
    if plan.batch != "any":
        return network
    rows = [[each[row : row + 1] for each in tried] for row in range(ROWS)]
    for row in rows:
        compare(run, network, row, _TOLERANCE)
    return network if independent(network, tried, rows, _TOLERANCE) else None


class Program:
    """An exported program's graph, run call by call by torch."""

    def __init__(self, program: ExportedProgram) -> None:
        self._program = program

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        signature = self._program.graph_signature
        kept = {**self._program.state_dict, **self._program.constants}
        left = iter(inputs)
        operands = [
            next(left) if spec.kind == InputKind.USER_INPUT else kept[spec.target] for spec in signature.input_specs
        ]
        results = fx.Interpreter(self._program.graph_module).run(*operands)
        return [
            each
            for spec, each in zip(signature.output_specs, results, strict=True)
            if spec.kind == OutputKind.USER_OUTPUT and isinstance(each, Tensor)
        ]


def _notes(network: Network, plan: Plan) -> list[Note]:
    shapes = {each.name: str(list(each.shape)) for each in network.inputs}
    told = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
    pointers = ("/input",)
    found = []
    if plan.batch != "any":
        found.append(Note(_WAYS[plan.batch], pointers, {"inputs": told}))
    if plan.settled:
        found.append(Note("exported-settled", pointers, {"inputs": told}))
    return found
