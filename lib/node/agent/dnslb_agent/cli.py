"""The command line of the agent."""

import argparse
import os
import signal

from . import (
    change,
    console,
    daemons,
    dns,
    drain,
    inbox,
    incoming,
    interfaces,
    mobility,
    query,
    reader,
    ready,
    release,
    servers,
    services,
    status,
    submit,
    watch,
)
from .errors import Failure
from .locking import locked
from .manifest import Manifest
from .node import Node
from .report import Deadline, complain, say

OK, REFUSED, USAGE = 0, 1, 2
READY_TIMEOUT = 15.0
LOCK_TIMEOUT = 60.0
NODE_TIMEOUT = 30.0
CONSOLES = {daemon.name: daemon.console for daemon in daemons.DAEMONS if daemon.console}


class Arguments(argparse.Namespace):
    state: str
    run: str
    command: str
    service: str
    socket: str
    bundle: str
    remove: bool
    interfaces: list[str]
    gateway: list[str]
    timeout: float
    wait: float
    server: str | None
    pool: str | None
    now: bool
    json: bool
    words: list[str]
    name: str
    type: str
    address: str
    transport: str


def main(words: list[str]) -> int:
    arguments = _parser().parse_args(words, namespace=Arguments())
    if arguments.command in ("drain", "undrain") and arguments.pool is not None and arguments.server is None:
        complain("--pool says where a server is, and no server was given")
        return USAGE
    if arguments.command == "drain" and arguments.now and arguments.server is not None:
        complain("--for-now is for the node, and a server was given")
        return USAGE
    os.umask(0o027)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        _do(Node(os.path.abspath(arguments.state), os.path.abspath(arguments.run)), arguments)
    except Failure as failure:
        complain(f"dns-lb-agent: {failure}")
        return REFUSED
    except OSError as error:
        complain(f"dns-lb-agent: {error}")
        return REFUSED
    except KeyboardInterrupt:
        complain("dns-lb-agent: interrupted")
        return REFUSED
    return OK


def _do(node: Node, arguments: Arguments) -> None:
    command = arguments.command
    if command == "run":
        services.run(node, arguments.service)
    elif command == "watch":
        watch.watch(node)
    elif command == "interfaces":
        interfaces.arrange(interfaces.parse(arguments.interfaces), arguments.gateway)
    elif command == "serve":
        inbox.serve(node, os.path.abspath(arguments.socket))
    elif command == "submit":
        _submit(arguments)
    elif command == "validate":
        with incoming.received(node, _source(arguments)) as folder:
            change.validate(node, folder)
    elif command == "apply":
        with incoming.received(node, _source(arguments)) as folder, locked(node, arguments.wait):
            drain.settle(node)
            change.apply(node, folder, arguments.timeout)
    elif command == "rollback":
        with locked(node, arguments.wait):
            drain.settle(node)
            change.rollback(node, arguments.timeout)
    elif command == "recover":
        with locked(node, arguments.wait):
            drain.settle(node)
            change.recover(node)
    elif command == "keep-drained":
        with locked(node, LOCK_TIMEOUT):
            servers.await_and_keep(node, _live(node), arguments.service, Deadline(READY_TIMEOUT))
    elif command == "ready":
        live = _live(node)
        ready.wait(node, live.ready, [service.name for service in live.services], Deadline(arguments.timeout))
        say(f"ready {release.current(node)}")
    elif command == "status":
        say(status.show(node, arguments.json))
    elif command == "check":
        say(console.check(node, _live(node)))
    elif command in CONSOLES:
        say(console.ask(node, _live(node), command, " ".join(arguments.words)))
    elif command == "query":
        say(query.ask(arguments.name, arguments.type, arguments.address, arguments.transport))
    else:
        with locked(node, arguments.wait):
            _drain(node, arguments, command == "drain")


def _submit(arguments: Arguments) -> None:
    bundle = os.path.abspath(arguments.bundle)
    try:
        status = submit.submit(arguments.socket, bundle, arguments.wait)
    finally:
        if arguments.remove:
            submit.remove(bundle)
    if status != OK:
        # The words of the node's agent were the reason.
        raise SystemExit(status)


def _drain(node: Node, arguments: Arguments, drained: bool) -> None:
    live = _live(node)
    word = "drained" if drained else "undrained"
    if arguments.server is not None:
        pool, server = servers.find(live, arguments.server, arguments.pool)
        drain.want(node, f"{pool}/{server.name}", drained)
        servers.set_drained(node, live, server, drained)
        say(f"{pool}/{server.name} {word}")
        return
    role = mobility.of(live)
    if not (drained and arguments.now):
        drain.want(node, drain.NODE, drained)
    drain.switch(node, drained)
    if drained and not role.await_handover(node):
        raise Failure("drained, but no other node took the virtual addresses")
    say(
        f"node {word}"
        if role.moves
        else f"node {word}; it goes on answering, because no other node takes its addresses over"
    )


