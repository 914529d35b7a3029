"""Networks as JSON documents, both ways: what the API takes and gives, and the only place that reads or writes them."""

from adelante.formats.json.dense import network_to_document
from adelante.formats.json.reading import network_from_document
from adelante.formats.json.writing import check_names, check_ranks, document_of

__all__ = ["check_names", "check_ranks", "document_of", "network_from_document", "network_to_document"]
