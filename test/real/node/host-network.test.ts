import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TwoNodes, tcp, USER, until, VIP } from "./two-nodes.js";

/* What Docker grants a container on the host's network, in a namespace that stands for the host's. */

const NET_BIND_SERVICE = 1n << 10n;

let nodes: TwoNodes;
beforeAll(async () => {
  nodes = new TwoNodes("a right");
  nodes.open();
  nodes.supervise("a");
  const outcome = await nodes.apply("a", { note: "first" });
  expect(outcome.status, outcome.stdout + outcome.stderr).toBe(0);
  await until(
    async () => nodes.holder().length === 1 && (await nodes.answers("+notcp")) && (await nodes.answers("+tcp")),
  );
});
afterAll(() => nodes?.close());

/** A set of capabilities of a process. */
function capabilities(pid: number, set: "CapPrm" | "CapAmb"): bigint {
  const line = readFileSync(`/proc/${pid}/status`, "utf8")
    .split("\n")
    .find((each) => each.startsWith(`${set}:`));
  return BigInt(`0x${line?.split("\t")[1]}`);
}

describe("a node on the host's network", () => {
  test("serves port 53 by daemons that have no other right, on an address that is not there yet as well", async () => {
    const haproxy = nodes.pid("a", "haproxy");
    expect(capabilities(haproxy, "CapPrm")).toBe(NET_BIND_SERVICE);
    expect(capabilities(haproxy, "CapAmb")).toBe(NET_BIND_SERVICE);
    expect(capabilities(nodes.pid("a", "dnsdist"), "CapPrm") & ~NET_BIND_SERVICE).toBe(0n);
    const listeners = (await nodes.call("a", "ss", "-Hltnp", "sport = 53")).stdout;
    expect(listeners).toMatch(new RegExp(`${VIP}:53 .*haproxy`));
    expect(listeners).toMatch(/0\.0\.0\.0:53 .*dnsdist/);
  });

  test("changes while it runs, new ports included", async () => {
    const pids = ["haproxy", "dnsdist"].map((service) => nodes.pid("a", service as "haproxy"));
    const change = { haproxy: `  bind ${VIP}:853 transparent`, servers: ["s2", "s3"], note: "second" };
    const outcome = await nodes.apply("a", change);
    expect(outcome.status, outcome.stdout + outcome.stderr).toBe(0);
    expect(["haproxy", "dnsdist"].map((service) => nodes.pid("a", service as "haproxy"))).toEqual(pids);
    expect((await nodes.call("a", "ss", "-Hltn", "sport = 853")).stdout).toContain(`${VIP}:853`);
    expect([await nodes.answers("+notcp"), await nodes.answers("+tcp")]).toEqual([true, true]);
    expect(nodes.note("a")).toBe("second");
  });

  test("fails when the host has something on a low port already, with the address", async () => {
    // As systemd-resolved does.
    const stub = nodes.background("a", "/usr/bin/python3", "-c", STUB);
    await until(async () => (await nodes.call("a", "ss", "-Hltn", "sport = 54")).stdout !== "");
    const outcome = await nodes.apply("a", {
      ...{ dnsdist: 'addLocal("0.0.0.0:54")', note: "third" },
      listeners: { dnsdist: [tcp("0.0.0.0", 54)] },
    });
    stub.kill();
    expect(outcome).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "dnsdist: cannot bind 0.0.0.0:54: address already in use\ndns-lb-agent: dnsdist could not listen; nothing was changed\n",
    });
    expect(nodes.note("a")).toBe("second");
  });

  test("fails when the container lacks the right", async () => {
    const set = "-all,+net_admin,+net_raw,+setuid,+setgid";
    const words = ["--no-new-privs", "--bounding-set", set, "python3", "-c", LOW_PORT, nodes.agentFolder, USER];
    expect((await nodes.call("a", "setpriv", ...words)).stdout).toBe("Permission denied\n");
    const granted = words.map((word) => (word === set ? `${set},+net_bind_service` : word));
    expect((await nodes.call("a", "setpriv", ...granted)).stdout).toBe("bound\n");
  });
});

const STUB = `
import socket, time
stub = socket.create_server(("127.0.0.53", 54))
time.sleep(60)`;

const LOW_PORT = `
import socket, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from dnslb_agent import users
users.find(sys.argv[2]).become(binds=True)
try:
    socket.socket().bind(("127.0.0.9", 55))
    print("bound")
except OSError as error:
    print(error.strerror)
`;
