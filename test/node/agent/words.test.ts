import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { AGENT } from "./fake-node.js";

/** Runs a program beside the agent's modules, which prints JSON. */
const python = (program: string, input: unknown = null) =>
  JSON.parse(
    execFileSync("/usr/bin/python3", ["-B", "-c", `${COMMON}\n${program}`], {
      ...{ cwd: dirname(AGENT), encoding: "utf8", input: JSON.stringify(input), timeout: 60_000 },
    }),
  );

const COMMON = `
import json, os, random, socket, sys, time
from dnslb_agent.manifest import AnnouncerSocket
from dnslb_agent.mobility.announcement import Word
from dnslb_agent.mobility import words
from dnslb_agent.mobility.words import Words, answer, parse_answer, question
given = json.load(sys.stdin)
known = frozenset(f"pool-{number}" for number in range(8))
well = Word(0.0, True, False, True, 0, 0, known)

# Addresses of this machine that no other process has.
network = f"127.{64 + (os.getpid() & 63)}.{(os.getpid() >> 6) & 255}"

def meet(count, port, pools=known):
    """Nodes of one group, at addresses of their own."""
    name = network + ".%d"
    found = []
    for number in range(1, count + 1):
        node = Words(time.monotonic)
        peers = {f"n{each}": name % each for each in range(1, count + 1) if each != number}
        node.adopt(AnnouncerSocket(name % number, port), peers, pools, 2.0)
        found.append(node)
    return found

def speak(nodes, own, holds):
    """Lets nodes speak until something holds, or for some seconds."""
    end = time.monotonic() + (holds if isinstance(holds, float) else 20)
    while time.monotonic() < end and (isinstance(holds, float) or not holds()):
        for node, word in zip(nodes, own):
            node.begin_round()
            node.step(word)
        time.sleep(0.005)

def all_hear(nodes):
    return lambda: all(len(node.words) == len(nodes) - 1 for node in nodes)

def stranger(address, port, to):
    it = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    it.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    it.bind((address, port))
    it.connect((to, port))
    it.settimeout(0.3)
    return it
`;

describe("a word", () => {
  test("is never longer than the question, however many pools there are", () => {
    const seen = python(`
seen = []
for count in (0, 1, 8, 40, 300, 1000):
    known = frozenset(f"pool-of-some-length-{number}" for number in range(count))
    live = frozenset(name for name in known if random.Random(name).random() < 0.5)
    word = well._replace(pools=live, cost=5, announced=10**6)
    data = answer("0" * 32, word, known)
    seen.append([len(data), len(question("0" * 32)), parse_answer(json.loads(data), 0.0, known) == word])
print(json.dumps(seen))`);
    for (const [answer, question, same] of seen) {
      expect(answer).toBeLessThanOrEqual(question);
      expect(question).toBe(512);
      expect(same).toBe(true);
    }
  });

  test("of a node with other pools is compared by the names that both have, or not at all", () => {
    const seen = python(`
few = answer("0" * 32, well._replace(pools=frozenset(["pool-1", "strange"])), known | {"strange"})
many = frozenset(f"pool-of-some-length-{number}" for number in range(100))
bits = answer("0" * 32, well._replace(pools=many), many)
print(json.dumps([sorted(parse_answer(json.loads(each), 0.0, known).pools) for each in (few, bits)]))`);
    expect(seen).toEqual([["pool-1"], []]);
  });

  const fields = { v: 1, nonce: "0".repeat(32), announces: true, leaving: false, serves: true, cost: 0, announced: 0 };
  test.each<[string, object]>([
    ["has no flag", { announces: undefined }],
    ["has a number for a flag", { serves: 1 }],
    ["has a flag for a cost", { cost: true }],
    ["has a cost below 0", { cost: -1 }],
    ["has a cost without an end", { announced: 1e300 }],
    ["has part of a cost", { announced: 0.5 }],
    ["has no pools", { pools: undefined }],
    ["has a number of pools", { pools: 3 }],
  ])("fails when it %s", (_, part) => {
    expect(
      python("print(json.dumps(parse_answer(given, 0.0, known) is None))", { ...fields, pools: [], ...part }),
    ).toBe(true);
    expect(python("print(json.dumps(parse_answer(given, 0.0, known) is None))", { ...fields, pools: [] })).toBe(false);
  });
});

