import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { AGENT } from "./fake-node.js";

const PRELUDE = `
import io, os, resource, sys, tarfile, tempfile
from dnslb_agent import bundle, files
from dnslb_agent.errors import Failure

def archive(*members):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w|") as made:
        for name, content, headers in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.pax_headers = headers
            made.addfile(member, io.BytesIO(content))
    return stream.getvalue()

def unpacked(stream):
    with tempfile.TemporaryDirectory() as folder:
        try:
            bundle.unpack(stream, folder)
            return len(os.listdir(folder))
        except Failure as failure:
            return str(failure)
`;

const python = (program: string) =>
  execFileSync("/usr/bin/python3", ["-B", "-c", PRELUDE + program], { cwd: dirname(AGENT), encoding: "utf8" });

const NO_BUNDLE = "the bundle is incomplete, or no tar archive";

describe("a bundle", () => {
  test("fails wherever it was cut", () => {
    const said = python(`
whole = archive(*[(f"f{number}", b"x" * number * 100, {}) for number in range(30)])
end = len(whole.rstrip(b"\\0"))
cuts = [*range(0, end, 256), *range(0, end, 512), *range(0, end, 10240)]
print({str(unpacked(io.BytesIO(whole[:cut])))[:len("${NO_BUNDLE}")] for cut in cuts}, unpacked(io.BytesIO(whole)))`);
    expect(said).toBe(`{'${NO_BUNDLE}'} 30\n`);
  });

  test("fails when a byte of a header is another", () => {
    const said = python(`
whole = archive(*[(f"f{number}", b"x" * 100, {}) for number in range(5)])
def flipped(position):
    changed = bytearray(whole)
    changed[position] ^= 0x20
    return io.BytesIO(changed)
print({str(unpacked(flipped(block * 1024 + at)))[:len("${NO_BUNDLE}")] for block in range(5) for at in (0, 100, 124, 148, 257)})`);
    expect(said).toBe(`{'${NO_BUNDLE}'}\n`);
  });

  test("is unpacked or refused, whatever its extended headers hold", () => {
    const said = python(`
# Python before Debian's last updates calculates with a length that no number of C holds, and raises this.
class TooLarge(io.RawIOBase):
    def read(self, size=-1):
        raise OverflowError("too large")
print(unpacked(TooLarge()))
def extended(record):
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, len(record)
    return header.tobuf(tarfile.USTAR_FORMAT) + record.ljust(512, b"\\0") + archive(("a", b"x", {}))
RECORDS = [
    b"9" * 30 + b" comment=d\\n", b"0 comment=d\\n", b"5 comment=d\\n", b"-9 comment=d\\n", b"12 comment=d\\n",
    b"15 mtime=1e999\\n", b"13 mtime=nan\\n", b"13 size=1e99\\n", b"12 size=-10\\n", b"\\0" * 20, b"\\xff" * 20, b"x",
    b"20 hdrcharset=BINARY\\n", b"25 GNU.sparse.realsize=-1\\n", b"21 GNU.sparse.major=1\\n",
]
print([type(unpacked(io.BytesIO(extended(record)))).__name__ in ("int", "str") for record in RECORDS].count(True) == len(RECORDS))`);
    expect(said).toBe(`${NO_BUNDLE}: too large\nTrue\n`);
  });

  test("fails when its headers are large, before it fills the memory", () => {
    const said = python(`
class Endless(io.RawIOBase):
    def __init__(self, start):
        self.start = start
    def read(self, size=-1):
        part, self.start = self.start[:size], self.start[size:]
        return part + b"x" * (size - len(part))
for kind in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME):
    header = tarfile.TarInfo("x")
    header.type, header.size = kind, 2**40
    print(unpacked(Endless(header.tobuf(tarfile.GNU_FORMAT))))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 200_000)`);
    expect(said).toBe(`${`${NO_BUNDLE}: a header is too long\n`.repeat(2)}True\n`);
  });

  test.each([
    ["a name with NUL", 'archive(("a", b"x", {"path": "a\\0b"}))', NO_BUNDLE],
    [
      "a sparse file",
      'archive(("a", b"", {"GNU.sparse.size": "200000000", "GNU.sparse.numblocks": "0"}))',
      "a: not a file",
    ],
    ["numbers that are none", 'archive(("a", b"x", {"GNU.sparse.map": "1,x", "GNU.sparse.size": "1"}))', NO_BUNDLE],
    ["a path twice", 'archive(("a", b"x", {}), ("a", b"y", {}))', "a: twice in the bundle"],
    ["a path that leads out", 'archive(("b", b"x", {"path": "../b"}))', "../b: not a file inside a bundle"],
  ])("fails when it holds %s", (_, bytes, words) => {
    expect(python(`print(unpacked(io.BytesIO(${bytes})))`)).toContain(words);
  });
});

test("a file is replaced without a look at what others put beside it", () => {
  const said = python(`
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "x.pid")
    os.mkfifo(f"{path}.{os.getpid()}")
    files.write_atomically(path, "1\\n")
    files.write_atomically(path, "2\\n")
    files.create_if_missing(path, "3\\n", 0o600)
    print(open(path).read().strip(), oct(os.stat(path).st_mode & 0o777), len(os.listdir(folder)))`);
  expect(said).toBe("2 0o644 2\n");
});
