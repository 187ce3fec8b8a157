"""
Groups of nodes on several sites that announce one address, over random faults: announcement-model.py SEED RUNS. Prints
what was seen, or fails with the seed of a run and the property that it broke.
"""

import json
import random
import sys
from dataclasses import dataclass, field

from dnslb_agent.mobility.announcement import (
    Announcement,
    Announcer,
    CheckRule,
    Drain,
    Kind,
    Rules,
    Sight,
    WhenFailing,
    Word,
)

STEP = 0.2
FAULTS_TIME = 90.0
# The paths between sites are so much longer.
DISTANCE = 1
# Routers prefer any path to one that they were asked to leave.
LEFT = 100
# How long the checks take to see a dead daemon, a dead pool, and that they live again.
DAEMON_DETECTION = (0.2, 0.8)
POOL_DETECTION = (0.2, 2.4)
RECOVERY = (1.0, 3.0)
# So late a node may know what has happened to another.
LATENCY = 2.0 + DAEMON_DETECTION[1] + 2 * STEP
# Once nothing has happened for so long, nothing is lost that some node could answer.
SETTLED = 16.0
DAEMONS = ("front", "back")
POOLS = ("pool-a", "pool-b")
EPSILON = 1e-9


class Broken(Exception):
    """A property that does not hold."""


@dataclass
class Check:
    """What is so, and what the checks of a node say of it."""

    fails: bool = False
    seen: bool = False
    turns_at: float | None = None

    def turn(self, fails: bool, at: float) -> None:
        self.fails = fails
        self.turns_at = at

    def look(self, now: float) -> None:
        if self.turns_at is not None and now >= self.turns_at:
            self.seen = self.fails
            self.turns_at = None


@dataclass
class Node:
    name: str
    site: int
    announcer: Announcer
    checks: dict[str, Check]
    runs: bool = True
    watched: bool = True
    # Whether it has a session with a router. The other nodes hear it without.
    heard: bool = True
    starts_at: float = 0.0
    heartbeat: float = 0.0
    results: dict[str, bool | None] = field(default_factory=dict[str, "bool | None"])
    words: dict[str, Word] = field(default_factory=dict[str, Word])
    drain: Drain | None = None
    said: Announcement | None = None
    # Since when nothing is wrong with it.
    well_since: float | None = None
    # When it last answered clients.
    answered_at: float = 0.0
    # Its share when something began to be wrong with it, or to be done to it.
    onset: float | None = None
    share: float = 0.0
    moves: int = 0

    @property
    def announces(self) -> bool:
        return self.runs and self.heard and self.said is not None and self.said.kind is not Kind.WITHDRAW

    @property
    def word(self) -> Word:
        """One that no router has announces nothing, whatever it decides."""
        word = self.announcer.word
        return word._replace(announces=word.announces and self.heard)

    @property
    def answers(self) -> bool:
        return self.runs and not any(self.checks[name].fails for name in DAEMONS)

    def serves(self, pool: str) -> bool:
        return self.answers and not self.checks[pool].fails

    @property
    def is_at_ease(self) -> bool:
        """Nothing is wrong with it, nothing is done to it, and it is announced at its best."""
        faultless = self.watched and not any(each.fails or each.seen for each in self.checks.values())
        best = self.said == Announcement(Kind.ANNOUNCE, 0)
        return self.runs and self.heard and faultless and self.drain is None and best


