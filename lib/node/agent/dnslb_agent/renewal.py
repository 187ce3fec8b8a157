"""
Takes what other programs write on the node into a release of its own: renewed certificates by themselves, without a
reload of the daemon and as soon as they are complete, and other secrets when an operator says so.
"""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager

from . import certificates, change, checks, daemons, files, node_files, processes, reader, refusals, release, upkeep
from .errors import Failure, NotReady
from .locking import is_locked, locked
from .log import log_error, log_info
from .manifest import Manifest
from .node import Node
from .node_files import Certificate
from .staging import Candidate, staged_release

# In the run directory while a certificate is on its way to a daemon, with its path in the release: one that finds it
# hands that certificate over again.
MARKER = "renewing"
# Seconds until something is tried again that may succeed with the same file.
RETRY_INTERVAL = 60
# The same for what a checker refuses: it may have had no time, or less memory than it needed.
REFUSED_INTERVAL = 3600
INVALID = ("expired", "not yet valid")

Signatures = list[node_files.Signature | str]


class _Refused(Failure):
    """The files are wrong, and stay so until they or the release change."""


class Watcher:
    """Looks after the certificates of the live release, as often as it is told to."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._release = ""
        self._watched: list[Certificate] = []
        # By certificate: its files at the last look, and those that need nothing more, with the time until when.
        self._seen: dict[str, Signatures] = {}
        self._settled: dict[str, tuple[Signatures, float]] = {}
        self._problem = ""

    def look(self) -> None:
        """Takes what has been renewed and has not changed since the last look: it may be written just now."""
        node = self._node
        try:
            due = self._due()
            if is_locked(node) or (not due and not _is_interrupted(node)):
                return
            with locked(node, 0):
                finish(node)
                for each in due:
                    self._take(each)
                upkeep.publish(node, _live(node))
            self._problem = ""
        except (Failure, OSError) as failure:
            # Said once: it is tried again at the next look.
            if str(failure) != self._problem:
                self._problem = str(failure)
                log_error(f"dns-lb-agent: certificates: {failure}")

    def _due(self) -> list[Certificate]:
        name = release.current(self._node)
        if name is None:
            return []
        if name != self._release:
            self._watched = node_files.certificates(reader.read(self._node.release_path(name)))
            self._release, self._settled = name, {}
        return [each for each in self._watched if self._is_due(each)]

    def _is_due(self, certificate: Certificate) -> bool:
        found = certificate.signatures()
        before = self._seen.get(certificate.path, found)
        self._seen[certificate.path] = found
        settled, until = self._settled.get(certificate.path, (None, 0.0))
        return found == before and (found != settled or time.monotonic() >= until)

    def _take(self, certificate: Certificate) -> None:
        seen = self._seen[certificate.path]
        wait = float("inf")
        try:
            _take(self._node, certificate)
        except NotReady:
            return
        except (Failure, OSError) as failure:
            wait = REFUSED_INTERVAL if isinstance(failure, _Refused) else RETRY_INTERVAL
            settled, _ = self._settled.get(certificate.path, (None, 0.0))
            if refusals.record(self._node, certificate, str(failure)) or settled != seen:
                log_error(f"dns-lb-agent: {refusals.sentence(certificate, str(failure))}")
        self._settled[certificate.path] = (seen, time.monotonic() + wait)


def reload(node: Node, timeout: float) -> None:
    """Takes all files of the node as they are; fails if one is not taken, or there is none. The lock must be held."""
    live = _live(node)
    if not live.node_files:
        raise Failure("no secret of the live release is a file that this node sees")
    failures: list[str] = []
    taken = False
    finish(node)
    for each in node_files.certificates(live):
        try:
            taken |= _take(node, each)
        except (Failure, OSError) as failure:
            refusals.record(node, each, str(failure))
            failures.append(refusals.sentence(each, str(failure)))
    try:
        taken |= _take_others(node, timeout)
    except (Failure, OSError) as failure:
        failures.append(str(failure))
    upkeep.publish(node, _live(node))
    if failures:
        raise Failure("\n".join(failures))
    if not taken:
        log_info(f"unchanged {release.current(node)}")


def finish(node: Node) -> None:
    """Hands a certificate to its daemon again, if an agent ended before it was done."""
    if not _is_interrupted(node):
        return
    with open(node.run_path(MARKER), encoding="utf-8") as file:
        path = file.read()
    live = _live(node)
    for each in node_files.certificates(live):
        if each.path == path:
            _load(node, each, release.current(node) or "", live)
    os.unlink(node.run_path(MARKER))


def _is_interrupted(node: Node) -> bool:
    return os.path.exists(node.run_path(MARKER))


def _live(node: Node) -> Manifest:
    if release.current(node) is None:
        raise Failure("this node has no release yet")
    return reader.read(node.current_link)


def _take(node: Node, certificate: Certificate) -> bool:
    """Makes a renewed certificate live; tells whether it is another one."""
    old = release.current(node) or ""
    contents = node_files.changed(node.release_path(old), certificate.files)
    if not contents:
        refusals.forget(node, certificate)
        return False
    with _copy_with(node, old, contents) as folder:
        candidate = Candidate(node, folder)
        _judge(node, certificate, old, candidate)
        candidate.store(node)
    _activate(node, certificate, old, candidate)
    refusals.forget(node, certificate)
    log_info(f"{certificate.listener}: took {certificate.sources}; release {candidate.id}")
    return True


def _take_others(node: Node, timeout: float) -> bool:
    """Applies a release with the other files, as a deployment would."""
    name = release.current(node) or ""
    live = _live(node)
    contents = node_files.changed(node.release_path(name), node_files.others(live))
    if not contents:
        return False
    with _copy_with(node, name, contents) as folder:
        change.apply(node, folder, timeout)
    return True


@contextmanager
def _copy_with(node: Node, name: str, contents: dict[str, bytes]) -> "Generator[str, None, None]":
    """A copy of a release with other contents of some files, in a staging directory."""
    if release.compute_id(node.release_path(name), reader.read(node.release_path(name))) != name:
        raise Failure(f"the files of release {name} were changed by hand; apply the bundle again")
    with staged_release(node, name) as folder:
        for path, content in contents.items():
            with open(os.path.join(folder, path), "wb") as file:
                file.write(content)
        yield folder


def _judge(node: Node, certificate: Certificate, old: str, candidate: Candidate) -> None:
    """Refuses a certificate as a release would be, and one that clients refuse in the place of one that they take."""
    before = certificates.state(node.release_path(old), certificate.path)
    after = certificates.state(candidate.folder, certificate.path)
    if after in INVALID and before not in INVALID:
        raise Failure(f"it is {after}, and the one before is not")
    service = candidate.manifest.service(certificate.service)
    judgement = checks.judge(node, candidate.folder, candidate.manifest, [service] if service else [])
    if judgement.failure() is not None:
        raise _Refused("; ".join(judgement.lines))


def _activate(node: Node, certificate: Certificate, old: str, candidate: Candidate) -> None:
    """
    Points the node to the release, with which daemons start from here on, and hands the certificate to the one that
    runs. `previous` stays what an operator would go back to: the release before the last change.
    """
    files.write_atomically(node.run_path(MARKER), certificate.path, 0o600)
    release.set_link(node.current_link, candidate.id)
    try:
        _load(node, certificate, candidate.id, candidate.manifest)
    except (Failure, OSError):
        release.set_link(node.current_link, old)
        # The marker stays if this fails, too.
        _load(node, certificate, old, reader.read(node.release_path(old)))
        os.unlink(node.run_path(MARKER))
        if candidate.id != release.previous(node):
            release.remove(node, candidate.id)
        raise
    os.unlink(node.run_path(MARKER))
    release.mark_used(node, candidate.id)
    # After a change that was cut short, one more release may be needed.
    if change.change_state(node) is None:
        release.prune(node)


def _load(node: Node, certificate: Certificate, name: str, manifest: Manifest) -> None:
    """Hands a certificate of a release to its daemon; one that does not run starts with it."""
    service = manifest.service(certificate.service)
    process = service and processes.find_running(node, service.name)
    if service is not None and process:
        request = daemons.ReloadRequest(node, service, process, node.release_path(name), manifest)
        daemons.for_service(service).load_certificate(request, certificate.path)
