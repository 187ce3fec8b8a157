"""
The certificates of listeners with TLS: what no checker of a daemon says of them, and how long they hold. No message has
a part of a key.
"""

import base64
import binascii
import os
import re
import time
from itertools import pairwise
from typing import Literal, NamedTuple

from . import der
from .errors import Failure
from .log import iso8601
from .manifest import Manifest
from .node_files import KEY_SUFFIX

DAY = 86400
BLOCK = re.compile(r"^-----BEGIN ([^\r\n]+?)-----[ \t]*\r?\n(.*?)^-----END \1-----[ \t]*\r?$", re.MULTILINE | re.DOTALL)
BEGIN = re.compile(r"^-----BEGIN [^\r\n]+?-----[ \t]*\r?$", re.MULTILINE)
CERTIFICATE_LABELS = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")
ALTERNATIVE_NAMES, PURPOSES = bytes.fromhex("551d11"), bytes.fromhex("551d25")
SERVERS, ANY_PURPOSE = bytes.fromhex("2b06010505070301"), bytes.fromhex("551d2500")
DNS_NAME, EXTENSIONS, VERSION = 0x82, 0xA3, 0xA0

# What the time makes of a certificate; the last three call for somebody.
State = Literal["valid", "renew", "overdue", "expired", "not yet valid"]


class Certificate(NamedTuple):
    not_before: int
    not_after: int
    subject: bytes
    issuer: bytes
    names: list[str]
    # Whether servers may use it.
    for_servers: bool


class Validity(NamedTuple):
    """The time in which all certificates of a listener hold."""

    listener: str
    # "server", or "clients" for the authorities of its clients.
    use: str
    not_before: int
    not_after: int
    state: State

    def warning(self) -> str | None:
        whose = f"the certificate of {self.listener}"
        if self.use == "clients":
            whose = f"a certificate of the authorities of the clients of {self.listener}"
        if self.state == "expired":
            return f"WARNING: {whose} has EXPIRED at {iso8601(self.not_after)}; clients refuse it"
        if self.state == "not yet valid":
            return f"WARNING: {whose} is NOT YET VALID: it begins at {iso8601(self.not_before)}; clients refuse it"
        if self.state == "overdue":
            return f"WARNING: {whose} is OVERDUE for renewal: it ends at {iso8601(self.not_after)}"
        if self.state == "renew":
            return f"warning: {whose} is to be renewed: it ends at {iso8601(self.not_after)}"
        return None


def problems(folder: str, manifest: Manifest) -> list[str]:
    """What is wrong with the certificates of a release whatever the time is, beside what the daemons' checkers find."""
    found: list[str] = []
    for listener in manifest.tls or []:
        # The name is that of the first.
        found += _problems_of(folder, listener.certificate, listener.server_name)
        for path in listener.more_certificates or []:
            found += _problems_of(folder, path, None)
    return found


def validities(folder: str, manifest: Manifest) -> list[Validity]:
    """How long the certificates of a release hold; without those that cannot be read."""
    found: list[Validity] = []
    for listener in manifest.tls or []:
        files = [("server", listener.certificates)]
        if listener.clients is not None:
            files.append(("clients", [listener.clients.trust]))
        for use, paths in files:
            try:
                certificates = [each for path in paths for each in _certificates(_blocks(folder, path))]
            except (Failure, ValueError):
                continue
            if certificates:
                begins = max(each.not_before for each in certificates)
                ends = min(certificates, key=lambda each: each.not_after)
                state = _state(ends.not_before, ends.not_after, begins)
                found.append(Validity(listener.name, use, begins, ends.not_after, state))
    return found


def state(folder: str, path: str) -> State | None:
    """What the time makes of the first certificate of a file; None if it cannot be read."""
    try:
        found = _certificates(_blocks(folder, path))
    except (Failure, ValueError):
        return None
    return _state(found[0].not_before, found[0].not_after, found[0].not_before) if found else None


def pem(folder: str, path: str) -> str:
    """Certificate, chain and key of a release as one text: their blocks alone, without a line between them."""
    text = "".join(
        f"-----BEGIN {label}-----\n{_lines(content)}-----END {label}-----\n"
        for label, content in [*_blocks(folder, path), *_key_beside(folder, path)]
    )
    if text == "":
        raise Failure(f"{path}: there is no certificate in it")
    return text


def _lines(content: str) -> str:
    return "".join(f"{line.strip()}\n" for line in content.splitlines() if line.strip())


