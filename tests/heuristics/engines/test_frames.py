import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from boundwise.core.errors import InputError
from boundwise.heuristics.engines.frames import Decoder, Frame, encode


@settings(deadline=None, max_examples=60)
@given(
    cuts=st.lists(st.integers(1, 40), min_size=1, max_size=20),
    x=hnp.arrays(np.float64, st.integers(0, 30)),
    flags=hnp.arrays(np.bool_, st.integers(0, 9)),
)
def test_frames_survive_any_cutting_of_the_stream(cuts, x, flags):
    sent = [
        Frame("solution", {"objective": 1.5}, {"x": x}),
        Frame("empty"),
        Frame("flags", {}, {"flags": flags, "x": x}),
    ]
    stream = b"".join(encode(frame) for frame in sent)
    decoder, received, place = Decoder(), [], 0
    for cut in cuts * (len(stream) // sum(cuts) + 1):
        received += decoder.feed(stream[place : place + cut])
        place += cut
    assert [frame.kind for frame in received] == ["solution", "empty", "flags"]
    assert received[0].fields == {"objective": 1.5}
    assert np.array_equal(received[0].arrays["x"], x, equal_nan=True)
    assert np.array_equal(received[2].arrays["flags"], flags)


@pytest.mark.parametrize(
    "data",
    [
        b"Traceback (most recent call last):",
        struct.pack("<4sIQ", b"BWF1", 2**30, 0),
        struct.pack("<4sIQ", b"BWF1", 2, 2**60),
        struct.pack("<4sIQ", b"BWF1", 2, 0) + b"[]",
        struct.pack("<4sIQ", b"BWF1", 4, 0) + b"\xff\xfe{}",
    ],
)
def test_bytes_that_are_no_frame_are_refused(data):
    with pytest.raises(InputError):
        list(Decoder().feed(data))


@pytest.mark.parametrize(
    "arrays", [[["x", "|O", 1]], [["x", "<f8", 9]], [["x", "<f8", -1]], [["x"]], 7]
)
def test_arrays_that_do_not_fit_their_header_are_refused(arrays):
    header = json.dumps({"kind": "solution", "fields": {}, "arrays": arrays}).encode()
    frame = struct.pack("<4sIQ", b"BWF1", len(header), 8) + header + b"\0" * 8
    with pytest.raises(InputError):
        list(Decoder().feed(frame))


def test_only_vectors_of_numbers_are_sent():
    with pytest.raises(InputError, match="'x'"):
        encode(Frame("solution", {}, {"x": np.array([object()])}))
    with pytest.raises(InputError, match="shape"):
        encode(Frame("solution", {}, {"x": np.zeros((2, 2))}))
