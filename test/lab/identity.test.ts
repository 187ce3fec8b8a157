import { afterAll, beforeAll, expect, test } from "vitest";
import { featuresOf } from "../../lib/node/features.js";
import { Lab } from "../../lib/testing/lab/index.js";
import { installedVersions } from "../../lib/testing/lab/versions.js";
import { onBothGenerations } from "./generations.js";
import { dnsListener, frontend, standalone } from "./models.js";

const NODE = "10.0.0.2";
const INSPECTED = 5_353;
const [CLIENT, CURIOUS, STRANGER] = ["10.0.0.77", "10.0.0.78", "192.0.2.77"];

interface Path {
  readonly transport: "udp" | "tcp";
  readonly port?: number;
}
const [UDP, TCP]: readonly [Path, Path] = [{ transport: "udp" }, { transport: "tcp" }];

const model = standalone({
  identity: true,
  frontends: [
    frontend({ name: "direct", addresses: [NODE] }),
    frontend({
      name: "inspected",
      addresses: [NODE],
      tcpPath: "inspected",
      listeners: [dnsListener("inspected", INSPECTED)],
      accessRules: [{ action: "refuse", from: [`${CURIOUS}/32`], names: [], types: [], classes: ["CH"] }],
    }),
  ],
});

onBothGenerations(({ name, options }) => {
  let lab: Lab;
  let isKnown = true;
  beforeAll(async () => {
    isKnown = featuresOf(await installedVersions(options.root)).answersInClass;
    lab = await Lab.start([model], { name: `t_identity_${name}`, ...options });
  });
  afterAll(() => lab?.stop());

  /** The texts of the answers in the class CH, else the code. */
  const told = async (asked: string, path: Path, client = CLIENT) => {
    const { status, answers } = await lab.client(client).query(asked, "TXT", { server: NODE, class: "CH", ...path });
    return answers.length === 0 ? status : answers.join();
  };

  test("is told to those whom a frontend serves, over UDP and inspected TCP, else servers tell theirs", async () => {
    const own = isKnown ? /^lb1$/ : /^resolver[12]$/;
    for (const asked of ["id.server", "ID.Server", "hostname.bind"]) {
      for (const path of [UDP, { ...UDP, port: INSPECTED }, { ...TCP, port: INSPECTED }]) {
        expect(await told(asked, path), JSON.stringify({ asked, ...path })).toMatch(own);
      }
      expect(await told(asked, TCP), asked).toMatch(/^resolver[12]$/);
    }
  });

  test("is told to nobody else, and not against an access rule", async () => {
    expect(await told("id.server", UDP, STRANGER)).toBe("REFUSED");
    expect(await told("id.server", { ...UDP, port: INSPECTED }, STRANGER)).toBe("REFUSED");
    for (const transport of ["udp", "tcp"] as const) {
      expect(await told("id.server", { transport, port: INSPECTED }, CURIOUS), transport).toBe("REFUSED");
    }
  });

  test("takes no other queries from the servers", async () => {
    expect(await told("version.bind", UDP)).toMatch(/^unbound /);
    const { status } = await lab.client(CLIENT).query("id.server", "TXT", { server: NODE });
    expect(status).toBe("NXDOMAIN");
  });
});
