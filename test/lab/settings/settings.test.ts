import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DotListener } from "../../../lib/model/dot-listener.js";
import { command } from "../../../lib/testing/lab/command.js";
import { Lab, LabSecret } from "../../../lib/testing/lab/index.js";
import { hostOf } from "../floods/flood.js";
import { onBothGenerations } from "../generations.js";
import { leftovers, NOTHING } from "../leftovers.js";
import { dnsListener, frontend, resolverPool, servers, standalone } from "../models.js";

/*
 * Settings of the article's production configuration (S20) that have a property or a value of the library: UDP and TCP
 * balanced apart, ciphers, and how long a replaced process stays.
 */

const CERTIFICATE = "certs/dns.example.com.pem";
const CLIENT = "10.0.0.77";
const [DIRECT, INSPECTED] = ["10.0.0.2", "10.0.0.3"];
const HARD_STOP = 10;

const dot: DotListener = {
  ...{ kind: "dot", name: "dot", port: 853, minimumTlsVersion: "1.2", idleTimeout: "30s" },
  certificate: { kind: "local-file", path: CERTIFICATE },
};
const pool = resolverPool({
  servers: servers("resolver", "192.168.1.10", 2),
  balance: { kind: "first" },
  tcpBalance: { kind: "round-robin" },
});
const model = standalone({
  nodes: [{ name: "lb1", addresses: [DIRECT, INSPECTED], interface: "eth0" }],
  hardStopAfter: `${HARD_STOP}s`,
  frontends: [
    frontend({ name: "direct", addresses: [DIRECT], pool, listeners: [dnsListener("direct"), dot] }),
    frontend({ name: "inspected", addresses: [INSPECTED], pool, tcpPath: "inspected" }),
  ],
});

onBothGenerations(
  ({ name, options }) => {
    const NAME = `t_settings_${name}`;
    let lab: Lab;

    beforeAll(async () => {
      lab = await Lab.start([model], {
        ...{ name: NAME, readyWithin: "60s", ...options },
        secrets: { [CERTIFICATE]: LabSecret.certificate("dns.example.com") },
      });
      await lab.client(CLIENT).query("whoami.dns-lb.test", "TXT", { server: DIRECT });
    }, 120_000);

    afterAll(async () => {
      await lab?.stop();
      expect(leftovers(NAME)).toEqual(NOTHING);
    });

    const client = async (...words: readonly string[]) => {
      const inside = ["ip", "netns", "exec", hostOf(lab, CLIENT), "python3", join(__dirname, "client.py")];
      return (await command([...inside, ...words])).stdout.trim();
    };

    test.each([DIRECT, INSPECTED])("UDP goes to the first server, and TCP to all, at %s", async (server) => {
      const ask = async (transport: "udp" | "tcp") => {
        const load = await lab.client(CLIENT).load({
          ...{ server, transport, name: "whoami.dns-lb.test", type: "TXT", rate: 50, count: 40 },
        });
        return (await load.done).byAnswer;
      };
      expect(await ask("udp")).toEqual({ resolver1: 40 });
      expect(await ask("tcp")).toEqual({ resolver1: expect.any(Number), resolver2: expect.any(Number) });
    });

    test("TLS 1.2 has ciphers with forward secrecy and authenticated encryption alone", async () => {
      const shake = (names: string) => client("ciphers", DIRECT, names);
      // The certificate of a lab has a key on an elliptic curve.
      expect(await shake("ECDHE+AESGCM")).toMatch(/^ECDHE-\w+-AES\d+-GCM-SHA\d+$/);
      expect(await shake("ECDHE+CHACHA20")).toMatch(/^ECDHE-\w+-CHACHA20-POLY1305$/);
      expect(await shake("ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256")).toBe("refused");
      expect(await shake("ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA")).toBe("refused");
      expect(await shake("AES128-GCM-SHA256:AES256-GCM-SHA384")).toBe("refused");
    });

    test("a replaced process ends its connections after the time that is given", async () => {
      const held = client("hold", DIRECT, String(HARD_STOP * 3));
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await lab.apply([
        { ...model, frontends: model.frontends.map((each) => ({ ...each, allowFrom: ["10.0.0.0/9"] })) },
      ]);
      const seconds = Number(await held);
      expect(seconds).toBeGreaterThan(HARD_STOP - 2);
      expect(seconds).toBeLessThan(HARD_STOP * 2);
    }, 60_000);
  },
  { ownIfShort: true },
);
