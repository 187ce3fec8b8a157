import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type BirdEntry, type BirdFile, printBird } from "../../../lib/config/bird/index.js";
import type { Bgp } from "../../../lib/model/bgp.js";
import { compileBird } from "../../../lib/node/compile/bird.js";
import { run, testWith, withFiles } from "../config/daemon.js";

/* Which right of the unit of BIRD, and of its container, is for what: each is left out once. */

const UNIT = readFileSync(join(__dirname, "../../../lib/platforms/host/files/units/dns-lb-bird.service"), "utf8");
const RIGHTS = (/^CapabilityBoundingSet=(.*)$/m.exec(UNIT)?.[1] ?? "")
  .split(" ")
  .map((each) => each.replace("CAP_", "").toLowerCase());
const testRights = testWith("bird", "birdc", "unshare", "nsenter", "setpriv", "ip");

const BGP: Bgp = {
  ...{ asn: 64_512, defaultRoute: "bgp", whenSick: { daemon: "withdraw", pool: "prepend" } },
  members: [
    {
      node: "lb1",
      neighbors: [{ address: "10.0.0.1", asn: 64_500, bfd: { interval: "100ms", multiplier: 3 } }],
      communities: [],
    },
  ],
};

/** The router before the node. */
const ROUTER: BirdFile = {
  statements: [
    ["router id", "10.0.0.1"],
    { keyword: "protocol device", entries: [] },
    { keyword: "protocol static", entries: [{ keyword: "ipv4", entries: [] }, ["route", "0.0.0.0/0", "unreachable"]] },
    { keyword: "protocol bfd", entries: [] },
    {
      ...{ keyword: "protocol bgp", name: "node" },
      entries: [
        ["local", "10.0.0.1", "as", "64500"],
        ["neighbor", "10.0.0.2", "as", "64512"],
        ["ttl security", "on"],
        ["bfd", "on"],
        ["connect delay time", "1"],
        { keyword: "ipv4", entries: [["import", "all"], ["export", "all"], ["next hop self"]] satisfies BirdEntry[] },
      ],
    },
  ],
};

interface Seen {
  /** Of BGP. */
  readonly session: string;
  readonly bfd: string;
  /** The default route that BIRD has installed. */
  readonly route: string;
  readonly log: string;
}

/** A node with these rights beside a router: what is seen of both some seconds later. */
async function withRights(rights: readonly string[]): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), "dns-lb-bird-"));
  const node = { name: "lb1", addresses: ["10.0.0.2"], interface: "eth0" };
  const work = { bgp: BGP, node, addresses: ["203.0.113.53"], costFile: join(folder, "cost.conf") };
  const files = {
    "cost.conf": "define COST = 0;\ndefine STATE = 0;\n",
    "node.conf": printBird(compileBird({ ...work, namesAuthentication: false })),
    "router.conf": printBird(ROUTER),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const bounds = ["-all", ...rights.map((each) => `+${each}`)].join(",");
  const script = [
    "cd $0; unshare --net sleep 60 & far=$!; sleep 0.3",
    "ip link set lo up; ip link add eth0 type veth peer name eth0 netns $far",
    'router() { nsenter --net=/proc/$far/ns/net "$@"; }',
    "router ip link set lo up; router ip address add 10.0.0.1/24 dev eth0; router ip link set eth0 up",
    "ip address add 10.0.0.2/24 dev eth0; ip link set eth0 up; ip address add 203.0.113.53/32 dev lo",
    "router bird -f -c router.conf -s router.ctl -P router.pid 2>router.log & ",
    `setpriv --bounding-set=${bounds} --inh-caps=-all --no-new-privs bird -f -c node.conf -s node.ctl -P node.pid 2>log &`,
    // As long as it takes with all rights, and some seconds more.
    "for _ in $(seq 30); do sleep 0.2; birdc -s node.ctl show bfd sessions 2>&1 | grep -q Up && break; done; sleep 1",
    "birdc -s node.ctl show protocols router1 >session; birdc -s node.ctl show bfd sessions >bfd",
    "ip -4 route show default proto bird >route",
  ].join("\n");
  try {
    await new Promise<void>((resolve, reject) => {
      const words = ["--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", script, folder];
      const child = spawn("unshare", words, { stdio: "ignore" });
      child.on("error", reject).on("exit", () => resolve());
    });
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    return {
      session: /router1\s.* (\w+)\s*$/m.exec(read("session"))?.[1] ?? "none",
      bfd: /^10\.0\.0\.1\s+\S+\s+(\w+)/m.exec(read("bfd"))?.[1] ?? "none",
      route: read("route").trim(),
      log: read("log"),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const without = (right: string) => withRights(RIGHTS.filter((each) => each !== right));

describe.concurrent("BIRD", () => {
  testRights("with the rights of its unit has a session, BFD and the router's default route", async () => {
    const { log, ...seen } = await withRights(RIGHTS);
    expect(seen, log).toEqual({
      ...{ session: "Established", bfd: "Up" },
      route: "default via 10.0.0.1 dev eth0 metric 32",
    });
  });

  testRights("without NET_ADMIN has neither BFD nor the default route", async () => {
    const { log, ...seen } = await without("net_admin");
    expect(seen, log).toEqual({ session: "Established", bfd: "Down", route: "" });
    expect(log).toContain("Operation not permitted");
  });

  testRights("needs no NET_RAW, which is enough for BFD", async () => {
    const { log, ...seen } = await withRights([...RIGHTS.filter((each) => each !== "net_admin"), "net_raw"]);
    expect(seen, log).toEqual({ session: "Established", bfd: "Up", route: "" });
  });

  testRights("may lock no memory on some systems, which is no fault of a release", async () => {
    const words = ["ulimit -l 0", "exec setpriv --bounding-set=-ipc_lock --inh-caps=-all bird -p -c $0/bird.conf"];
    const { output } = await withFiles({ "bird.conf": "protocol device { }\n" }, (folder) =>
      run("sh", "-c", words.join("; "), folder),
    );
    const judge = [
      `import sys; sys.path.insert(0, "${join(__dirname, "../../../lib/node/agent")}")`,
      "from dnslb_agent.daemons.bird import Bird",
      "print([line for line in sys.argv[1].splitlines() if not Bird.success_output.fullmatch(line.strip())])",
    ];
    expect(run("python3", "-IBSc", judge.join("; "), output).output, output).toBe("[]\n");
  });

  testRights("without NET_BIND_SERVICE has no session", async () => {
    const { session, log } = await without("net_bind_service");
    expect(session).not.toBe("Established");
    expect(log).toContain("Permission denied");
  });
}, 60_000);
