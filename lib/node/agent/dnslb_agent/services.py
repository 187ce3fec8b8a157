"""Starts the services of a node, and tells which changes need a restart."""

import hashlib
import os
import signal
import subprocess
import time
from typing import NoReturn

from . import daemons, files, limits, loopback, processes, reader, release, servers, track_files, users
from .commands import daemon_environment, spawn_agent
from .errors import Failure
from .log import log_error
from .manifest import Manifest, Service
from .node import Node

POLL = 0.05
RUN_MODE = 0o3770
# Where the watch is not in the group: it passes through to its results.
PASSED_RUN_MODE = 0o3771
# The daemons' user may open the files whose names it knows.
RESULTS_MODE = 0o771
DATA_MODE = 0o2770


def run(node: Node, name: str) -> NoReturn:
    """Waits for a live release that has the service, and executes its daemon in this process."""
    pid = os.getpid()
    # A handler of the agent would be taken for the handler of the daemon, see `handles_signal`.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    while True:
        service, live, begun = _wait_for_release(node, name)
        folder = node.release_path(begun)
        other = processes.find_running(node, name)
        if other is not None and other.pid != pid:
            _wait_for_exit(name, other)
            continue
        daemon = daemons.for_service(service)
        user = users.find(service.user)
        create_run_directory(node, live)
        if service.keeps_data:
            _create_data_directory(node, service, user)
        daemon.prepare(node, service, live)
        processes.record(node, name, fingerprint(folder, service), begun)
        # A change sets the link first and looks for processes then; here it is the other way round, so that no daemon
        # starts unseen with the release before.
        if release.current(node) == begun:
            break
    if daemon.has_servers and servers.drained_servers(node):
        _spawn_keep_drained(node, name)
    words = daemon.command(node, service)
    env = {**daemon_environment(os.path.realpath(folder)), **daemon.environment(node, service)}
    env.update(daemon.start_helper(node, live))
    limits.grant_descriptors(service)
    os.chdir("/")
    user.become(binds=daemon.binds_ports)
    try:
        os.execvpe(words[0], words, env)
    except OSError as error:
        raise Failure(f"cannot run {words[0]}: {error.strerror}") from error


def clear(node: Node, live: Manifest) -> None:
    """Removes what a node that has ended left in the kernel; it may be that of a host, which goes on."""
    for service in live.services:
        daemons.for_service(service).clear(live)
    loopback.leave(node)


def create_run_directory(node: Node, live: Manifest) -> None:
    """Creates the run directory: sticky, so that the daemons may add files and not remove those of the agent."""
    user = users.find(live.user)
    users.join_group(user)
    os.makedirs(node.run, mode=0o750, exist_ok=True)
    # Before anybody else may put something in its place.
    files.create_private_directory(node.private_path)
    _create_results_directory(node, live)
    users.share_with_group(node.run, user, RUN_MODE if live.watch.results is None else PASSED_RUN_MODE)


def fingerprint(folder: str, service: Service) -> str:
    """A digest of what takes effect at a start only: command, user, and the files that the daemon reads once."""
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


def _spawn_keep_drained(node: Node, name: str) -> None:
    """Starts `keep-drained` in the background."""
    spawn_agent(node, ["keep-drained", name], subprocess.DEVNULL)


def _create_data_directory(node: Node, service: Service, user: users.User) -> None:
    """Creates the data directory of a daemon."""
    users.join_group(user)
    data = os.path.join(node.state, "data")
    for folder, mode in ((data, release.FOLDER_MODE), (os.path.join(data, service.name), DATA_MODE)):
        os.makedirs(folder, mode=0o750, exist_ok=True)
        users.share_with_group(folder, user, mode)


def _create_results_directory(node: Node, live: Manifest) -> None:
    """Creates the directory in which the watch writes, and no daemon: a daemon that was taken over must not pass."""
    results = live.watch.results
    if results is None:
        return
    writer = users.find(results.user)
    users.join_group(writer)
    folder = track_files.watch_folder(node, live.watch)
    files.create_own_directory(folder)
    users.share_with_group(folder, writer, RESULTS_MODE)


def _wait_for_release(node: Node, name: str) -> "tuple[Service, Manifest, str]":
    """Waits for a live release that has the service. Reads each release once, so that its failure is logged once."""
    seen = ""
    while True:
        current = release.current(node)
        if current is not None and current != seen:
            seen = current
            try:
                live = reader.read(node.release_path(current))
                service = live.service(name)
                if service is not None:
                    return service, live, current
            except Failure as failure:
                log_error(f"{name} waits: release {current}: {failure}")
        time.sleep(POLL)


def _wait_for_exit(name: str, other: processes.Process) -> None:
    """Waits until a daemon ends that still runs although its supervisor was restarted."""
    log_error(f"{name} already runs as process {other.pid}; it is started again when that process ends")
    while other.is_alive():
        time.sleep(POLL)
