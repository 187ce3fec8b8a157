"""The users that daemons run as."""

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

    def is_me(self) -> bool:
        return os.geteuid() == self.uid

    def become(self, binds: bool = False) -> None:
        """Gives up every other right of this process, for good; who binds may bind low ports still."""
        if self.is_me():
            return
        keeps = binds and capabilities.low_ports_are_a_right()
        if keeps:
            capabilities.outlive_user()
        try:
            os.setgroups(self.groups)
            os.setgid(self.gid)
            os.setuid(self.uid)
        except PermissionError as error:
            raise Failure(f"only root may run something as {self.name}") from error
        if keeps:
            capabilities.keep_low_ports()


def find(name: str) -> User:
    """Looks a user up by name or by number."""
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


def join(user: User) -> None:
    """
    Makes root a member of the user's group, so that it can share files and sockets with the daemons
    where it has no capability to pass over permissions, as in a container.
    """
    if os.geteuid() == 0 and user.gid not in os.getgroups():
        with contextlib.suppress(PermissionError):
            os.setgroups([*os.getgroups(), user.gid])


def share(path: str, user: User, mode: int) -> None:
    """Lets the group of a user have what the mode says of a file that is ours."""
    status = os.lstat(path)
    if status.st_uid != os.geteuid():
        return
    if status.st_gid != user.gid:
        try:
            os.chown(path, -1, user.gid, follow_symlinks=False)
        except PermissionError as error:
            raise Failure(f"cannot give {path} to the group of {user.name}") from error
    os.chmod(path, mode)


def acting(user: User, action: Callable[[], str], binds: bool = False) -> str:
    """
    Does something as another user, in a child process: where root has no capability to pass over permissions,
    only their owner reaches the daemons' sockets. Who binds may bind what the user's daemons may.
    """
    if user.is_me() or os.geteuid() != 0:
        return action()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _act(user, action, binds, writer)
    os.close(writer)
    with open(reader, "rb") as pipe:
        answer = pipe.read().decode("utf-8", "surrogateescape")
    os.waitpid(child, 0)
    if answer.startswith("+"):
        return answer[1:]
    number, _, reason = answer[1:].partition(" ")
    raise OSError(int(number or 0), reason or f"the process of {user.name} died")


def _act(user: User, action: Callable[[], str], binds: bool, writer: int) -> NoReturn:
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
