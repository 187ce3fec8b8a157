"""
A daemon with the control socket of BIRD, for tests: it does what the file `mode` beside its configuration says, and
writes to the journal what it was told to announce.
"""

import contextlib
import os
import signal
import socket
import sys
import threading
import time

options = dict(zip(sys.argv[2::2], sys.argv[3::2], strict=True))
folder = os.environ["FAKE_BIRD"]
announcement = os.path.join(os.path.dirname(options["-s"]), "announcement.conf")


def mode():
    try:
        with open(os.path.join(folder, "mode")) as file:
            return file.read()
    except OSError:
        return ""


def said():
    with open(announcement) as file:
        words = file.read().split()
    return " ".join(word.rstrip(";") for word in words if word.rstrip(";").isdigit())


def journal(text):
    with open(os.path.join(folder, "journal"), "a") as file:
        file.write(f"{text}\n")


def sessions():
    told = 0 if said().endswith(" 2") and "keeps" not in mode() else 1
    is_up = "down" not in mode()
    state = "Established" if is_up else "Active"
    exported = f"Routes:         0 imported, {told} exported, 0 preferred" if is_up else "Output filter:  announce"
    return f"""2002-Name       Proto      Table      State  Since         Info
1002-device1    Device     ---        up     2026-11-30 17:46:04.023
1002-router1    BGP        ---        up     2026-11-30 17:46:04.023  {state}
1006-  BGP state:          {state}
     Neighbor address: 192.0.2.1
   Channel ipv4
     State:          UP
     {exported}

0000 \n"""


def answer(command):
    if command == "configure":
        if "refuse" in mode():
            return "0002-Reading configuration from bird.conf\n8002 bird.conf:1:1 syntax error\n"
        journal(f"told {said()}")
        return "0002-Reading configuration from bird.conf\n0003 Reconfigured\n"
    if command == "show protocols all":
        return sessions()
    return "1020-bfd1:\n 192.0.2.1   eth0   Up   2026-11-30 17:46:04.033    0.300    0.900\n0000 \n"


def serve(connection):
    if "hang" in mode():
        time.sleep(1000)
    if "drip" in mode():
        while True:
            connection.sendall(b"0001-x\n")
            time.sleep(0.1)
    if "garbage" in mode():
        connection.sendall(b"\xff\x00 nothing of the kind\n" * 100)
        return
    connection.sendall(b"0001 BIRD 2.0.12 ready.\n")
    with connection.makefile() as lines:
        for line in lines:
            connection.sendall(answer(line.strip()).encode())


def main():
    signal.signal(signal.SIGTERM, lambda *_: (journal("stopped"), os._exit(0)))
    journal(f"started {said()}")
    with open(options["-P"], "w") as file:
        file.write(f"{os.getpid()}\n")
    server = socket.socket(socket.AF_UNIX)
    server.bind(options["-s"])
    server.listen()
    while True:
        threading.Thread(target=quiet, args=(serve, server.accept()[0]), daemon=True).start()


def quiet(function, connection):
    with contextlib.suppress(OSError):
        function(connection)
    connection.close()


main()