describe("nodes of a group", () => {
  test.each([3, 16])("%s of them hear each other", (count) => {
    const seen = python(
      `
nodes = meet(given, 5391)
own = [well._replace(cost=number) for number in range(len(nodes))]
speak(nodes, own, all_hear(nodes))
heard = [{name: word.cost for name, word in node.words.items()} for node in nodes]
now = time.monotonic()
ages = [now - word.at for node in nodes for word in node.words.values()]
print(json.dumps([heard, max(ages), [node.problem for node in nodes]]))`,
      count,
    );
    const [heard, oldest, problems] = seen;
    expect(heard).toHaveLength(count);
    heard.forEach((words: object, index: number) => {
      const others = Array.from({ length: count }, (_, each) => each).filter((each) => each !== index);
      expect(words).toEqual(Object.fromEntries(others.map((each) => [`n${each + 1}`, each])));
    });
    expect(oldest).toBeLessThan(2);
    expect(new Set(problems)).toEqual(new Set([""]));
  });

  test("know how old a word is by their own clocks alone, which may be years apart", () => {
    const seen = python(`
nodes = meet(2, 5399)
clocks = [time.monotonic, lambda: time.monotonic() + 1e9]
for node, clock in zip(nodes, clocks):
    node._clock = clock
speak(nodes, [well, well], all_hear(nodes))
ages = [clock() - word.at for node, clock in zip(nodes, clocks) for word in node.words.values()]
print(json.dumps([min(ages), max(ages)]))`);
    const [youngest, oldest] = seen;
    expect(youngest).toBeGreaterThanOrEqual(0);
    expect(oldest).toBeLessThan(2);
  });

  test("keep what a silent one said, with its age, and hear it when it is back", () => {
    const seen = python(`
nodes = meet(2, 5392)
speak(nodes, [well, well], all_hear(nodes))
nodes[1].close()
before = nodes[0].words["n2"].at
speak(nodes[:1], [well], 0.5)
silent = nodes[0].words["n2"].at
back = meet(2, 5392)[1]
speak([nodes[0], back], [well, well._replace(cost=3)], lambda: nodes[0].words["n2"].cost == 3)
print(json.dumps([silent == before, nodes[0].words["n2"].cost]))`);
    expect(seen).toEqual([true, 3]);
  });

  test("take no answer from a stranger, without the number that was asked, twice, late, or of more than 512 bytes", () => {
    const seen = python(`
def forged(nonce, cost):
    return answer(nonce, well._replace(cost=cost), known)

seen = {}
node = Words(time.monotonic)
node.adopt(AnnouncerSocket(f"{network}.1", 5393), {"n2": f"{network}.2"}, known, 0.4)

def said():
    word = node.words.get("n2")
    return None if word is None else word.cost

node.step(well)
alien = stranger(f"{network}.9", 5393, f"{network}.1")
peer = stranger(f"{network}.2", 5393, f"{network}.1")
elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
elsewhere.bind((f"{network}.2", 5394))
time.sleep(0.21)
node.step(well)
nonce = json.loads(peer.recv(600))["nonce"]
for name, send in {
    "stranger": lambda: alien.send(forged(nonce, 7)),
    "other port": lambda: elsewhere.sendto(forged(nonce, 7), (f"{network}.1", 5393)),
    "other number": lambda: peer.send(forged("f" * 32, 7)),
    "no number": lambda: peer.send(forged("", 7)),
    "huge": lambda: peer.send(forged(nonce, 7).ljust(600)),
    "other version": lambda: peer.send(forged(nonce, 7).replace(b'"v":1', b'"v":2')),
    "garbage": lambda: [peer.send(each) for each in (b"", b"\\xff" * 512, b"[" * 512, b'{"v":1', b"null", b"1" * 512)],
}.items():
    try:
        send()
    except OSError:
        pass
    node.begin_round()
    node.step(well)
    seen[name] = said()
peer.send(forged(nonce, 2))
node.step(well)
seen["asked"] = said()
peer.send(forged(nonce, 7))
node.step(well)
seen["again"] = said()
late = None
end = time.monotonic() + 1.0
while late is None and time.monotonic() < end:
    node.begin_round()
    node.step(well)
    try:
        late = json.loads(peer.recv(600))["nonce"]
    except TimeoutError:
        pass
time.sleep(0.5)
peer.send(forged(late, 7))
node.step(well)
seen["late"] = said()
print(json.dumps(seen))`);
    expect(seen).toEqual({
      ...{ stranger: null, "other port": null, "other number": null, "no number": null, huge: null },
      ...{ "other version": null, garbage: null, asked: 2, again: 2, late: 2 },
    });
  });

  test("answer peers alone, and never with more bytes than they were asked by", () => {
    const seen = python(`
node = Words(time.monotonic)
node.adopt(AnnouncerSocket(f"{network}.1", 5395), {"n2": f"{network}.2"}, known, 2.0)
node.step(well)

def answered(it, data):
    while True:
        try:
            it.recv(600)
        except OSError:
            break
    try:
        it.send(data)
    except OSError:
        pass
    node.begin_round()
    node.step(well)
    it.settimeout(0.1)
    found = []
    while True:
        try:
            found.append(json.loads(it.recv(600)))
        except OSError:
            return any("announces" in each for each in found)

peer, alien = stranger(f"{network}.2", 5395, f"{network}.1"), stranger(f"{network}.9", 5395, f"{network}.1")
short = json.dumps({"v": 1, "nonce": "0" * 32}).encode()
print(json.dumps([answered(peer, question("0" * 32)), answered(peer, short), answered(alien, question("0" * 32))]))`);
    expect(seen).toEqual([true, false, false]);
  });

  test("hear the others while one of them floods", () => {
    const seen = python(`
nodes = meet(3, 5396)
speak(nodes, [well] * 3, all_hear(nodes))
flood = stranger(f"{network}.2", 5396, f"{network}.1")
data = answer("0" * 32, well._replace(cost=7), known)
longest, end = 0.0, time.monotonic() + 1.5
while time.monotonic() < end:
    for _ in range(300):
        try:
            flood.send(data)
        except OSError:
            pass
    for node in (nodes[0], nodes[2]):
        begun = time.thread_time()
        node.begin_round()
        node.step(well)
        longest = max(longest, time.thread_time() - begun)
print(json.dumps([time.monotonic() - nodes[0].words["n3"].at, longest, nodes[0].words["n2"].cost]))`);
    const [age, longest, cost] = seen;
    expect(age).toBeLessThan(1);
    expect(longest).toBeLessThan(0.05);
    expect(cost).toBe(0);
  });

  test("go on with those that stay when others come and go, and at another address", () => {
    const seen = python(`
nodes = meet(3, 5397)
speak(nodes, [well] * 3, all_hear(nodes))
place = AnnouncerSocket(f"{network}.1", 5397)
nodes[0].adopt(place, {"n2": f"{network}.2"}, known, 2.0)
stayed = sorted(nodes[0].words)
nodes[0].adopt(place, {"n2": f"{network}.3"}, known, 2.0)
moved = sorted(nodes[0].words)
nodes[0].adopt(AnnouncerSocket("192.0.2.1", 5397), {"n2": f"{network}.2"}, known, 2.0)
nodes[0].step(well)
print(json.dumps([stayed, moved, nodes[0].problem.replace(network, "NET")]))`);
    expect(seen).toEqual([["n2"], [], "cannot ask NET.2 from 192.0.2.1 port 5397: Cannot assign requested address"]);
  });
});
