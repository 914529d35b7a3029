"""The whole picture: the pass's own numbers, every kind of network, and nothing of a stranger's as markup."""

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
import torch

import adelante
from adelante.code.comments import Names
from adelante.diagram import draw, tensors_drawn
from adelante.diagram.colours import edge_width, inks
from adelante.diagram.numbers import printed
from adelante.formats.json import network_from_document
from adelante.locale import LANGUAGES
from adelante.network.activations import ACTIVATIONS
from adelante.network.dense.network import DenseLayer, DenseNetwork
from adelante.network.errors import NetworkError
from adelante.network.forward import changed, forward
from adelante.network.network import Network, NetworkFault
from adelante.network.presets import PRESET_NAMES, chain_named, preset_named

SVG = "{http://www.w3.org/2000/svg}"


def picture(network: Network, inputs: Any, **options: Any) -> ET.Element:
    return ET.fromstring(draw(network, forward(network, inputs), **options))


def preset(name: str, **options: Any) -> ET.Element:
    found = preset_named(name)
    return picture(found.network, found.inputs, **options)


def texts(svg: ET.Element) -> list[str]:
    return ["".join(each.itertext()) for each in svg.iter(f"{SVG}text")]


def paths(svg: ET.Element, **wanted: str) -> list[Mapping[str, str]]:
    return [each.attrib for each in svg.iter(f"{SVG}path") if wanted.items() <= each.attrib.items()]


def chain(*sizes: int, seed: int = 0, activation: str = "tanh") -> DenseNetwork:
    random = torch.Generator().manual_seed(seed)
    return DenseNetwork(
        DenseLayer(
            torch.randn(n_in, n_out, generator=random) / math.sqrt(n_in),
            torch.randn(n_out, generator=random),
            ACTIVATIONS[activation],
        )
        for n_in, n_out in pairwise(sizes)
    )


def test_the_numbers_are_the_passs_own() -> None:
    found = chain_named("multilayer")
    trace = forward(found.network, found.inputs)
    said = texts(preset("multilayer"))
    for values in (found.inputs, *trace.activations):
        assert {printed("en", value) for value in values.tolist()} <= set(said)
    assert "0.3171" in said
    weights = found.network.layers[0].weights
    chosen = texts(preset("multilayer", selected=("layers.0.activations", (1,))))
    assert {printed("en", value) for value in weights[:, 1].tolist()} <= set(chosen)
    assert not {printed("en", value) for value in weights[:, 0].tolist()} & set(chosen)


def test_edges_say_the_sign_and_the_size_of_their_weights() -> None:
    weights = torch.tensor([[2.0, -0.5], [0.0, -30.0]])
    svg = picture(DenseNetwork([DenseLayer(weights, torch.zeros(2))]), torch.ones(2))
    drawn = [each for each in paths(svg) if "C" in each["d"] and "fill" not in each]
    assert [each["stroke"] for each in drawn] == [inks("light").line(value) for value in weights.flatten().tolist()]
    widths = [round(edge_width(value), 2) for value in weights.flatten().tolist()]
    assert [float(each["stroke-width"]) for each in drawn] == widths
    assert ["stroke-dasharray" in each for each in drawn] == [False, True, False, True]


def test_a_changed_weight_is_drawn_as_the_pass_has_it() -> None:
    found = chain_named("xor")
    trace = forward(found.network, found.inputs)
    other = changed(trace, {"layers.1.weights": torch.tensor([[123.0], [1.0]])})
    selected = ("layers.1.activations", (0,))
    said = texts(ET.fromstring(draw(found.network, other, selected=selected)))
    assert "123.00" in said
    assert "123.00" not in texts(ET.fromstring(draw(found.network, trace, selected=selected)))


