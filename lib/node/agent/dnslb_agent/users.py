"""The users that daemons run as, and acting as one of them."""

import contextlib
import os
import pwd
import signal
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from . import capabilities
from .errors import Failure


class User(NamedTuple):
    name: str
    uid: int
    gid: int
    groups: list[int]

    def is_current(self) -> bool:
        return os.geteuid() == self.uid

    def become(self, binds: bool = False) -> None:
        """Switches this process to the user for good; with `binds` it may still bind ports below 1024."""
        if self.is_current():
            return
        keeps = binds and capabilities.low_ports_need_capability()
        if keeps:
            capabilities.keep_capabilities_on_setuid()
        try:
            os.setgroups(self.groups)
            os.setgid(self.gid)
            os.setuid(self.uid)
        except PermissionError as error:
            raise Failure(f"cannot switch to the user {self.name}: only root may") from error
        if keeps:
            capabilities.keep_only_net_bind_service()


def find(name: str) -> User:
    """Finds a user by name or by number."""
    try:
        entry = pwd.getpwuid(int(name)) if name.isdigit() else pwd.getpwnam(name)
    except KeyError:
        raise Failure(f"there is no user {name} on this node") from None
    return User(
        name=entry.pw_name,
        uid=entry.pw_uid,
        gid=entry.pw_gid,
        groups=os.getgrouplist(entry.pw_name, entry.pw_gid),
    )


def join_group(user: User) -> None:
    """
    Adds the group of a user to this process, if it is root: in a container without CAP_DAC_OVERRIDE it shares files and
    sockets with the daemons by that group only.
    """
    if os.geteuid() == 0 and user.gid not in os.getgroups():
        with contextlib.suppress(PermissionError):
            os.setgroups([*os.getgroups(), user.gid])


def share_with_group(path: str, user: User, mode: int) -> None:
    """Gives a file of this process to the group of a user, and sets its mode. Leaves files of other owners alone."""
    status = os.lstat(path)
    if status.st_uid != os.geteuid():
        return
    if status.st_gid != user.gid:
        try:
            os.chown(path, -1, user.gid, follow_symlinks=False)
        except PermissionError as error:
            raise Failure(f"cannot give {path} to the group of {user.name}") from error
    os.chmod(path, mode)


def run_as(user: User, action: Callable[[], str], binds: bool = False) -> str:
    """
    Runs a function as another user, in a child process, and returns its result: without CAP_DAC_OVERRIDE, root cannot
    connect to a socket of the daemons. With `binds` the child may bind ports below 1024, as the daemons may.
    """
    if user.is_current() or os.geteuid() != 0:
        return action()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _run_in_child(user, action, binds, writer)
    os.close(writer)
    with open(reader, "rb") as pipe:
        answer = pipe.read().decode("utf-8", "surrogateescape")
    os.waitpid(child, 0)
    if answer.startswith("+"):
        return answer[1:]
    number, _, reason = answer[1:].partition(" ")
    raise OSError(int(number or 0), reason or f"the process of {user.name} died")


def _run_in_child(user: User, action: Callable[[], str], binds: bool, writer: int) -> NoReturn:
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        user.become(binds)
        answer = "+" + action()
    except OSError as error:
        answer = f"-{error.errno or 0} {error.strerror or error}"
    except Exception as error:
        answer = f"-0 {error}"
    with open(writer, "wb") as pipe:
        pipe.write(answer.encode("utf-8", "surrogateescape"))
    os._exit(0)
