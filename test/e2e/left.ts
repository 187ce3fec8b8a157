import type { Engine } from "./engine.js";

/** What there is of ours on an engine, beside base images. */
export async function leftOn({ docker }: Engine, bases: readonly string[]) {
  const containers = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
  const volumes = (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
  const networks = (await docker.listNetworks({ filters: { type: ["custom"] } })).map(({ Name }) => Name);
  const tags = (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
  const images = tags.filter((tag) => tag.startsWith("dns-lb-") && !bases.includes(tag));
  return { containers, volumes, networks, images };
}