def test_what_is_selected_is_ringed_and_other_edges_stand_back() -> None:
    def opacities(**options: Any) -> list[str]:
        groups = preset("xor", **options).iter(f"{SVG}g")
        return [each.attrib["stroke-opacity"] for each in groups if "stroke-opacity" in each.attrib]

    assert opacities() == ["0.5", "0.5"]
    # Of the two edges into each neuron of the first layer two lead there, two do not; nor do those after it.
    assert opacities(selected=("layers.0.pre_activations", (0,))) == ["0.12", "1", "0.12"]
    assert opacities(selected=("layers.1.activations", (0,))) == ["0.5", "1"]
    assert opacities(selected=("layers.1.weights", (1, 0))) == ["0.5", "0.12", "1"]
    rings = [each for each in preset("xor", selected=("inputs", (1,))).iter(f"{SVG}rect") if each.get("fill") == "none"]
    assert len(rings) == 1


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_every_preset_has_its_picture(name: str) -> None:
    for width, theme, language in ((1000, "light", "en"), (360, "dark", "es")):
        svg = preset(name, width=width, theme=theme, language=language)
        assert svg.get("role") == "img"
        assert svg.get("lang") == language
        assert svg.get("width") == str(width)
        title, description = svg[0], svg[1]
        assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
        assert title.text
        assert description.text
        assert svg[2].get("fill") == inks(theme).paper
        assert "nan" not in ET.tostring(svg, encoding="unicode")


def test_a_picture_is_the_same_to_the_byte() -> None:
    found = preset_named("digits-conv")
    one, other = (draw(found.network, forward(found.network, found.inputs)) for _ in range(2))
    assert one == other
    kept = forward(found.network, found.inputs, keep=tensors_drawn(found.network))
    assert draw(found.network, kept) == one
    batch = forward(found.network, torch.stack([found.inputs * 0, found.inputs]))
    assert draw(found.network, batch, row=1) == one
    with pytest.raises(NetworkFault, match="no row 2"):
        draw(found.network, batch, row=2)
    with pytest.raises(NetworkFault, match="kept less"):
        draw(found.network, forward(found.network, found.inputs, keep=()))


KNOWN = {"svg", "title", "desc", "rect", "circle", "path", "g", "text", "tspan", "linearGradient", "stop"}
HOSTILE = "<script>alert('x')</script>"


def test_names_of_a_stranger_are_text_and_nothing_else() -> None:
    layer = DenseLayer(torch.ones(2, 3), torch.zeros(3), name=f'"/>{HOSTILE}')
    names = Names((HOSTILE, "a&b\x00"), ('" onload="alert(1)', "]]>", "\ud800"), ())
    for count in (3, 20):
        wide = DenseNetwork([layer, DenseLayer(torch.ones(3, count), torch.zeros(count), name=HOSTILE)])
        svg = picture(wide, torch.ones(2), names=names)
        tags = {each.tag.removeprefix(SVG) for each in svg.iter()}
        assert tags <= KNOWN
        assert not any(key.startswith("on") or "href" in key for each in svg.iter() for key in each.attrib)
    document = {
        "input": {"shape": [1, 2, 2], "name": HOSTILE},
        "layers": [{"kind": "flatten", "name": HOSTILE, "module": f"a.{HOSTILE}"}],
    }
    network = network_from_document(document)
    assert any(HOSTILE[:7] in each for each in texts(picture(network, torch.ones(1, 2, 2))))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_no_number_is_said_by_its_name(language: str) -> None:
    weights = torch.tensor([[math.inf, -math.inf, math.nan]])
    said = texts(picture(DenseNetwork([DenseLayer(weights, torch.zeros(3))]), torch.ones(1), language=language))
    assert {"∞", "−∞", "NaN"} <= set(said)
    long = DenseNetwork([DenseLayer(torch.full((1, 20), math.nan), torch.zeros(20))])
    assert inks("light").alarm in draw(long, forward(long, torch.ones(1)), language=language)


def test_decimals_are_the_languages_own() -> None:
    assert "0.3171" in texts(preset("multilayer", language="en"))
    assert "0,3171" in texts(preset("multilayer", language="es"))
    assert not [each for each in texts(preset("multilayer", language="es")) if re.search(r"\d\.\d", each)]


