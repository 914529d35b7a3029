"""A JSON file as a network: the document that the API takes and gives."""

import orjson

from adelante.formats.json.reading import network_from_document
from adelante.formats.json.writing import check_ranks
from adelante.formats.opened import File, Opened
from adelante.network.dense.chain import dense_chain
from adelante.network.errors import Fault, NetworkError

_MARK = b"\xef\xbb\xbf"


def opened_from_json(file: File) -> Opened:
    """The network of a document with `layers`. Raises NetworkError."""
    try:
        document = orjson.loads(bytes(file.data).removeprefix(_MARK))
    except orjson.JSONDecodeError as error:
        values = {"line": error.lineno, "column": error.colno, "reason": error.msg[:200]}
        raise NetworkError(Fault("invalid-json", "not-json", "", values)) from None
    network = network_from_document(document)
    check_ranks(network)
    return Opened(dense_chain(network) or network)
