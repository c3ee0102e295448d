"""Where lines go: whole, in order with what others write, whatever stands at the other end."""

from __future__ import annotations

import io
import os
import threading
from contextlib import redirect_stdout, suppress
from pathlib import Path

import pytest

from sms_observability.logs.output import Output


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "ascii", "latin-1", "utf-16"])
def test_a_line_is_in_the_file_at_once(tmp_path: Path, encoding: str) -> None:
    """In the encoding of the stream, after what others have written to it; what it cannot say is escaped."""
    path = tmp_path / "lines"
    with path.open("w", encoding=encoding) as stream:
        output = Output(stream)
        for number in range(3):
            stream.write(f"{number}: ")
            output.write('{"part":"Dichtung für €"}\n')
        said = path.read_text(encoding)
    text = "Dichtung f\\u00fcr \\u20ac" if encoding in {"ascii", "latin-1"} else "Dichtung für €"
    assert said == "".join(f'{number}: {{"part":"{text}"}}\n' for number in range(3))


def test_a_line_longer_than_a_pipe_holds_arrives_whole() -> None:
    """Whoever reads slowly gets all of it."""
    reading, writing = os.pipe()
    got = bytearray()

    def read() -> None:
        while piece := os.read(reading, 4096):
            got.extend(piece)

    reader = threading.Thread(target=read)
    reader.start()
    with open(writing, "w", encoding="utf-8") as stream:  # noqa: PTH123  # a descriptor
        output = Output(stream)
        output.write("ü" * 300_000 + "\n")
        output.write("end\n")
    reader.join(60)
    os.close(reading)
    assert got.decode() == "ü" * 300_000 + "\nend\n"


def test_a_pipe_that_would_make_the_caller_wait_does_not() -> None:
    """What a full pipe that does not block cannot take is no longer waited for; nothing raises."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    os.set_blocking(reading, False)
    with open(writing, "w", encoding="utf-8") as stream:  # noqa: PTH123  # a descriptor
        output = Output(stream)
        for _ in range(3):
            output.write("x" * 100_000 + "\n")
        with suppress(BlockingIOError):
            while piece := os.read(reading, 65536):
                assert set(piece) <= set(b"x\n")
    os.close(reading)


def test_lines_of_many_threads_do_not_mix(tmp_path: Path) -> None:
    """Each line stands alone."""
    path = tmp_path / "lines"
    with path.open("w", encoding="utf-8") as stream:
        output = Output(stream)

        def write(letter: str) -> None:
            for _ in range(200):
                output.write(letter * 500 + "\n")

        threads = [threading.Thread(target=write, args=(letter,)) for letter in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    lines = path.read_text().splitlines()
    assert sorted(lines) == sorted(letter * 500 for letter in "abcd" for _ in range(200))


def test_standard_output_is_whatever_it_is_at_that_moment(tmp_path: Path) -> None:
    """A stream that takes its place, of any kind, gets the lines, and it gives them back."""
    output = Output(None)
    memory = io.StringIO()
    path = tmp_path / "lines"
    with redirect_stdout(memory):
        output.write("one\n")
        with path.open("w", encoding="utf-8") as stream, redirect_stdout(stream):
            output.write("two\n")
        output.write("three\n")
    assert memory.getvalue() == "one\nthree\n"
    assert path.read_text() == "two\n"


@pytest.mark.parametrize("close", ["stream", "file", "detach"])
def test_a_stream_that_is_closed_is_nobodys_trouble(tmp_path: Path, close: str) -> None:
    """The line is lost, and nothing raises."""
    path = tmp_path / "lines"
    stream = path.open("w", encoding="utf-8")
    output = Output(stream)
    output.write("one\n")
    if close == "stream":
        stream.close()
    elif close == "file":
        stream.buffer.close()
    else:
        stream.detach().close()
    output.write("two\n")
    assert path.read_text() == "one\n"
    with suppress(ValueError):
        stream.close()
