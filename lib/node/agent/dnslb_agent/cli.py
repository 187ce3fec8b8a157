"""The command line of the agent."""

import argparse
import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import BinaryIO, TypeVar

from . import (
    announcer,
    bundle,
    bundle_file,
    bundle_server,
    caches,
    change,
    console,
    daemons,
    dns,
    drain,
    files,
    installation,
    interfaces,
    last_change,
    mobility,
    nagios,
    query,
    reader,
    ready,
    release,
    renewal,
    script_checks,
    script_runner,
    servers,
    services,
    staging,
    status,
    submit,
    upgrade,
    upkeep,
    watch,
)
from .errors import Failure, UnknownSchema
from .locking import locked
from .log import Deadline, log_error, log_info
from .manifest import Manifest
from .metrics import service as metrics
from .node import Node
from .top import run as top

N = TypeVar("N", int, float)

OK, REFUSED, USAGE, UNKNOWN_SCHEMA = 0, 1, 2, 3
READY_TIMEOUT = 15.0
LOCK_TIMEOUT = 60.0
NODE_TIMEOUT = 30.0
OTHERS_TIMEOUT = 3.0
CONSOLES = {daemon.name: daemon.console_help for daemon in daemons.DAEMONS if daemon.console_help}


class Arguments(argparse.Namespace):
    state: str
    run: str
    command: str
    service: str
    socket: str
    bundle: str
    secrets: str | None
    remove: bool
    interfaces: list[str]
    gateway: list[str]
    timeout: float
    format: str
    wait: float
    server: str | None
    pool: str | None
    now: bool
    json: bool
    packages: list[str] | None
    restart_only: bool
    force: bool
    words: list[str]
    name: str
    type: str
    flushed: str | None
    kind: str | None
    below: bool
    address: str
    transport: str
    interval: float
    count: int | None
    clients: int
    plain: bool


def main(words: list[str]) -> int:
    arguments = _parser().parse_args(words, namespace=Arguments())
    if arguments.command in ("drain", "undrain") and arguments.pool is not None and arguments.server is None:
        log_error("--pool needs a SERVER")
        return USAGE
    if arguments.command == "drain" and arguments.force and arguments.server is not None:
        log_error("--force drains the node, and cannot be given with a SERVER")
        return USAGE
    if arguments.command == "drain" and arguments.now and arguments.server is not None:
        log_error("--for-now drains the node, and cannot be given with a SERVER")
        return USAGE
    os.umask(0o027)
    # Nor do the daemons and their checkers: the memory of all of them holds secrets.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGTERM, _raise_interrupt)
    signal.signal(signal.SIGHUP, _raise_interrupt)
    try:
        _run_command(Node(os.path.abspath(arguments.state), os.path.abspath(arguments.run)), arguments)
    except Failure as failure:
        log_error(f"dns-lb-agent: {failure}")
        # Of the live release: a bundle is refused like any other.
        is_live = arguments.command not in ("validate", "apply")
        return UNKNOWN_SCHEMA if is_live and isinstance(failure, UnknownSchema) else REFUSED
    except OSError as error:
        log_error(f"dns-lb-agent: {error}")
        return REFUSED
    except KeyboardInterrupt:
        log_error("dns-lb-agent: interrupted")
        return REFUSED
    return OK


