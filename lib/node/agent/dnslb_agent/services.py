"""The services of a node: becoming one, and what it cannot take up while it runs."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from typing import NoReturn

from . import daemons, processes, reader, release, servers, users
from .commands import environment
from .errors import Failure
from .manifest import Manifest, Service
from .node import Node
from .report import complain

POLL = 0.05
RUN_MODE = 0o3770
DATA_MODE = 0o2770


def run(node: Node, name: str) -> NoReturn:
    """Becomes the service of the live release, as soon as there is one that has it."""
    pid = os.getpid()
    # A handler of ours would look like the daemon's.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    while True:
        service, live, begun = _await(node, name)
        folder = node.release(begun)
        other = processes.find(node, name)
        if other is not None and other.pid != pid:
            _await_end(name, other)
            continue
        daemon = daemons.of(service)
        user = users.find(service.user)
        prepare(node, live)
        if service.keeps_data:
            _keep_data(node, service, user)
        daemon.prepare(node, service, live)
        processes.note(node, name, fingerprint(folder, service), begun)
        # Who makes a release live looks for processes afterwards: either is seen by the other.
        if release.current(node) == begun:
            break
    if daemon.has_servers and servers.drained(node):
        _drain_again(node, name)
    words = node.fill(service.command, node.current)
    env = {**environment(os.path.realpath(folder)), **daemon.environment(node)}
    os.chdir("/")
    user.become(binds=daemon.binds)
    try:
        os.execvpe(words[0], words, env)
    except OSError as error:
        raise Failure(f"cannot run {words[0]}: {error.strerror}") from error


def prepare(node: Node, live: Manifest) -> None:
    """Makes the directory of sockets: the daemons may add to it, and take nothing of ours away."""
    user = users.find(live.user)
    users.join(user)
    os.makedirs(node.run, mode=0o750, exist_ok=True)
    users.share(node.run, user, RUN_MODE)


def fingerprint(folder: str, service: Service) -> str:
    """What a process cannot change while it runs: command, user and the files that it reads only once."""
    words = [service.user, *service.command]
    if service.start_settings:
        words.append(service.start_settings)
    digest = hashlib.sha256("\0".join(words).encode())
    for path in sorted(service.restart_on):
        digest.update(b"\0" + path.encode() + b"\0")
        try:
            with open(os.path.join(folder, path), "rb") as file:
                digest.update(file.read())
        except OSError:
            pass
    return digest.hexdigest()[:16]


def _drain_again(node: Node, name: str) -> None:
    """Starts an agent that drains servers when the daemon is up, as a process that is no child of the daemon."""
    child = os.fork()
    if child == 0:
        try:
            words = [sys.argv[0], "--state", node.state, "--run", node.run, "keep-drained", name]
            subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _keep_data(node: Node, service: Service, user: users.User) -> None:
    """Makes the directory that a daemon may write to."""
    users.join(user)
    data = os.path.join(node.state, "data")
    for folder, mode in ((data, release.FOLDER_MODE), (os.path.join(data, service.name), DATA_MODE)):
        os.makedirs(folder, mode=0o750, exist_ok=True)
        users.share(folder, user, mode)


def _await(node: Node, name: str) -> "tuple[Service, Manifest, str]":
    """Waits for a live release that has the service, and reads each release once."""
    seen = ""
    while True:
        current = release.current(node)
        if current is not None and current != seen:
            seen = current
            try:
                live = reader.read(node.release(current))
                service = live.service(name)
                if service is not None:
                    return service, live, current
            except Failure as failure:
                complain(f"{name} waits: release {current}: {failure}")
        time.sleep(POLL)


def _await_end(name: str, other: processes.Process) -> None:
    """Waits for a daemon that has outlived its supervisor."""
    complain(f"{name} runs already, as process {other.pid}; it is started again when that ends")
    while other.alive():
        time.sleep(POLL)