def _source(arguments: Arguments) -> str:
    """Where a bundle comes from."""
    return arguments.bundle if arguments.bundle == incoming.STREAM else os.path.abspath(arguments.bundle)


def _live(node: Node) -> Manifest:
    if release.current(node) is None:
        raise Failure("this node has no release yet")
    return reader.read(node.current)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dns-lb-agent", description="Keeps a node of a DNS load balancer.")
    parser.add_argument("--state", default="/var/lib/dns-lb", metavar="DIR", help="holds the releases (%(default)s)")
    parser.add_argument("--run", default="/run/dns-lb", metavar="DIR", help="holds sockets and switches (%(default)s)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="become a daemon of the live release")
    run.add_argument("service", metavar="SERVICE")
    commands.add_parser("watch", help="tell how the node's daemons and pools do, as one of its daemons")
    serve = commands.add_parser("serve", help="apply the bundles that come in at a socket")
    submit_ = commands.add_parser("submit", help="hand a bundle to the agent at a socket")
    for each in (serve, submit_):
        each.add_argument("socket", metavar="SOCKET")
    submit_.add_argument("bundle", metavar="DIR")
    help_ = f"seconds until the agent answers ({NODE_TIMEOUT:g})"
    submit_.add_argument("--wait", type=float, default=NODE_TIMEOUT, metavar="S", help=help_)
    submit_.add_argument("--remove", action="store_true", help="remove the files of the bundle in the end")
    validate = commands.add_parser("validate", help="let the daemons judge a bundle")
    validate.add_argument("bundle", metavar="DIR", help="or - for a tar archive from standard input")
    apply = commands.add_parser("apply", help="make a bundle the live release, or change nothing")
    apply.add_argument("bundle", metavar="DIR", help="or - for a tar archive from standard input")
    rollback = commands.add_parser("rollback", help="make the previous release live again")
    recover = commands.add_parser("recover", help="undo a change that was cut short, before the daemons start")
    arrange = commands.add_parser("interfaces", help="name interfaces by their addresses, before the daemons start")
    arrange.add_argument("interfaces", nargs="+", metavar="NAME=ADDRESS", help="the first one leads out")
    help_ = "its router, one for each family"
    arrange.add_argument("--gateway", action="append", default=[], metavar="ADDRESS", help=help_)
    wait_ready = commands.add_parser("ready", help="wait until the node answers")
    drain_ = commands.add_parser("drain", help="hand the virtual addresses over, or take a server out")
    undrain = commands.add_parser("undrain", help="undo a drain")
    show = commands.add_parser("status", help="tell what the node does")
    commands.add_parser("check", help="let the daemons judge the live release")
    for name, what in CONSOLES.items():
        ask = commands.add_parser(name, help=f"ask the running {name}")
        ask.add_argument("words", nargs="+", metavar="WORD", help=what)
    ask = commands.add_parser("query", help="ask a DNS server from here")
    ask.add_argument("name", metavar="NAME")
    ask.add_argument("type", metavar="TYPE", help=", ".join(dns.TYPES))
    ask.add_argument("address", metavar="@ADDRESS[#PORT]")
    for transport in ("tcp", "tls"):
        ask.add_argument(f"--{transport}", dest="transport", action="store_const", const=transport, default="udp")
    keep = commands.add_parser("keep-drained", help="drain servers again when a daemon is up that was started")
    keep.add_argument("service", choices=[daemon.name for daemon in daemons.DAEMONS if daemon.has_servers])

    for each in (apply, rollback, wait_ready):
        help_ = f"seconds until the node answers ({READY_TIMEOUT:g})"
        each.add_argument("--timeout", type=float, default=READY_TIMEOUT, metavar="S", help=help_)
    for each in (apply, rollback, recover, drain_, undrain):
        help_ = f"seconds until other agents are done ({LOCK_TIMEOUT:g})"
        each.add_argument("--wait", type=float, default=LOCK_TIMEOUT, metavar="S", help=help_)
    for each in (drain_, undrain):
        help_ = "a server, or pool/server; the node if there is none"
        each.add_argument("server", nargs="?", metavar="SERVER", help=help_)
        each.add_argument("--pool", metavar="POOL")
    drain_.add_argument("--for-now", dest="now", action="store_true", help="until the node is started again")
    show.add_argument("--json", action="store_true")
    return parser