def _run_command(node: Node, arguments: Arguments) -> None:
    command = arguments.command
    if command == "run":
        # To be told to stop is no failure.
        with suppress(KeyboardInterrupt):
            services.run(node, arguments.service)
    elif command == "run-scripts":
        with suppress(KeyboardInterrupt):
            script_runner.serve(node)
    elif command == "check-scripts":
        _check_scripts(os.path.abspath(arguments.bundle))
    elif command == "watch":
        watch.run(node)
    elif command == "announce":
        if (ended := announcer.run(node)) != OK:
            raise SystemExit(ended)
    elif command == "metrics":
        with suppress(KeyboardInterrupt):
            metrics.run(node)
    elif command == "interfaces":
        interfaces.configure(interfaces.parse_arguments(arguments.interfaces), arguments.gateway)
    elif command == "serve":
        with suppress(KeyboardInterrupt):
            bundle_server.serve(node, os.path.abspath(arguments.socket))
    elif command == "submit":
        _submit(arguments)
    elif command == "uninstall":
        installation.uninstall()
    elif command == "validate":
        with staging.staged_bundle(node, _source(arguments)) as folder:
            change.validate(node, folder)
    elif command == "apply":
        with (
            last_change.recorded(node, command),
            staging.staged_bundle(node, _source(arguments)) as folder,
            locked(node, arguments.wait),
        ):
            drain.restore_requested_state(node)
            change.apply(node, folder, arguments.timeout)
            upkeep.publish(node, _live_manifest(node))
    elif command == "rollback":
        with last_change.recorded(node, command), locked(node, arguments.wait):
            drain.restore_requested_state(node)
            change.rollback(node, arguments.timeout)
            upkeep.publish(node, _live_manifest(node))
    elif command == "recover":
        with locked(node, arguments.wait):
            drain.restore_requested_state(node)
            for name in (change.MARKER, drain.REQUESTS_FILE, last_change.FILE):
                files.remove_temporary(node.state_path(name))
            change.recover(node)
    elif command == "upgrade":
        words = (arguments.packages, arguments.restart_only, arguments.force, arguments.timeout, arguments.wait)
        upgrade.run(node, upgrade.Request(*words))
    elif command == "clear":
        if release.current(node) is not None:
            services.clear(node, _live_manifest(node))
    elif command == "keep-drained":
        with locked(node, LOCK_TIMEOUT):
            servers.wait_and_reapply_drains(node, _live_manifest(node), arguments.service, Deadline(READY_TIMEOUT))
    elif command == "upkeep":
        with locked(node, arguments.wait):
            upkeep.make(node)
    elif command == "reload-secrets":
        with last_change.recorded(node, command), locked(node, arguments.wait):
            drain.restore_requested_state(node)
            renewal.reload(node, arguments.timeout)
    elif command == "ready" and arguments.format == "nagios":
        ended, line = nagios.check(node, arguments.timeout)
        log_info(line)
        raise SystemExit(ended)
    elif command == "ready":
        live = _live_manifest(node)
        ready.wait_until_ready(
            node, live.ready, [service.name for service in live.services], Deadline(arguments.timeout)
        )
        mobility.for_release(live).await_ready(node, Deadline(arguments.timeout))
        log_info(f"ready {release.current(node)}")
    elif command == "status":
        log_info(status.show(node, arguments.json))
        if os.geteuid() not in (0, os.stat(node.state).st_uid):
            log_error("dns-lb-agent: what only root may see is missing above: run this by sudo")
    elif command == "top":
        # To be told to stop is no failure.
        with suppress(KeyboardInterrupt):
            top.run(node, top.Request(arguments.interval, arguments.count, arguments.clients, arguments.plain))
    elif command == "check":
        log_info(console.check_live_release(node, _live_manifest(node)))
    elif command in CONSOLES:
        log_info(console.run_command(node, _live_manifest(node), command, " ".join(arguments.words)))
    elif command == "flush-cache":
        wanted = caches.Wanted(arguments.flushed, arguments.kind, arguments.below, arguments.pool)
        log_info(caches.flush(node, _live_manifest(node), wanted))
    elif command == "query":
        log_info(query.query_server(arguments.name, arguments.type, arguments.address, arguments.transport))
    else:
        with locked(node, arguments.wait):
            _drain(node, arguments, command == "drain")


def _check_scripts(folder: str) -> None:
    wrong = script_checks.problems(folder, reader.read(folder))
    if wrong:
        raise Failure("; ".join(wrong))


def _submit(arguments: Arguments) -> None:
    source = os.path.abspath(arguments.bundle)
    secrets = None if arguments.secrets is None else os.path.abspath(arguments.secrets)
    try:
        status = submit.submit(arguments.socket, _packer(source, secrets), arguments.wait)
    finally:
        for place in (source, secrets) if arguments.remove else ():
            if place is not None:
                submit.remove_files(place)
    if status != OK:
        # The output of the agent has given the reason.
        raise SystemExit(status)


def _packer(source: str, secrets: str | None) -> Callable[[BinaryIO], None]:
    """What writes a bundle, which is a directory or one file."""
    if os.path.isfile(source):
        return partial(bundle.pack_contents, bundle_file.read(source, secrets))
    if secrets is not None:
        raise Failure(f"{source}: not a file; only a bundle in one file has secrets in another")
    return partial(bundle.pack, source)