def test_a_long_row_says_how_many_it_has_their_mean_and_the_largest() -> None:
    network = chain(784, 128, 10, activation="relu")
    inputs = torch.linspace(0, 1, 784)
    a = forward(network, inputs).activations[0]
    said = texts(picture(network, inputs))
    assert "784" in said
    assert "128 · relu" in said
    assert f"mean {printed('en', float(a.double().mean()))}" in said
    assert f"largest {printed('en', float(a.max()))} ({int(a.argmax()) + 1})" in said
    # Too many for edges: there is a band.
    assert not [each for each in paths(picture(network, inputs)) if "stroke-dasharray" in each]


def test_the_picture_of_a_very_wide_layer_is_small_and_says_what_it_sums_up() -> None:
    network = chain(4096, 4096)
    inputs = torch.linspace(-1, 1, 4096)
    svg = draw(network, forward(network, inputs))
    # 64 × 64 cells of the inputs, and 1024 of the layer.
    assert len(svg.encode()) < 100_000
    assert "means of 4" in texts(ET.fromstring(svg))


def test_a_deep_network_is_folded_and_says_what() -> None:
    network = chain(*[3] * 41)
    said = texts(picture(network, torch.ones(3), language="es"))
    assert {"capas 1 a 5", "5 capas", "capas 35 a 40", "6 capas"} <= set(said)
    said = texts(preset("sorting"))
    assert {"blocks.0", "26 layers"} <= set(said)


def test_of_many_maps_the_first_are_drawn_and_the_others_counted() -> None:
    convolution = {"kind": "conv2d", "weights": [[[[1.0]]]] * 32, "biases": [0.5] * 32}
    network = network_from_document({"input": {"shape": [1, 5, 5]}, "layers": [convolution]})
    svg = picture(network, torch.ones(1, 5, 5))
    assert "+ 24" in texts(svg)
    assert len([each for each in svg.iter(f"{SVG}g") if "scale(" in each.get("transform", "")]) == 1 + 8


def test_blocks_of_a_large_picture_are_their_means() -> None:
    network = network_from_document({"input": {"shape": [1, 256, 256]}, "layers": [{"kind": "mul", "other": 1}]})
    inputs = torch.zeros(1, 256, 256)
    inputs[0, 0, 0] = 16.0
    svg = picture(network, inputs)
    assert "means of 4 × 4" in texts(svg)
    assert {each["fill"] for each in paths(svg, d="M0 0h1v1h-1z")} == {inks("light").fill(1.0)}


def test_a_residual_connection_is_an_arc() -> None:
    layer = {"weights": [[1.0, 0.0], [0.0, 1.0]]}
    layers = [{**layer, "name": "first"}, {**layer, "name": "second"}, {"kind": "add", "inputs": ["first", "second"]}]
    chained = network_from_document({"input": {"shape": [2]}, "layers": layers[:2]})
    skipping = network_from_document({"input": {"shape": [2]}, "layers": layers})
    arrows = [paths(picture(each, torch.ones(2)), **{"stroke-width": "1.25"}) for each in (chained, skipping)]
    assert list(map(len, arrows)) == [0, 1]


def test_without_numbers_none_is_written() -> None:
    svg = preset("multilayer", values=False)
    assert not [each for each in texts(svg) if "." in each]
    assert "0.3171" not in (svg[1].text or "")
    assert "0.3171" in (preset("multilayer")[1].text or "")


def test_whole_numbers_have_no_decimals() -> None:
    said = texts(preset("sorting"))
    assert {str(token) for token in preset_named("sorting").inputs.tolist()} <= set(said)
    assert not [each for each in said if re.fullmatch(r"\d+\.0+", each)]


def test_classes_are_called_by_their_names_and_the_strongest_stands_out() -> None:
    found = chain_named("iris")
    names = Names(tuple(found.input_names), (), tuple(found.class_names))
    svg = picture(found.network, found.inputs, names=names)
    bold = ["".join(each.itertext()) for each in svg.iter(f"{SVG}text") if each.get("font-weight") == "600"]
    strongest = int(forward(found.network, found.inputs).outputs.argmax())
    assert found.class_names[strongest] in bold
    assert len(bold) == 2


