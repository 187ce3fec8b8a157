import type { App } from "cdktf";
import { listenersOf } from "../../lib/model/listener.js";
import { type LoadBalancer, sharedAddressesOf } from "../../lib/model/load-balancer.js";
import type { Secret } from "../../lib/model/secret.js";
import { Lab, LabSecret } from "../../lib/testing/index.js";
import type { LabSecrets } from "../../lib/testing/lab/secret.js";
import { loadBalancersOf } from "../../lib/testing/load-balancers-of.js";
import { CERTIFICATE_NAME } from "./files.js";
import type { FileName } from "./plan.js";
import { contradiction, patienceFor, probedRecords, type Question, questionsTo } from "./questions.js";

/** What became of an app in the lab. */
export interface Started {
  /** What was found; empty if nothing. */
  readonly text: string;
  /** How many questions were answered. */
  readonly answered: number;
  /** What could not be asked, and why. */
  readonly notStarted: readonly string[];
}

/** Starts the load balancers of an app in the lab, and asks every listener of each frontend. */
export async function startAndAsk(app: App, name: string, fileOf: (name: FileName) => string): Promise<Started> {
  const loadBalancers = loadBalancersOf(app);
  const reason = contradiction(loadBalancers);
  if (reason !== undefined) return { text: "", answered: 0, notStarted: [reason] };
  const secrets = secretsOf(loadBalancers, fileOf);
  let lab: Lab | undefined;
  try {
    lab = await Lab.start(app, { name, secrets, ...probedRecords(loadBalancers), restart: true, readyWithin: "0s" });
    return await ask(lab, loadBalancers);
  } catch (error) {
    const text = `it does not start: ${error instanceof Error ? error.message : error}`;
    return { text, answered: 0, notStarted: [] };
  } finally {
    await lab?.stop();
  }
}

/** Asks up to the first question that gets no answer, or a wrong one. */
async function ask(lab: Lab, all: readonly LoadBalancer[]): Promise<Started> {
  const notStarted: string[] = [];
  let answered = 0;
  const begin = Date.now();
  for (const loadBalancer of all) {
    const end = begin + patienceFor(loadBalancer) * 1_000;
    for (const frontend of loadBalancer.frontends) {
      const { asked, notAsked } = questionsTo(frontend, all);
      notStarted.push(...notAsked);
      for (const question of asked) {
        const wrong = await wrongAnswer(lab, question, end);
        if (wrong !== undefined) {
          const { client, server, transport, port, name } = question;
          const about = `${frontend.name} of ${loadBalancer.name}, asked by ${client} at ${server} over ${transport} on ${port} for ${name}`;
          return { text: `no answer: ${about}: ${wrong}\n${await holdersIn(lab, loadBalancer)}`, answered, notStarted };
        }
        answered += 1;
      }
    }
  }
  return { text: "", answered, notStarted };
}

/** The least seconds for an answer, however much time others took. */
const LEAST_PATIENCE = 15;

/** Asks until the answer is right; slowly, because a client may be limited to one query per second. */
async function wrongAnswer(lab: Lab, question: Question, end: number): Promise<string | undefined> {
  const { client, name, identifies, answers, server, transport, port } = question;
  const certificate = identifies ? { clientCertificate: await lab.certificate("client.test") } : {};
  const last = Math.max(end, Date.now() + LEAST_PATIENCE * 1_000);
  for (;;) {
    const answer = await lab
      .client(client)
      .query(name, "TXT", { server, transport, port, timeout: "3s", ...certificate });
    const isRight = answer.status === "NOERROR" && answers.some((each) => answer.answers[0] === each);
    if (isRight) return undefined;
    if (Date.now() > last) return `${answer.status} ${answer.error ?? ""} ${answer.answers.join(" ")}`;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
  }
}

/** Says where the addresses are that nodes share. */
async function holdersIn(lab: Lab, loadBalancer: LoadBalancer): Promise<string> {
  const lines = sharedAddressesOf(loadBalancer).map(async (address) => {
    const holders = await lab.holders(address);
    return `${address} is on ${holders.join(" and ") || "no node"}`;
  });
  return (await Promise.all(lines)).join("\n");
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
  for (const { frontends, statistics, mobility } of loadBalancers) {
    const members = mobility.kind === "bgp" ? mobility.members : [];
    for (const { password } of members.flatMap(({ neighbors }) => neighbors)) add(password, "made-up");
    add(statistics?.password, "made-up");
    add(statistics?.certificate, LabSecret.certificate(CERTIFICATE_NAME));
    for (const dot of frontends.flatMap((frontend) => listenersOf(frontend, "dot"))) {
      add(dot.certificate, LabSecret.certificate(dot.serverName ?? CERTIFICATE_NAME));
      add(dot.clientAuth?.trust, LabSecret.authority());
      add(dot.ticketKeys, keys);
    }
  }
  return found;
}
