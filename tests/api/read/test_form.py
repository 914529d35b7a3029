"""What a form holds: its files in their order, and the choices of whoever sends it."""

import json
from typing import Any

import pytest

from adelante.network.errors import NetworkError
from app.api.http.body import Body
from app.api.read import choices
from app.api.read.choices import choices_of
from app.api.read.form import Form, form_in
from app.api.read.query import one_of

TYPE = b"multipart/form-data; boundary=limit"


def part(name: str, content: bytes, *more: str) -> bytes:
    head = [f'Content-Disposition: form-data; name="{name}"' + "".join(f"; {each}" for each in more)]
    return "\r\n".join(["--limit", *head, "", ""]).encode() + content + b"\r\n"


def read(*parts: bytes, end: bytes = b"--limit--\r\n") -> Form:
    body: Body = b"".join(parts) + end
    return form_in(TYPE, body)


def contents(form: Form) -> list[tuple[str | None, bytes]]:
    return [(name, bytes(content[:])) for name, content in form.files]


def test_files_come_in_their_order_by_names_without_folders() -> None:
    form = read(
        part("file", b"\x00\r\nfirst", 'filename="C:\\nets\\net.onnx"'), part("file", b"", 'filename="a/b/ñ.data"')
    )
    assert contents(form) == [("net.onnx", b"\x00\r\nfirst"), ("ñ.data", b"")]
    assert form.choices == {}
    assert contents(read(part("file", b"x"))) == [(None, b"x")]
    assert contents(read(part("file", b"x", 'filename=""'))) == [(None, b"x")]
    ((name, _),) = contents(read(part("file", b"x", f'filename="{"n" * 300}"')))
    assert name == "n" * 200
    assert contents(read(part("file", b"x", 'filename="net.onnx"'), part("file", b"y"))) == [
        ("net.onnx", b"x"),
        (None, b"y"),
    ]


@pytest.mark.parametrize("before", [[], [part("file", b"{}")], [part("choices", b"{}")]])
@pytest.mark.parametrize(
    ("header", "name"),
    [
        (b"Content-Type: text/plain", ""),
        (b"Content-Disposition: form-data", ""),
        (b'Content-Disposition: form-data; name="\xff"', "\ufffd"),
    ],
)
def test_a_parts_name_is_its_own_and_not_that_of_the_one_before(before: list[bytes], header: bytes, name: str) -> None:
    with pytest.raises(NetworkError) as caught:
        read(*before, b"--limit\r\n" + header + b"\r\n\r\nx\r\n")
    assert (caught.value.faults[0].key, caught.value.faults[0].values["name"]) == ("form-field", name)


def test_a_files_name_that_is_no_text_keeps_what_is() -> None:
    header = b'--limit\r\nContent-Disposition: form-data; name="file"; filename="\xff.onnx"\r\n\r\n'
    assert contents(read(header + b"x\r\n")) == [("\ufffd.onnx", b"x")]


@pytest.mark.parametrize("size", [1, 7, 64])
def test_a_form_is_the_same_wherever_it_is_cut(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr("app.api.read.form._PIECE", size)
    form = read(part("file", b"first", 'filename="net.onnx"'), part("choices", b'{"a": 1}'), part("file", b"second"))
    assert (contents(form), form.choices) == ([("net.onnx", b"first"), (None, b"second")], {"a": 1})


@pytest.mark.parametrize("type_", [b"multipart/form-data", b'multipart/form-data; boundary=""'])
def test_a_form_without_a_boundary_is_broken(type_: bytes) -> None:
    with pytest.raises(NetworkError) as caught:
        form_in(type_, part("file", b"x").replace(b"limit", b"") + b"----\r\n")
    assert caught.value.faults[0].key == "form-broken"


def test_a_large_file_is_the_bytes_that_came() -> None:
    content = bytes(range(256)) * 3000
    assert contents(read(part("file", content))) == [(None, content)]


def test_choices_may_stand_before_or_after_the_file() -> None:
    said = json.dumps({"order": ["a", "b"]}).encode()
    for parts in ([part("choices", said), part("file", b"x")], [part("file", b"x"), part("choices", said)]):
        form = read(*parts)
        assert (form.choices, contents(form)) == ({"order": ["a", "b"]}, [(None, b"x")])
    longest = b'{"a": "%s"}' % (b"x" * (choices.LONGEST - 9))
    assert len(longest) == choices.LONGEST
    assert list(read(part("choices", longest), part("file", b"x")).choices) == ["a"]
    with pytest.raises(NetworkError) as caught:
        read(part("choices", longest + b" "), part("file", b"x"))
    (fault,) = caught.value.faults
    assert (fault.key, fault.pointer) == ("string-too-long", "/choices")
    assert fault.values == {"name": "choices", "limit": choices.LONGEST}


@pytest.mark.parametrize(
    ("parts", "type", "key", "pointer"),
    [
        ([], "invalid-value", "form-broken", ""),
        ([part("choices", b"{}")], "missing-field", "form-without-file", "/file"),
        ([part("choices", b"{}")] * 2, "invalid-value", "form-choices-twice", ""),
        ([part("file", b"x")] * 3, "invalid-value", "form-three-files", ""),
        ([part("model", b"x")], "unknown-field", "form-field", ""),
        ([part("choices", b"[]"), part("file", b"x")], "invalid-value", "choices-not-json", "/choices"),
    ],
)
def test_a_form_that_is_no_network_is_told_so(parts: list[bytes], type: str, key: str, pointer: str) -> None:
    with pytest.raises(NetworkError) as caught:
        read(*parts, end=b"--limit--\r\n" if parts else b"nothing")
    (fault,) = caught.value.faults
    assert (fault.type, fault.key, fault.pointer) == (type, key, pointer)


def test_a_form_that_breaks_off_is_broken() -> None:
    for cut in (b"", b"--lim"):
        with pytest.raises(NetworkError) as caught:
            read(part("file", b"x"), end=cut)
        assert caught.value.faults[0].key == "form-broken"


def test_a_field_that_is_none_is_told_with_those_that_there_are() -> None:
    with pytest.raises(NetworkError) as caught:
        read(part("m" * 200, b"x"))
    assert caught.value.faults[0].values == {"name": "m" * 100, "known": ["file", "choices"]}


@pytest.mark.parametrize("text", ["", "{", "[]", "1", b"\xff"])
def test_choices_are_one_json_object(text: Any) -> None:
    with pytest.raises(NetworkError) as caught:
        choices_of(text)
    assert caught.value.faults[0].pointer == "/choices"
    assert choices_of(None) == {}
    assert choices_of('{"a": 1}') == choices_of(b'{"a": 1}') == {"a": 1}


def test_a_parameter_of_an_address_is_one_of_a_few() -> None:
    known = ("adelante", "torch")
    assert one_of({}, "names", known) == "adelante"
    assert one_of({"names": "torch"}, "names", known) == "torch"
    for value in ("", "TORCH", "adelante, torch"):
        with pytest.raises(NetworkError) as caught:
            one_of({"names": value}, "names", known)
        (fault,) = caught.value.faults
        assert (fault.type, fault.key) == ("invalid-value", "not-one-of")
        assert (fault.pointer, fault.values) == ("/names", {"name": "names", "expected": "adelante, torch"})