def test_the_library_draws_by_its_own_name() -> None:
    found = chain_named("xor")
    trace = adelante.forward(found.network, found.inputs)
    assert adelante.draw(found.network, trace) == draw(found.network, trace)


@pytest.mark.parametrize("wrong", [{"width": 319}, {"width": 4097}, {"theme": "pink"}, {"language": "xx"}])
def test_an_option_that_there_is_not(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        preset("xor", **wrong)


def test_inputs_in_place_of_their_pass() -> None:
    found = chain_named("xor")
    with pytest.raises(TypeError, match=r"draw\(network, forward\(network, inputs\)\)"):
        draw(found.network, found.inputs)  # type: ignore[arg-type]


@pytest.mark.parametrize("selected", [("layers.9.activations", (0,)), ("inputs", (2,)), ("inputs", (0, 0))])
def test_a_cell_that_there_is_not(selected: tuple[str, tuple[int, ...]]) -> None:
    with pytest.raises(NetworkError):
        preset("xor", selected=selected)


def test_between_crowded_columns_layers_have_their_places_for_names() -> None:
    def heads(width: int) -> list[str]:
        """The first line over each column."""
        svg = picture(chain(16, 16, 12), torch.ones(16), width=width)
        lines = [each for each in svg.iter(f"{SVG}text") if each.get("y") == "20"]
        return ["".join(each.itertext()) for each in lines]

    assert heads(320) == ["x", "1", "y"]
    assert heads(1000) == ["Input layer", "Hidden layer", "Output layer"]


def test_a_few_cells_have_their_numbers_and_many_have_not() -> None:
    network = network_from_document({"input": {"shape": [2, 3]}, "layers": [{"kind": "softmax", "dim": -1}]})
    inputs = torch.tensor([[1.0, 2.0, 3.0], [0.5, -7.25, math.nan]])
    said = texts(picture(network, inputs))
    assert {"1.00", "2.00", "−7.25", "NaN"} <= set(said)
    assert "−7,25" in texts(picture(network, inputs, language="es"))
    wide = network_from_document({"input": {"shape": [12, 16]}, "layers": [{"kind": "softmax", "dim": -1}]})
    assert not [each for each in texts(picture(wide, torch.ones(12, 16))) if "." in each]


def test_what_is_selected_in_a_folded_layer_underlines_its_column() -> None:
    def underlined(**options: Any) -> int:
        return len([each for each in paths(preset("sorting", **options)) if each["d"].endswith("h48")])

    assert underlined() == 0
    assert underlined(selected=("layers.18.activations", (0, 0, 0))) == 1
    assert underlined(selected=("layers.3.weights", (0, 0))) == 1
    # The last of the folded ones is the one that is drawn.
    assert underlined(selected=("layers.27.activations", (0, 0))) == 0


def test_weights_are_said_where_they_have_room() -> None:
    def said(count: int) -> int:
        svg = picture(chain(count, 2), torch.ones(count), selected=("layers.0.activations", (0,)))
        return len([each for each in svg.iter(f"{SVG}text") if each.get("stroke-width") == "9"])

    assert [said(count) for count in (1, 5, 12, 13)] == [1, 5, 12, 0]


def test_biases_stand_beside_their_neurons_but_not_on_names() -> None:
    def biases(count: int, *names: str) -> int:
        svg = picture(chain(2, count), torch.ones(2), names=Names((), names))
        return len([each for each in texts(svg) if each.startswith("b ")])

    assert biases(2) == 2
    assert biases(8) == 8
    assert biases(8, *["a long name of an output"] * 8) == 0
    assert biases(16) == 0


def test_notes_of_neighbours_do_not_run_into_each_other() -> None:
    found = preset_named("digits-large")
    wide, narrow = (texts(picture(found.network, found.inputs, width=width, language="es")) for width in (1400, 700))
    assert "máximo 0,9777 (125)" in wide
    assert {"máximo", "0,9777 (125)"} <= set(narrow)
    assert "máximo 0,9777 (125)" not in narrow