def _drain(node: Node, arguments: Arguments, drained: bool) -> None:
    live = _live_manifest(node)
    word = "drained" if drained else "undrained"
    if arguments.server is not None:
        pool, server = servers.find(live, arguments.server, arguments.pool)
        drain.set_requested(node, f"{pool}/{server.name}", drained)
        servers.set_drained(node, live, server, drained)
        log_info(f"{pool}/{server.name} {word}")
        return
    role = mobility.for_release(live)
    force = drained and arguments.force and role.can_be_forced
    if drained and role.can_be_forced and not (force or drain.is_drained(node)):
        reason = role.problem_of_others(node, live, OTHERS_TIMEOUT)
        if reason is not None:
            raise Failure(f"{reason}; nothing was changed; --force drains it all the same, and queries are lost then")
    if not (drained and arguments.now):
        drain.set_requested(node, drain.NODE, drained)
        drain.set_requested(node, drain.FORCED_NODE, force)
    drain.write_drain_file(node, drained, force)
    reason = role.await_handover(node) if drained else None
    if reason is not None:
        raise Failure(f"drained, but {reason}")
    log_info(
        f"node {word}"
        if role.has_failover
        else f"node {word}; it goes on answering, because no other node takes its addresses over"
    )


def _source(arguments: Arguments) -> str:
    """The source of a bundle: a directory, or standard input."""
    return arguments.bundle if arguments.bundle == staging.STDIN else os.path.abspath(arguments.bundle)


def _live_manifest(node: Node) -> Manifest:
    if release.current(node) is None:
        raise Failure("this node has no release yet")
    return reader.read(node.current_link)


