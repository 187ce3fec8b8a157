"""
A control socket on which each command is one line, and each line of an answer begins with a number of four digits; a
blank after the number ends the answer. It may hang, drip, or print anything: all of it has one time limit.
"""

import re
import socket
from collections.abc import Sequence
from typing import NamedTuple

from .errors import Failure
from .log import Deadline

NUMBERED = re.compile(r"(\d{4})([ -])(.*)")
# Bytes of an answer.
LARGEST = 4 * 1024 * 1024
GREETING = 1
FIRST_ERROR = 8000


class Line(NamedTuple):
    number: int
    text: str


class Reply(NamedTuple):
    """The answer to one command."""

    # The number of its last line.
    number: int
    lines: list[Line]

    @property
    def is_error(self) -> bool:
        return self.number >= FIRST_ERROR

    @property
    def text(self) -> str:
        """What it says, in one line."""
        return "; ".join(line.text.strip() for line in self.lines if line.text.strip())


def ask(path: str, commands: Sequence[str], timeout: float) -> list[Reply]:
    """Sends commands one after the other. Raises OSError if the socket is not there, or silent for so many seconds."""
    deadline = Deadline(timeout)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(path)
        reader = _Reader(connection, deadline)
        greeting = reader.read()
        if greeting.number != GREETING:
            raise Failure(f"{path}: an unknown greeting: {greeting.text or greeting.number}")
        replies: list[Reply] = []
        for command in commands:
            connection.sendall(f"{command}\n".encode())
            replies.append(reader.read())
        return replies


class _Reader:
    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self._rest = b""

    def read(self) -> Reply:
        lines: list[Line] = []
        number = 0
        size = 0
        while True:
            text = self._line()
            size += len(text)
            if size > LARGEST:
                raise Failure("an answer of the control socket has no end")
            found = NUMBERED.fullmatch(text)
            if found is not None:
                number = int(found[1])
                lines.append(Line(number, found[3]))
                if found[2] == " ":
                    return Reply(number, lines)
            elif text.startswith(" ") or not text:
                lines.append(Line(number, text[1:]))
            elif not text.startswith("+"):
                # What begins with "+" is a message of its log.
                raise Failure("the control socket said what is no answer")

    def _line(self) -> str:
        while b"\n" not in self._rest:
            remaining = self._deadline.remaining()
            if remaining <= 0:
                raise TimeoutError("timed out")
            self._connection.settimeout(remaining)
            part = self._connection.recv(65536)
            if not part:
                raise ConnectionError("it closed the connection")
            self._rest += part
            if len(self._rest) > LARGEST:
                raise Failure("a line of the control socket has no end")
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")