def _key_beside(folder: str, path: str) -> "list[tuple[str, str]]":
    beside = path + KEY_SUFFIX
    return _blocks(folder, beside) if os.path.exists(os.path.join(folder, beside)) else []


def _state(begin: int, end: int, all_begin: int) -> State:
    now = time.time()
    lifetime, left = end - begin, end - now
    if left < 0:
        return "expired"
    if now < all_begin:
        return "not yet valid"
    if left <= min(lifetime / 10, 7 * DAY):
        return "overdue"
    return "renew" if left <= min(lifetime / 4, 21 * DAY) else "valid"


def _problems_of(folder: str, path: str, server_name: str | None) -> list[str]:
    try:
        blocks = _blocks(folder, path)
        certificates = _certificates(blocks)
        blocks += _key_beside(folder, path)
    except (Failure, ValueError) as wrong:
        return [f"{path}: a certificate cannot be read: {wrong}"]
    if not certificates:
        return [f"{path}: there is no certificate in it"]
    keys = [(label, text) for label, text in blocks if label.endswith("PRIVATE KEY")]
    found: list[str] = []
    if len(keys) != 1:
        found.append(f"{path}: there are {len(keys)} private keys in it, and one is needed")
    elif keys[0][0].startswith("ENCRYPTED") or re.search(r"^Proc-Type:.*ENCRYPTED", keys[0][1], re.MULTILINE):
        found.append(f"{path}: the private key is encrypted, and nobody can be asked for its password")
    for number, (signed, issuer) in enumerate(pairwise(certificates), 2):
        if signed.issuer != issuer.subject:
            found.append(f"{path}: certificate {number} has not signed the one before it; put the chain in order")
            break
    leaf = certificates[0]
    if not leaf.for_servers:
        found.append(f"{path}: the certificate is not for servers (extended key usage)")
    if server_name is not None and not any(_matches(each, server_name) for each in leaf.names):
        names = ", ".join(leaf.names) or "no name"
        found.append(f"{path}: the certificate is for {names}, not for {server_name}")
    return found


def _matches(pattern: str, name: str) -> bool:
    """By RFC 6125: `*` stands for one whole label."""
    wanted, given = (text.rstrip(".").lower() for text in (pattern, name))
    if wanted.startswith("*."):
        label, _, rest = given.partition(".")
        return label != "" and rest == wanted[2:] and "." in rest
    return wanted == given


def _blocks(folder: str, path: str) -> "list[tuple[str, str]]":
    try:
        with open(os.path.join(folder, path), "rb") as file:
            text = file.read().decode("latin-1")
    except OSError as error:
        raise Failure(error.strerror or "it cannot be read") from error
    found: list[tuple[str, str]] = BLOCK.findall(text)
    if len(found) < len(BEGIN.findall(text)):
        raise Failure("a block of it has no end")
    return found


def _certificates(blocks: "list[tuple[str, str]]") -> list[Certificate]:
    return [_parse(text) for label, text in blocks if label in CERTIFICATE_LABELS]


def _parse(text: str) -> Certificate:
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise ValueError("no Base64") from None
    try:
        body, *_ = der.members(der.elements(data)[0])
        fields = der.members(body)
        if fields[0].tag == VERSION:
            fields = fields[1:]
        _serial, _algorithm, issuer, validity, subject, _key, *rest = fields
        begin, end = der.members(validity)
        extensions = _extensions(rest)
        names = extensions.get(ALTERNATIVE_NAMES)
        purposes = extensions.get(PURPOSES)
        return Certificate(
            not_before=der.unix_time(begin),
            not_after=der.unix_time(end),
            subject=subject.raw,
            issuer=issuer.raw,
            names=[_printable(each.content) for each in names or [] if each.tag == DNS_NAME],
            for_servers=purposes is None or any(each.content in (SERVERS, ANY_PURPOSE) for each in purposes),
        )
    except IndexError:
        raise ValueError("it is empty") from None


def _extensions(fields: "list[der.Element]") -> "dict[bytes, list[der.Element]]":
    """The members of each extension that is a sequence."""
    found: dict[bytes, list[der.Element]] = {}
    for each in fields:
        if each.tag == EXTENSIONS:
            for extension in der.members(der.elements(each.content)[0]):
                name, *_, value = der.members(extension)
                if name.content in (ALTERNATIVE_NAMES, PURPOSES):
                    found[name.content] = der.members(der.elements(value.content)[0])
    return found


def _printable(name: bytes) -> str:
    """Whoever made the certificate chose the name."""
    return "".join(chr(byte) if 32 < byte < 127 else "?" for byte in name)
