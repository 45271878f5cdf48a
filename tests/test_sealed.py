"""A sealed file holds what was written, or is refused."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sealed import SEAL, seal_of, sealed, unsealed

FORM = b"form 1\n"


def write(path: Path, body: bytes) -> bytes:
    with sealed(path, FORM) as file:
        file.write(body)
    return path.read_bytes()


@given(st.binary(max_size=200))
def test_what_is_written_is_read_again(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "below", "a.file")
        data = write(path, body)
        assert data.startswith(FORM) and seal_of(path, FORM) == data[len(FORM) :][:SEAL]
        with unsealed(path, FORM) as file:
            assert file.read() == body
        assert [it.name for it in path.parent.iterdir()] == ["a.file"]


@given(st.binary(min_size=1, max_size=60), st.data())
def test_one_other_byte_and_one_byte_less_are_refused(body: bytes, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.file")
        whole = write(path, body)
        place = data.draw(st.integers(0, len(whole) - 1))
        other = whole[place] ^ data.draw(st.integers(1, 255))
        for damaged in (whole[:place] + bytes([other]) + whole[place + 1 :], whole[:place], whole + b"\0"):
            path.write_bytes(damaged)
            with pytest.raises(ValueError, match="not as it was written"), unsealed(path, FORM):
                pass


def test_an_error_in_the_midst_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.file"
    old = write(path, b"old")
    with pytest.raises(KeyError), sealed(path, FORM) as file:
        file.write(b"new")
        raise KeyError
    assert path.read_bytes() == old
    assert [it.name for it in tmp_path.iterdir()] == ["a.file"]
