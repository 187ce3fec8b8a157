import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { none } from "../../../../scripts/figures/bounds.js";
import { table } from "../../../../scripts/figures/table.js";
import type { Outcome } from "../outcome.js";
import { PAIR, SERVERS, type Site } from "../site.js";

/** Looks for the secrets of the deployment wherever they must not be. */
export async function secrets(site: Site): Promise<Outcome> {
  const { statistics, transfer } = site.secrets;
  const key = /-----BEGIN PRIVATE KEY-----\n([^\n]+)/.exec(site.readCertificate())?.[1] ?? "";
  const wanted = { "the password of statistics": statistics, "the key of transfers": transfer, "the TLS key": key };
  if (Object.values(wanted).some((text) => text.length < 20)) throw new Error("there is a secret without any text");
  const places = await placesOf(site);
  const found = Object.entries(wanted).flatMap(([what, text]) =>
    places.filter(({ content }) => content.includes(text)).map(({ name }) => [what, name] as const),
  );
  const readable = await worldReadable(site, Object.values(wanted));
  // That they are found where they must be shows that looking finds.
  const own = await site.node("lb1").exec(["grep", "-rlF", statistics, "/var/lib/dns-lb/current/"]);
  return {
    figures: { places: places.map(({ name }) => name), found, readable },
    text: found.length + readable.length === 0 ? `looked in ${places.length} places` : table(["secret", "in"], found),
    bounds: [
      none("secrets in state, plans, logs, labels, environment or output", found.length),
      none("secrets in files that anybody may read", readable.length),
      none("places looked in that should hold a secret and do not", own.code ?? 1),
    ],
  };
}

async function placesOf(site: Site): Promise<readonly { readonly name: string; readonly content: string }[]> {
  const { directory } = site.workspace;
  const files = ["cdktf.out", "."].flatMap((folder) => filesBelow(join(directory, folder), folder === "."));
  const containers = await site.engine.docker.listContainers({ all: true });
  const inspected = await Promise.all(
    containers.map(async ({ Id, Names }) => ({
      name: `inspection of ${Names[0]}`,
      content: JSON.stringify(await site.engine.docker.getContainer(Id).inspect()),
    })),
  );
  const logs = await Promise.all(
    [...PAIR, ...SERVERS].map(async (name) => ({ name: `log of ${name}`, content: await site.node(name).log() })),
  );
  return [
    ...files.map((path) => ({ name: path.replace(`${directory}/`, ""), content: readFileSync(path, "latin1") })),
    ...inspected,
    ...logs,
    { name: "what deployments said", content: site.said.join("\n") },
  ];
}

/** Terraform's state and what was synthesized; not the sources of the secrets themselves. */
function filesBelow(folder: string, onlyHere: boolean): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const info = statSync(path, { throwIfNoEntry: false });
    if (info?.isDirectory()) return onlyHere || name === ".terraform" ? [] : filesBelow(path, false);
    return info?.isFile() ? [path] : [];
  });
}

async function worldReadable(site: Site, texts: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of [...PAIR, ...SERVERS]) {
    for (const text of texts) {
      const script =
        'find / -xdev -type f -perm -o+r -exec grep -lF -- "$1" {} + ; find /var/lib/dns-lb /run /tmp -type f -perm -o+r -exec grep -lF -- "$1" {} +';
      const { stdout } = await site.node(name).exec(["sh", "-c", `${script}; true`, "sh", text]);
      found.push(
        ...stdout
          .split("\n")
          .filter(Boolean)
          .map((path) => `${name}:${path}`),
      );
    }
  }
  return found;
}
