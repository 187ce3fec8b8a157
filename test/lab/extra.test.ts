import { afterAll, beforeAll, expect, test } from "vitest";
import { call } from "../../lib/config/dnsdist/model.js";
import type { LoadBalancerExtra } from "../../lib/model/extra.js";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import { Lab, type LabClient } from "../../lib/testing/lab/index.js";
import { onBothGenerations } from "./generations.js";
import { leftovers, NOTHING } from "./leftovers.js";
import { frontend, pair } from "./models.js";

const ADDRESS = "10.0.0.53";
const DEEP = "a.b.c.d.e.f.example.com";

const extra: LoadBalancerExtra = {
  haproxy: {
    global: [
      ["tune.bufsize", "32768"],
      ["description", "near the sea"],
    ],
    defaults: [["option", "tcpka"]],
  },
  dnsdist: [call("setRingBuffersSize", 20_000), call("setUDPTimeout", 3)],
  keepalived: [["log_unknown_vrids"], ["vrrp_no_swap"]],
};

/** A pair that drops names with more labels than six, by a rule that no property says. */
function modelWith(more: LoadBalancerExtra = extra, action = call("DropAction")): LoadBalancer {
  const rule = { rule: call("QNameLabelsCountRule", 0, 6), action };
  const own = { haproxy: [["rate-limit", "sessions", "5000"] as const], dnsdist: [rule] };
  return pair({ extra: more, frontends: [frontend({ tcpPath: "inspected", extra: own })] });
}

onBothGenerations(
  ({ name, options }) => {
    const LAB = `t_extra_${name}`;
    let lab: Lab;
    let client: LabClient;

    beforeAll(async () => {
      lab = await Lab.start([modelWith()], { name: LAB, ...options });
      client = lab.client("10.0.0.77");
    }, 120_000);
    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(LAB)).toEqual(NOTHING);
    });

    const ask = async (asked: string, transport: "udp" | "tcp") =>
      (await client.query(asked, "A", { server: ADDRESS, transport, timeout: "1s" })).status;

    test("a rule holds on every transport, and for nothing else", async () => {
      for (const transport of ["udp", "tcp"] as const) {
        expect(await ask("www.example.com", transport)).toBe("NOERROR");
        expect(await ask(DEEP, transport)).toBe(transport === "udp" ? "TIMEOUT" : "CONNECTION-CLOSED");
      }
    });

    test("a rule changes without a restart of dnsdist", async () => {
      const pids = () => ["lb1", "lb2"].map((node) => lab.node(node).process("dnsdist").pid);
      const before = pids();
      await lab.apply([modelWith(extra, call("RCodeAction", { constant: "DNSRCode.REFUSED" }))]);
      expect(await ask(DEEP, "udp")).toBe("REFUSED");
      expect(pids()).toEqual(before);
    }, 60_000);

    test.each<[string, LoadBalancerExtra, RegExp]>([
      ["haproxy", { haproxy: { global: [["tune.maxaccept", "64", "65"]] } }, /haproxy.*tune\.maxaccept/s],
      ["dnsdist", { dnsdist: [call("setUDPTimeout", "soon")] }, /dnsdist/],
      ["keepalived", { keepalived: [["vrrp_rt_priority", "fast"]] }, /keepalived.*fast/s],
    ])(
      "a wrong setting of %s fails on the node in the daemon's own words, which goes on as before",
      async (_, wrong, words) => {
        await expect(lab.apply([modelWith({ ...extra, ...wrong })])).rejects.toThrow(words);
        expect(await ask("www.example.com", "udp")).toBe("NOERROR");
        expect(await ask("www.example.com", "tcp")).toBe("NOERROR");
      },
      60_000,
    );
  },
  { ownIfShort: true },
);
