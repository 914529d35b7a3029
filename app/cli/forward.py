"""adelante forward: a pass, layer by layer."""

import asyncio
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from rich.console import RenderableType
from torch import Tensor

from adelante.formats.literals import host_array
from adelante.network.dense.network import DenseNetwork, DenseTrace
from adelante.network.errors import Fault, NetworkError, said
from adelante.network.network import Network
from adelante.network.trace import Trace
from app.api.write.encode import encode_trace
from app.api.write.forward import written
from app.cli.dense_pass import dense_report
from app.cli.faults import faults_told
from app.cli.files import STANDARD, write_file
from app.cli.general_pass import general_report
from app.cli.notes import tell_notes
from app.cli.numerals import Numerals
from app.cli.output import rendered, visible, write
from app.cli.settings import read_settings
from app.cli.source import Source, Wanted, inputs_needed, read_source
from app.cli.usage import UsageFault
from app.cli.words import Words
from app.compute.content import Content
from app.compute.limits import Limits
from app.compute.pool import Steps
from app.compute.service import ComputeService
from app.settings import Settings

Inputs = Tensor | Mapping[str, Tensor]
_MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class ForwardOptions:
    """What the command line says; None is what the file says, or the default. `rows` of 0 are all rows."""

    device: str | None
    trace: bool | None
    digits: int
    rows: int
    as_json: bool
    npy: str | None = None
    npz: str | None = None


def show_forward(words: Words, wanted: Wanted, options: ForwardOptions) -> None:
    """The pass's layers, or its outputs alone, as tables or as the API's document; or as arrays in a file."""
    settings = read_settings(words)
    content: str | bytes | None = None
    with faults_told(words, as_json=options.as_json):
        source = read_source(words, settings, wanted)
        tell_notes(words, source)
        layers = not source.outputs_only if options.trace is None else options.trace
        inputs, place = inputs_needed(source), options.device or source.device
        if options.npy is not None or options.npz is not None:
            _write_arrays(source.network, pass_of(settings, source, inputs, place), options)
        elif options.as_json:
            answer = _run(settings, source.network, inputs, place, partial(_document, Limits(settings), layers))
            content = (answer if isinstance(answer, bytes) else b"".join(answer.take())) + b"\n"
        else:
            trace = pass_of(settings, source, inputs, place)
            content = rendered(*_report(words, source, inputs, trace, options, layers=layers))
    if content is not None:
        write(content)


def pass_of(settings: Settings, source: Source, inputs: Inputs, device: str) -> Trace:
    """One pass. Raises NetworkFault or NetworkError, the latter also for what torch refuses of the numbers."""
    found: Trace = _run(settings, source.network, inputs, device, lambda trace: trace)
    return found


def _run(settings: Settings, network: Network, inputs: Inputs, device: str, finish: Callable[[Any], Any]) -> Any:
    """What `finish` makes of one pass by the service's own rules: where it runs, and how large it may be."""
    compute = ComputeService(settings)
    try:
        return asyncio.run(compute.forward(network, inputs, finish, device=device))
    except (IndexError, RuntimeError) as error:
        # An index past the end of an embedding's table, say: shapes tell nothing of it.
        fault = Fault("out-of-range", "pass-refused", "/inputs", torch_words=said(error)[:_MOST_WORDS])
        raise NetworkError(fault) from None
    finally:
        compute.close()


def _document(limits: Limits, layers: bool, trace: Trace) -> bytes | Steps[Content]:
    """The API's own answer."""
    if isinstance(trace.network, DenseNetwork):
        assert isinstance(trace, DenseTrace)
        return encode_trace(trace.network, trace, limits, layers=layers)
    return written(trace, limits, layers)


def _report(
    words: Words, source: Source, inputs: Inputs, trace: Trace, options: ForwardOptions, *, layers: bool
) -> list[RenderableType]:
    name = words("cli.standard-input") if source.name == STANDARD else visible(source.name)
    numerals = Numerals(words.language, options.digits)
    if isinstance(source.network, DenseNetwork):
        assert isinstance(inputs, Tensor)
        return dense_report(words, name, source, inputs, trace, numerals, options.rows, layers=layers)
    return general_report(words, name, source, trace, numerals, options.rows, layers=layers)


def _write_arrays(network: Network, trace: Trace, options: ForwardOptions) -> None:
    """--npy: the output; --npz: the outputs by name, with --trace every tensor that the pass computed."""
    if options.npy is not None:
        if len(network.outputs) > 1:
            raise UsageFault("cli.usage.one-output", known=", ".join(network.outputs))
        file = io.BytesIO()
        np.save(file, _array(trace[network.outputs[0]]), allow_pickle=False)
        write_file(options.npy, file.getvalue())
    if options.npz is not None:
        names = [node.name for node in network.nodes] if options.trace else [*network.outputs]
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **{name: _array(trace[name]) for name in names})
        write_file(options.npz, file.getvalue())


def _array(tensor: Tensor) -> np.ndarray[Any, np.dtype[Any]]:
    """On the CPU; half precisions, of which NumPy lacks one, as float32."""
    return host_array(tensor) if tensor.is_floating_point() else tensor.cpu().numpy()
