import { none } from "../../../../scripts/figures/bounds.js";
import type { Outcome } from "../outcome.js";
import type { Site } from "../site.js";

/** Destroys everything, and looks for what is left. */
export async function destroy(site: Site): Promise<Outcome> {
  const bases = new Set([site.settings.base, site.settings.serverBase]);
  await site.clients.close();
  const { code, text, seconds } = await site.destroy();
  const { docker } = site.engine;
  const containers = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
  const volumes = (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
  const networks = (await docker.listNetworks({ filters: { type: ["custom"] } })).map(({ Name }) => Name);
  const tags = (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
  const images = tags.filter((tag) => tag.startsWith("dns-lb-") && !bases.has(tag));
  const { stdout } = await site.engine.run(["ip", "-o", "address", "show"]);
  const addresses = [...site.settings.internal, ...site.settings.public].filter((each) => stdout.includes(`${each}/`));
  const left = { containers, volumes, networks, images, addresses };
  return {
    figures: { seconds, left, tags, ...(code === 0 ? {} : { text: text.slice(-2_000) }) },
    text: `destroyed in ${seconds.toFixed(0)} s; left: ${Object.values(left).flat().join(", ") || "nothing"}`,
    bounds: [
      none("destroy: status", code ?? 1),
      ...Object.entries(left).map(([what, names]) => none(`destroy: ${what} left`, names.length)),
    ],
  };
}