def _raise_interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _number(kind: Callable[[str], N], least: N, most: N) -> Callable[[str], N]:
    """What reads a number of the command line, within limits."""

    def read(text: str) -> N:
        number = kind(text)
        # Not a number is not between any.
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"must be from {least} to {most}, got {text}")
        return number

    # The name in the message about a text that is none.
    read.__name__ = "number"
    return read


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dns-lb-agent",
        description="Runs the daemons of a node of a DNS load balancer, and changes their configuration.",
    )
    parser.add_argument("--state", default="/var/lib/dns-lb", metavar="DIR", help="holds the releases (%(default)s)")
    parser.add_argument(
        "--run", default="/run/dns-lb", metavar="DIR", help="holds sockets, pid files and track files (%(default)s)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="execute a daemon of the live release")
    run.add_argument("service", metavar="SERVICE")
    commands.add_parser("watch", help="check daemons and pools, as a service of the node")
    commands.add_parser("announce", help="announce the addresses of the node by BGP, as a service of the node")
    commands.add_parser("metrics", help="tell metrics at a socket, as a part of the agent")
    commands.add_parser("run-scripts", help="run the scripts that the watch sends to standard input")
    check_scripts = commands.add_parser("check-scripts", help="tell whether the node can run the scripts of a release")
    check_scripts.add_argument("bundle", metavar="DIR")
    serve = commands.add_parser("serve", help="apply the bundles that `submit` sends to a socket")
    submit_ = commands.add_parser("submit", help="send a bundle to the agent that serves a socket")
    for each in (serve, submit_):
        help_ = f"the default is {bundle_server.SOCKET}"
        each.add_argument("socket", nargs="?", default=bundle_server.SOCKET, metavar="SOCKET", help=help_)
    submit_.add_argument("bundle", metavar="BUNDLE", help="a directory, or one file of JSON")
    help_ = "of a bundle in one file: a file of JSON with paths and contents in base64"
    submit_.add_argument("--secrets", metavar="FILE", help=help_)
    help_ = f"seconds until the agent answers ({NODE_TIMEOUT:g})"
    submit_.add_argument("--wait", type=float, default=NODE_TIMEOUT, metavar="S", help=help_)
    submit_.add_argument("--remove", action="store_true", help="remove the files of the bundle afterwards")
    validate = commands.add_parser("validate", help="check a bundle by the daemons' own checkers")
    validate.add_argument("bundle", metavar="DIR", help="or - for a tar archive from standard input")
    apply = commands.add_parser("apply", help="activate a bundle, or change nothing")
    apply.add_argument("bundle", metavar="DIR", help="or - for a tar archive from standard input")
    rollback = commands.add_parser("rollback", help="activate the previous release")
    recover = commands.add_parser("recover", help="undo an interrupted change, before the daemons start")
    keep_up = commands.add_parser("upkeep", help="do what is due: change the keys of TLS session tickets")
    take = commands.add_parser("reload-secrets", help="take certificates and other secrets that are files of this node")
    renew = commands.add_parser("upgrade", help="install newer packages of the daemons, and restart these, drained")
    renew.add_argument("--packages", nargs="+", metavar="NAME", help="of these daemons only")
    renew.add_argument("--restart-only", action="store_true", help="install nothing; restart what is due")
    renew.add_argument("--force", action="store_true", help="also while no other node serves")
    commands.add_parser("clear", help="remove what the daemons left in the kernel, after they ended")
    commands.add_parser("uninstall", help="stop the node, and take it off its host")
    arrange = commands.add_parser("interfaces", help="name interfaces by their addresses, before the daemons start")
    arrange.add_argument("interfaces", nargs="+", metavar="NAME=ADDRESS", help="the first one has the default routes")
    help_ = "the router of the first interface, one for each family"
    arrange.add_argument("--gateway", action="append", default=[], metavar="ADDRESS", help=help_)
    wait_ready = commands.add_parser("ready", help="wait until the node answers")
    help_ = "for a plug-in of a monitor: one line with figures, and an exit status of 0 to 3"
    wait_ready.add_argument("--format", choices=["text", "nagios"], default="text", help=help_)
    drain_ = commands.add_parser("drain", help="hand over the addresses of the node, or drain a server")
    undrain = commands.add_parser("undrain", help="undo a drain")
    show = commands.add_parser("status", help="show the state of the node")
    watch_ = commands.add_parser("top", help="show what passes through the node now, and who asks the most")
    help_ = "seconds between two times (%(default)s)"
    watch_.add_argument("--interval", type=_number(float, 0.5, 3600), default=2.0, metavar="S", help=help_)
    help_ = "end after so many times, the last of which stays; otherwise by q, and without a terminal after the first"
    watch_.add_argument("--count", type=_number(int, 1, 1_000_000), metavar="N", help=help_)
    help_ = "how many clients to show (%(default)s)"
    watch_.add_argument("--clients", type=_number(int, 1, 1000), default=10, metavar="N", help=help_)
    watch_.add_argument("--plain", action="store_true", help="print text, as without a terminal")
    commands.add_parser("check", help="check the live release by the daemons' own checkers")
    for name, what in CONSOLES.items():
        ask = commands.add_parser(name, help=f"send a command to the running {name}")
        ask.add_argument("words", nargs="+", metavar="WORD", help=what)
    ask = commands.add_parser("query", help="query a DNS server from this node")
    ask.add_argument("name", metavar="NAME")
    ask.add_argument("type", metavar="TYPE", help=", ".join(dns.TYPES))
    ask.add_argument("address", metavar="@ADDRESS[#PORT]")
    for transport in ("tcp", "tls"):
        ask.add_argument(f"--{transport}", dest="transport", action="store_const", const=transport, default="udp")
    empty = commands.add_parser("flush-cache", help="take answers out of the caches of pools")
    empty.add_argument("flushed", nargs="?", metavar="NAME", help="of this name; all if omitted")
    empty.add_argument("--type", dest="kind", metavar="TYPE", help="of this type only")
    empty.add_argument("--below", action="store_true", help="and of the names below it")
    empty.add_argument("--pool", metavar="POOL", help="of this pool only")
    keep = commands.add_parser("keep-drained", help="drain servers again after the start of a daemon")
    keep.add_argument("service", choices=[daemon.name for daemon in daemons.DAEMONS if daemon.has_servers])

    for each in (apply, rollback, take, wait_ready, renew):
        help_ = f"seconds until the node answers ({READY_TIMEOUT:g})"
        each.add_argument("--timeout", type=float, default=READY_TIMEOUT, metavar="S", help=help_)
    for each in (apply, rollback, recover, keep_up, take, renew, drain_, undrain):
        help_ = f"seconds until other agents are done ({LOCK_TIMEOUT:g})"
        each.add_argument("--wait", type=float, default=LOCK_TIMEOUT, metavar="S", help=help_)
    for each in (drain_, undrain):
        help_ = "a server, or pool/server; the node if omitted"
        each.add_argument("server", nargs="?", metavar="SERVER", help=help_)
        each.add_argument("--pool", metavar="POOL")
    drain_.add_argument("--for-now", dest="now", action="store_true", help="until the node restarts")
    help_ = "also while no other node serves what this one announces"
    drain_.add_argument("--force", action="store_true", help=help_)
    show.add_argument("--json", action="store_true")
    return parser
