"""
terminal.py COLUMNS PROGRAM ARGUMENT...: runs a program whose standard error is a terminal of so many columns, and tells
its status and what it wrote to both streams, as JSON.
"""

import json
import os
import subprocess
import sys
import termios
from contextlib import suppress

columns, program = int(sys.argv[1]), sys.argv[2:]
mine, theirs = os.openpty()
termios.tcsetwinsize(theirs, (24 if columns else 0, columns))
process = subprocess.Popen(program, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs)
os.close(theirs)
written = bytearray()
# EIO when nobody has the other end any more.
with suppress(OSError):
    while part := os.read(mine, 65536):
        written += part
assert process.stdout is not None
said = {"status": process.wait(), "stdout": process.stdout.read().decode(), "stderr": written.decode()}
print(json.dumps(said))
