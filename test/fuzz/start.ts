import type { App } from "cdktf";
import { cidrContains, familyOf } from "../../lib/core/ip.js";
import { isInZone } from "../../lib/core/names.js";
import type { Frontend } from "../../lib/model/frontend.js";
import { listenersOf } from "../../lib/model/listener.js";
import type { LoadBalancer } from "../../lib/model/load-balancer.js";
import type { Secret } from "../../lib/model/secret.js";
import { Lab, LabSecret } from "../../lib/testing/index.js";
import type { LabSecrets } from "../../lib/testing/lab/secret.js";
import { loadBalancersOf } from "../../lib/testing/load-balancers-of.js";
import { CERTIFICATE_NAME } from "./files.js";
import type { FileName } from "./plan.js";

/** What became of an app in the lab. */
export interface Started {
  /** What was found; empty if nothing. */
  readonly text: string;
  /** How many frontends answered. */
  readonly answered: number;
  /** What could not be started or asked, and why. */
  readonly notStarted: readonly string[];
}

/** Seconds that a frontend may take for its first answer: longer than the slowest adverts and probes. */
const PATIENCE = 60;

/** Starts the load balancers of an app in the lab, and asks each frontend over UDP and TCP. */
export async function startAndAsk(app: App, fileOf: (name: FileName) => string): Promise<Started> {
  const loadBalancers = loadBalancersOf(app);
  const secrets = secretsOf(loadBalancers, fileOf);
  let lab: Lab | undefined;
  try {
    lab = await Lab.start(app, { name: "fuzz", secrets, restart: true, readyWithin: "0s" });
    return await ask(lab, loadBalancers);
  } catch (error) {
    return {
      text: `it does not start: ${error instanceof Error ? error.message : error}`,
      answered: 0,
      notStarted: [],
    };
  } finally {
    await lab?.stop();
  }
}

async function ask(lab: Lab, loadBalancers: readonly LoadBalancer[]): Promise<Started> {
  const [silent, notAsked]: [string[], string[]] = [[], []];
  let answered = 0;
  for (const loadBalancer of loadBalancers) {
    for (const frontend of loadBalancer.frontends) {
      for (const server of frontend.addresses) {
        const client = clientFor(frontend, server, loadBalancers);
        const name = nameFor(frontend);
        if (client === undefined || name === undefined) {
          notAsked.push(
            `${frontend.name} at ${server}: ${client === undefined ? "no client is let in" : "no name is answered"}`,
          );
          continue;
        }
        for (const transport of ["udp", "tcp"] as const) {
          const status = await firstAnswer(() => lab.client(client).query(name, "TXT", { server, transport }));
          if (status === "NOERROR") answered += 1;
          else
            silent.push(
              `${frontend.name} of ${loadBalancer.name}, asked by ${client} at ${server} over ${transport} for ${name}: ${status}`,
            );
        }
      }
    }
  }
  return { text: silent.length === 0 ? "" : `no answer: ${silent.join("\n")}`, answered, notStarted: notAsked };
}

/** Asks until there is an answer; slowly, because a client may be limited to one query per second. */
async function firstAnswer(query: () => Promise<{ readonly status: string }>): Promise<string> {
  const end = Date.now() + PATIENCE * 1_000;
  for (;;) {
    const { status } = await query();
    if (status === "NOERROR" || Date.now() > end) return status;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  }
}

/** A client that the frontend serves and no rule turns away. */
function clientFor(
  { allowFrom, accessRules }: Frontend,
  server: string,
  all: readonly LoadBalancer[],
): string | undefined {
  const candidates =
    familyOf(server) === "ipv4"
      ? ["10.77.7.7", "192.168.7.7", "192.168.77.7", "198.18.0.7"]
      : ["fd00:7::7", "fd00:77::7"];
  const taken = new Set(all.flatMap(({ nodes }) => nodes.flatMap(({ addresses }) => addresses)));
  return candidates.find(
    (address) =>
      !taken.has(address) &&
      allowFrom.some((network) => cidrContains(network, address)) &&
      !accessRules.some(({ from }) => from.some((network) => cidrContains(network, address))),
  );
}

/** A name that the servers answer and no rule turns away. */
function nameFor({ pool, accessRules }: Frontend): string | undefined {
  const [zone = "."] = pool.zones;
  const name = pool.role === "resolver" ? "whoami.dns-lb.test." : zone === "." ? "whoami." : `whoami.${zone}`;
  const isRefused = accessRules.some(
    ({ from, names, types }) =>
      from.length === 0 &&
      (names.length === 0 || names.some((each) => isInZone(name, each))) &&
      (types.length === 0 || types.includes("TXT")),
  );
  return isRefused ? undefined : name;
}

/** Values for all secrets of load balancers, by what the listeners need. */
function secretsOf(loadBalancers: readonly LoadBalancer[], fileOf: (name: FileName) => string): LabSecrets {
  const there = (["authority", "certificate", "password", "tickets", "zone"] as const).map(fileOf);
  const keys = ["a", "b", "c"].map((each) => `${Buffer.from(each.repeat(48)).toString("base64")}\n`).join("");
  const found: Record<string, LabSecrets[string]> = {};
  const add = (secret: Secret | undefined, value: LabSecrets[string]) => {
    if (secret === undefined) return;
    const key = "path" in secret ? secret.path : (secret.name ?? "ephemeral");
    if (!there.includes(key) || typeof value !== "string") found[key] = value;
  };
  for (const { frontends, statistics } of loadBalancers) {
    add(statistics?.password, "made-up");
    for (const dot of frontends.flatMap((frontend) => listenersOf(frontend, "dot"))) {
      add(dot.certificate, LabSecret.certificate(dot.serverName ?? CERTIFICATE_NAME));
      add(dot.clientAuth?.trust, LabSecret.authority());
      add(dot.ticketKeys, keys);
    }
  }
  return found;
}
