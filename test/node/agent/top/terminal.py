"""
Runs a program at a terminal, as an operator does: waits for texts, then sends keys or signals or changes the size.
Tells all that the program wrote, how it ended, and whether the terminal is as it was.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

TIMEOUT = 30.0


def main() -> None:
    given = json.loads(sys.argv[1])
    master, slave = pty.openpty()
    resize(slave, given["size"])
    before = termios.tcgetattr(slave)
    program = subprocess.Popen(
        given["words"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, **given["env"]},
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    output = ""
    seen = 0
    for step in given["steps"]:
        found = -1
        end = time.monotonic() + TIMEOUT
        while found < 0 and time.monotonic() < end and program.poll() is None:
            output += read(master)
            found = output.find(step["until"], seen)
        seen = len(output) if found < 0 else found + len(step["until"])
        time.sleep(step.get("after", 0.0))
        if "keys" in step:
            os.write(master, step["keys"].encode())
        if "size" in step:
            resize(slave, step["size"])
        if "signal" in step:
            program.send_signal(signal.Signals[step["signal"]])
    end = time.monotonic() + TIMEOUT
    while program.poll() is None and time.monotonic() < end:
        output += read(master)
    output += read(master)
    is_stuck = program.poll() is None
    if is_stuck:
        program.kill()
        program.wait()
    restored = termios.tcgetattr(slave) == before
    print(json.dumps({"output": output, "status": None if is_stuck else program.returncode, "restored": restored}))


def resize(terminal: int, size: "list[int]") -> None:
    columns, lines = size
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def read(master: int) -> str:
    text = b""
    while select.select([master], [], [], 0.05)[0]:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        text += part
    return text.decode("utf-8", "replace")


main()
