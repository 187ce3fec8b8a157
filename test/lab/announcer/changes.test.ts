import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { service } from "../../node/agent/fake-node.js";
import { withoutProgress } from "../../progress-lines.js";
import {
  announcing,
  apply,
  BIRD,
  CHECKS,
  fails,
  mode,
  node,
  OWN,
  other,
  PEER,
  python,
  releaseOf,
  told,
  until,
  withAnnouncer,
} from "./announcer-node.js";

withAnnouncer();

test("a change that restarts a daemon does so when routers have left the node, and ends when they have it again", async () => {
  const close = other({});
  try {
    const unbound = service({ name: "unbound", restartOn: ["unbound.conf"] });
    const release = releaseOf({ services: [unbound, BIRD] });
    const files = { "bird/bird.conf": "", "unbound.conf": "1" };
    for (const { name } of CHECKS) fails(name, false);
    expect(await node.agent("apply", node.bundle(release, files), "--timeout", "3")).toMatchObject({ status: 0 });
    for (const name of ["unbound", "bird"]) node.supervise(name);
    await told("told 0 0");
    const before = node.pid("unbound");
    const changed = node.agent("apply", node.bundle(release, { ...files, "unbound.conf": "2" }), "--timeout", "3");
    await told("told 0 1");
    expect(node.pid("unbound")).toBe(before);
    const { status: ended, stdout } = await changed;
    expect(ended).toBe(0);
    expect(stdout.replace(/\d+ ms|[0-9a-f]{16}/g, "N")).toBe(
      "validated N\nnode drained\nunbound restarted\nbird reloaded\n2001:db8:113::53 put on lo\nnode takes part again\nready N\n",
    );
    expect(node.journal().slice(3)).toEqual(["told 0 1", "told 0 2", "told 0 2", "told 4 0", "told 0 0"]);
  } finally {
    close();
  }
});

test("a node is ready without a router until it had one, and not afterwards; a change that costs none goes on", async () => {
  mode("down");
  await announcing();
  const reason = "no router has a session with the node: 192.0.2.1 is in state Active";
  expect(await node.agent("ready", "--timeout", "0.5")).toMatchObject({ status: 0, stderr: `warning: ${reason}\n` });
  mode("");
  const { status, stderr } = await node.agent("ready", "--timeout", "5");
  expect({ status, stderr: withoutProgress(stderr) }).toEqual({ status: 0, stderr: "" });
  mode("down");
  expect(await node.agent("ready", "--timeout", "0.5")).toMatchObject({
    status: 1,
    stderr: `dns-lb-agent: ${reason}\n`,
  });
  expect(await apply(releaseOf(), "another")).toMatchObject({ status: 0 });
});

test("what is known of the announcement and of sessions is a metric, and NaN before", async () => {
  const compose = [
    { kind: "release-metric", path: "release.prom", restartDue: "{service}", live: "<{key} {value}>" },
  ] as const;
  await announcing(releaseOf({ compose: [...compose] }));
  const text = readFileSync(join(node.state, "current/release.prom"), "utf8");
  expect(text).toContain(
    "# TYPE dns_lb_announcement_cost gauge\ndns_lb_announcement_cost <dns_lb_announcement_cost NaN>\n",
  );
  expect(text).toContain(
    'dns_lb_bfd_session_up{session="router1",neighbor="192.0.2.1"} <dns_lb_bfd_session_up/router1 NaN>\n',
  );
  const program = `
import json, sys
from dnslb_agent import mobility, reader
from dnslb_agent.node import Node
node = Node(*json.load(sys.stdin))
live = reader.read(node.current_link)
print(json.dumps({each.key: each.text for each in mobility.for_release(live).metrics(node)}))`;
  fails("haproxy");
  await told("told 3 0");
  await until(() => JSON.parse(readFileSync(join(node.run, "private/announcer.json"), "utf8")).taken === true);
  expect(python(program, [node.state, node.run])).toEqual({
    dns_lb_announced_addresses: "0",
    dns_lb_announcement_cost: "3",
    dns_lb_announcement_failures_cost: "3",
    dns_lb_announcement_withdrawn: "0",
    dns_lb_announcement_graceful_shutdown: "0",
    dns_lb_announcement_damped: "0",
    dns_lb_announcement_taken: "1",
    dns_lb_announcement_changes_total: "2",
    dns_lb_announcement_watch_stale: "0",
    dns_lb_announcement_others_serve: "0",
    "dns_lb_bgp_session_up/router1": "1",
    "dns_lb_bgp_announced_addresses/router1": "1",
    "dns_lb_bfd_session_up/router1": "1",
  });
});

test("a node that no router has says to others that it announces nothing", async () => {
  await announcing();
  const socket = createSocket({ type: "udp4" });
  const said: boolean[] = [];
  socket.on("message", (data) => {
    const word = JSON.parse(data.toString());
    if ("announces" in word) said.push(word.announces);
  });
  await new Promise<void>((resolve) => socket.bind(5_398, PEER, resolve));
  const question = JSON.stringify({ v: 1, nonce: "0".repeat(32) }).padEnd(512);
  const asking = setInterval(() => socket.send(question, 5_398, OWN), 50);
  try {
    await until(() => said.at(-1) === true);
    mode("down");
    await until(() => said.at(-1) === false);
  } finally {
    clearInterval(asking);
    socket.close();
  }
});
