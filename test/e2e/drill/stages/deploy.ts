import { none, within } from "../../../../scripts/figures/bounds.js";
import { table } from "../../../../scripts/figures/table.js";
import type { Outcome } from "../outcome.js";
import { type Site, TLS_NAME } from "../site.js";

const CLIENT = 101;

interface Question {
  readonly address: string;
  readonly transport: "udp" | "tcp" | "dot";
  readonly status: string;
  readonly answer: string;
  readonly alpn?: string;
  readonly milliseconds: number;
}

/** Brings everything up on an engine that has nothing, asks, and deploys again, which must change nothing. */
export async function deploy(site: Site): Promise<Outcome> {
  const first = await site.deploy();
  if (first.code !== 0) throw new Error(`cdktf deploy failed:\n${first.text.slice(-4000)}`);
  await site.settle();
  const made = await ids(site);
  const questions = await askEverywhere(site);
  const seen = await clientsSeen(site);
  const again = await site.deploy();
  const remade = (await ids(site)).filter((id) => !made.includes(id));
  const rows = questions.map(({ address, transport, status, answer, alpn, milliseconds }) => [
    ...[address, transport, status, answer, alpn, Math.round(milliseconds)],
  ]);
  return {
    figures: { seconds: { first: first.seconds, again: again.seconds }, questions, seen },
    text: `deployed in ${first.seconds.toFixed(0)} s, again in ${again.seconds.toFixed(0)} s\n\n${table(
      ["asked", "over", "status", "answer", "ALPN", "ms"],
      rows,
    )}`,
    bounds: [
      none("clean deploy: queries not answered as they must be", questions.filter((each) => !right(each)).length),
      none("clean deploy: transports on which a resolver did not see the client", seen.filter(({ ok }) => !ok).length),
      none("second deploy: status", again.code ?? 1),
      none("second deploy: containers made anew", remade.length),
      none("second deploy: stacks with changes", changedStacks(again.text)),
      within("clean deploy, images built included", { atMost: 600_000 }, Math.round(first.seconds * 1000)),
    ],
  };
}

/** How many stacks Terraform did more to than to look. */
export function changedStacks(text: string): number {
  return (text.match(/Apply complete! Resources: (?!0 added, 0 changed, 0 destroyed)/g) ?? []).length;
}

/** The containers of the engine. */
export async function ids(site: Site): Promise<readonly string[]> {
  return (await site.engine.docker.listContainers({ all: true })).map(({ Id }) => Id);
}

async function askEverywhere(site: Site): Promise<readonly Question[]> {
  const { internal, public: open } = site.settings;
  const client = site.client(CLIENT);
  const questions: Question[] = [];
  for (const address of [...internal, ...open]) {
    const name = internal.includes(address) ? "whoami.home.arpa" : "whoami.example.com";
    for (const transport of ["udp", "tcp", "dot"] as const) {
      const { status, answers, alpn, time } = await client.query(name, "TXT", {
        ...{ server: address, transport },
        ...(transport === "dot" ? { tlsName: TLS_NAME } : {}),
      });
      const dot = alpn === undefined ? {} : { alpn };
      questions.push({ address, transport, status, answer: answers.join(" "), ...dot, milliseconds: time });
    }
  }
  return questions;
}

function right({ address, transport, status, answer, alpn }: Question): boolean {
  const expected = /\.53$|::53$/.test(address) ? /^resolver[12]$/ : /^authoritative$/;
  return status === "NOERROR" && expected.test(answer) && (transport !== "dot" || alpn === "dot");
}

/** Asks over every transport and looks into the resolvers' logs for the client's own address. */
async function clientsSeen(site: Site) {
  const resolvers = [site.node("resolver1"), site.node("resolver2")];
  for (const resolver of resolvers) await resolver.logQueries(true);
  const client = site.client(CLIENT);
  const seen: { readonly transport: string; readonly ok: boolean }[] = [];
  for (const server of site.settings.internal.slice(0, 2)) {
    for (const transport of ["udp", "tcp", "dot"] as const) {
      const name = `${transport}-${server.includes(":") ? "6" : "4"}.www.home.arpa`;
      await client.query(name, "A", { server, transport });
      const logs = await Promise.all(resolvers.map((resolver) => resolver.log()));
      const own = server.includes(":") ? `fd30:53::${CLIENT}` : `172.30.53.${CLIENT}`;
      seen.push({ transport: `${transport} ${server}`, ok: logs.some((log) => log.includes(`${own} ${name}. A IN`)) });
    }
  }
  for (const resolver of resolvers) await resolver.logQueries(false);
  return seen;
}