class Group:
    """A group, and the routers of its sites, which send each client to the nodes with the shortest path."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.now = 0.0
        self.withdraws = rng.random() < 0.5
        when = WhenFailing.WITHDRAW if self.withdraws else WhenFailing.PREPEND
        of_pools = WhenFailing.WITHDRAW if rng.random() < 0.25 else WhenFailing.PREPEND
        checks = {"front": CheckRule(4, when), "back": CheckRule(3, when)}
        checks |= {name: CheckRule(2, of_pools, True, POOL_DETECTION[1] + 0.6) for name in POOLS}
        self.rules = {"checks": checks, "hold": 5.0, "damping": 60.0, "grace": 5.0, "word_age": 2.0}
        self.sites = rng.randint(1, 4)
        self.cut: set[int] = set()
        count = rng.randint(3, 16)
        self.nodes = [self._made(f"n{number:02}", number % self.sites) for number in range(count)]
        # So long a word takes to get around.
        self.hurry = rng.choice([0.6, 0.5, 0.35])
        self.last_move = 0.0
        self.last_fault = 0.0
        self.last_cut = 0.0
        # By site: since when nobody announces there.
        self.silent_since: dict[int, float] = {}
        for node in self.nodes:
            self.start(node)

    def _made(self, name: str, site: int) -> Node:
        checks = {each: Check() for each in (*DAEMONS, *POOLS)}
        return Node(name, site, Announcer(Rules(name, **self.rules), 0.0), checks)

    def start(self, node: Node) -> None:
        """Starts the announcer of a node, and its checks, of which there are no results yet."""
        node.announcer = Announcer(Rules(node.name, **self.rules), self.now)
        node.runs, node.said, node.words = True, None, {}
        node.results = dict.fromkeys(node.checks)
        node.starts_at = self.now
        node.heartbeat = self.now
        for check in node.checks.values():
            check.turn(check.fails, self.now + self.rng.uniform(*DAEMON_DETECTION))

    def stop(self, node: Node) -> None:
        node.runs, node.said = False, None

    def reaches(self, one: Node, other: Node) -> bool:
        return one.site == other.site or not {one.site, other.site} & self.cut

    def turn(self, node: Node, name: str, fails: bool, delay: tuple[float, float]) -> None:
        if node.checks[name].fails != fails:
            node.checks[name].turn(fails, self.now + self.rng.uniform(*delay))

    def step(self) -> None:
        self.now = round(self.now + STEP, 3)
        for node in self.nodes:
            for check in node.checks.values():
                check.look(self.now)
            if node.watched:
                node.heartbeat = self.now
                for name, check in node.checks.items():
                    known = check.turns_at is None or node.results[name] is not None
                    node.results[name] = check.seen if known else None
        self._exchange_words()
        running = [node for node in self.nodes if node.runs]
        # Nodes decide one after the other, and what they know is older.
        self.rng.shuffle(running)
        for node in running:
            self._decide(node)
        self._route()

    def _exchange_words(self) -> None:
        for node in self.nodes:
            if not node.runs:
                continue
            for peer in self.nodes:
                if peer is not node and peer.runs and self.reaches(node, peer) and self.rng.random() < self.hurry:
                    node.words[peer.name] = peer.word._replace(at=self.now - STEP)

    def _decide(self, node: Node) -> None:
        results = {name: None if self.rng.random() < 0.05 else result for name, result in node.results.items()}
        said = node.announcer.decide(self.now, Sight(results, node.heartbeat, node.words, node.drain))
        if node.said is not None and said != node.said:
            self.last_move = self.now
            if node.drain is None:
                node.moves += 1
        left = node.announces and said.kind is Kind.WITHDRAW and node.announcer.is_drained
        node.said = said
        if left and not any(self._was_there(other) for other in self._others(node)):
            raise Broken(f"{node.name} left as the last node that serves")

    def _was_there(self, node: Node) -> bool:
        """Whether a node serves, or something happened to it that others cannot know yet. That it left, they must."""
        lately = self.now - node.answered_at <= LATENCY or (node.announces and node.answers)
        return lately and not node.announcer.is_drained and (node.announces or not node.answers or not node.heard)

    def _others(self, node: Node) -> list[Node]:
        unknown = self.now - self.last_cut <= LATENCY
        return [each for each in self.nodes if each is not node and (unknown or self.reaches(node, each))]

    def _route(self) -> None:
        """Sends the clients of each site to nodes; checks where they come to."""
        shares = dict.fromkeys((node.name for node in self.nodes), 0.0)
        lost = 0.0
        for site in range(self.sites):
            there = [node for node in self.nodes if node.site == site or not {node.site, site} & self.cut]
            paths = {node.name: self._path(node, site) for node in there if node.announces}
            shortest = [node for node in there if node.name in paths and paths[node.name] == min(paths.values())]
            for node in shortest:
                shares[node.name] += 1 / self.sites / len(shortest)
            self._check_somebody_announces(site, there)
            self._check_settled(there, shortest)
            for pool in POOLS:
                if any(node.serves(pool) for node in there if node.heard and node.drain is None):
                    dead = [node for node in shortest if not node.serves(pool)]
                    lost += len(dead) / max(1, len(shortest)) / self.sites / len(POOLS)
                    lost += 0 if shortest else 1 / self.sites / len(POOLS)
        for node in self.nodes:
            if node.announces and node.answers:
                node.answered_at = self.now
        self._check_shares(shares, lost)

    def _path(self, node: Node, site: int) -> int:
        said = node.said or Announcement(Kind.ANNOUNCE, 0)
        left = LEFT if said.kind is Kind.GRACEFUL_SHUTDOWN else 0
        return said.cost + left + (0 if node.site == site else DISTANCE)

    def _check_somebody_announces(self, site: int, there: list[Node]) -> None:
        """Not all have withdrawn while one has been well for so long that it knows it, nor for long if all are ill."""
        willing = [node for node in there if node.runs and node.heard and node.drain is None]
        if not willing or any(node.announces for node in there):
            self.silent_since.pop(site, None)
        elif self.now - self.silent_since.setdefault(site, self.now) > LATENCY:
            raise Broken(f"nobody announces for {LATENCY:.1f} s, though {willing[0].name} could be the last resort")
        for node in there:
            faultless = node.watched and not any(check.fails for check in node.checks.values())
            well = node.answers and node.heard and node.drain is None and faultless
            node.well_since = (node.well_since if node.well_since is not None else self.now) if well else None
        proved = [
            node
            for node in there
            if node.well_since is not None
            and self.now - max(node.well_since, node.starts_at) > RECOVERY[1] + 5.0 + STEP
        ]
        if proved and not any(node.announces for node in there):
            raise Broken(f"nobody announces, though {proved[0].name} is well")

    def _check_settled(self, there: list[Node], shortest: list[Node]) -> None:
        """Nothing goes to ill nodes while a node has nothing wrong, once all had time to know it."""
        if self.now - self.last_fault < SETTLED or any(not node.watched for node in self.nodes):
            return
        able = [node for node in there if node.heard and node.drain is None]
        whole = [node for node in able if all(node.serves(pool) for pool in POOLS)]
        ill = [node for node in shortest if not all(node.serves(pool) for pool in POOLS)]
        if whole and (ill or not shortest):
            names = ", ".join(node.name for node in ill) or "nobody"
            raise Broken(f"clients are sent to {names}, though {whole[0].name} is well")

    def _check_shares(self, shares: dict[str, float], lost: float) -> None:
        """No more is lost than the shares that ill nodes had, with those that they took from other ill nodes."""
        for node in self.nodes:
            if node.is_at_ease:
                node.onset = None
            elif node.onset is None:
                node.onset = node.share
        bound = sum(node.onset for node in self.nodes if node.onset is not None)
        if lost > bound + EPSILON:
            raise Broken(f"{lost:.3f} of all queries lost, and the ill nodes had {bound:.3f}")
        for node in self.nodes:
            node.share = shares[node.name]


class Faults:
    """What happens to a group, at random times; at the end all of it stops."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.rng = group.rng
        self.seen: dict[str, int] = {}
        self.rolling: list[Node] = []
        self.quiet_until = 0.0
        kinds = [self.daemon, self.pool, self.everywhere, self.watch, self.kill, self.cut, self.drain, self.change]
        kinds += [self.router, self.reload]
        self.kinds = self.rng.sample(kinds, self.rng.randint(2, len(kinds)))

    def step(self) -> None:
        self._go_on()
        if self.group.now < self.quiet_until:
            return
        if self.rng.random() < 0.005:
            self.quiet_until = self.group.now + SETTLED + 5.0
        elif self.rng.random() < 0.06:
            self.group.last_fault = self.group.now
            kind = self.rng.choice(self.kinds)
            self.seen[kind.__name__] = self.seen.get(kind.__name__, 0) + 1
            kind()

    def stop(self) -> None:
        group = self.group
        group.cut = set()
        group.last_fault = group.now
        self.rolling = []
        for node in group.nodes:
            node.drain = None
            node.watched = True
            node.heard = True
            for name in node.checks:
                group.turn(node, name, False, RECOVERY)
            if not node.runs:
                group.start(node)

    def some(self) -> list[Node]:
        nodes = self.group.nodes
        return self.rng.sample(nodes, self.rng.choice([1, 1, 1, 2, len(nodes) // 2, len(nodes)]))

    def daemon(self) -> None:
        name = self.rng.choice(DAEMONS)
        for node in self.some():
            fails = not node.checks[name].fails
            self.group.turn(node, name, fails, DAEMON_DETECTION if fails else RECOVERY)

    def pool(self) -> None:
        name = self.rng.choice(POOLS)
        for node in self.some():
            self.group.turn(node, name, not node.checks[name].fails, POOL_DETECTION)

    def everywhere(self) -> None:
        """All pools die, or come back, on all nodes, which notice it one after the other."""
        dead = self.rng.random() < 0.5
        for node in self.group.nodes:
            for name in POOLS:
                self.group.turn(node, name, dead, POOL_DETECTION)

    def watch(self) -> None:
        for node in self.some():
            node.watched = not node.watched

    def kill(self) -> None:
        for node in self.some():
            if node.runs:
                self.group.stop(node)
            else:
                self.group.start(node)

    def cut(self) -> None:
        sites = range(self.group.sites)
        cut = {site for site in sites if self.rng.random() < 0.5}
        self.group.cut = set() if self.group.cut else cut
        self.group.last_cut = self.group.now

    def drain(self) -> None:
        for node in self.some():
            node.drain = None if node.drain is not None else Drain(self.group.now)

    def change(self) -> None:
        """All nodes are changed, one after the other."""
        if not self.rolling:
            self.rolling = list(self.group.nodes)

    def router(self) -> None:
        """Nodes lose all their sessions with routers, or have them again."""
        for node in self.some():
            node.heard = not node.heard

    def reload(self) -> None:
        """All nodes take a release while they run, one after the other, and then the one before again."""
        other = {**self.group.rules, "damping": 50.0, "grace": 6.0}
        for node in self.some():
            node.announcer.adopt(Rules(node.name, **other))
            node.announcer.adopt(Rules(node.name, **self.group.rules))

    def _go_on(self) -> None:
        if not self.rolling:
            return
        self.group.last_fault = self.group.now
        node = self.rolling[0]
        if node.drain is None:
            node.drain = Drain(self.group.now)
        elif node.announcer.is_drained or self.group.now - node.drain.since > 15:
            self.group.stop(node)
            self.group.start(node)
            node.drain = None
            self.rolling.pop(0)


def run(seed: int) -> dict[str, object]:
    """One group: it comes up, suffers, and rests."""
    group = Group(random.Random(seed))
    faults = Faults(group)
    while group.now < 15.0:
        group.step()
    _check_pools_dead_everywhere(group)
    begun = group.now
    while group.now < begun + FAULTS_TIME:
        faults.step()
        group.step()
    faults.stop()
    stopped = group.now
    rest = Rules("", **group.rules).rest + RECOVERY[1]
    while group.now < stopped + rest + 20.0:
        group.step()
    if group.last_move > stopped + rest:
        raise Broken(f"moved {group.last_move - stopped:.1f} s after the last fault, the bound is {rest:.1f} s")
    restless = [node.name for node in group.nodes if not node.is_at_ease]
    if restless:
        raise Broken(f"at the end not at their best: {', '.join(restless)}")
    return {
        "nodes": len(group.nodes),
        "sites": group.sites,
        "faults": faults.seen,
        "moves": max(node.moves for node in group.nodes),
        "rest": round(max(0.0, group.last_move - stopped), 1),
    }


def _check_pools_dead_everywhere(group: Group) -> None:
    """Nobody moves when all pools die and come back, which the nodes notice one after the other."""
    restless = [node.name for node in group.nodes if not node.is_at_ease]
    if restless:
        raise Broken(f"not at their best after the start: {', '.join(restless)}")
    for fails in (True, False):
        begun = group.now
        for node in group.nodes:
            for name in POOLS:
                group.turn(node, name, fails, POOL_DETECTION)
        while group.now < begun + 10.0:
            group.step()
        if group.last_move > begun:
            raise Broken(f"moved {group.last_move - begun:.1f} s after all pools {'died' if fails else 'came back'}")


def main() -> None:
    first, runs = int(sys.argv[1]), int(sys.argv[2])
    seen: list[dict[str, object]] = []
    for seed in range(first, first + runs):
        try:
            seen.append(run(seed))
        except Broken as broken:
            sys.exit(f"seed {seed}: {broken}")
    print(json.dumps(seen))


main()
