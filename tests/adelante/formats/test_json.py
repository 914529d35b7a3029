"""Networks as JSON documents: what the API takes, with digits that give the same numbers back."""

import orjson
import torch
from hypothesis import given

from adelante.formats.json import network_to_document
from adelante.network.dense.network import DenseLayer, DenseNetwork
from app.api.read.checked import validated
from app.api.read.documents import NetworkDocument, network_in
from app.api.write.encode import encode_json
from app.compute.devices import dtype_named
from tests.adelante.formats.strategies import networks, same


@given(networks())
def test_the_document_is_one_that_the_api_reads_back_to_the_last_bit(network: DenseNetwork) -> None:
    text = encode_json(network_to_document(network))
    document = validated(NetworkDocument, orjson.loads(text))
    assert document.layers is not None
    assert same(network_in(document.layers, dtype_named(document.dtype)), network)


def test_digits_are_the_shortest() -> None:
    network = DenseNetwork([DenseLayer(torch.tensor([[0.1, -1 / 3]]), torch.zeros(2))])
    assert b"[[0.1,-0.33333334]]" in encode_json(network_to_document(network))
