import type Docker from "dockerode";

/** Removes from an engine what an aborted run left there: everything whose name has a prefix. */
export async function sweep(docker: Docker, prefix: string): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const { Id, Names } of await docker.listContainers({ all: true })) {
    const name = Names.map((given) => given.replace(/^\//, "")).find((given) => given.startsWith(prefix));
    if (name === undefined) continue;
    await docker.getContainer(Id).remove({ force: true, v: true });
    removed.push(`container ${name}`);
  }
  for (const { Id, Name } of await docker.listNetworks()) {
    if (!Name.startsWith(prefix)) continue;
    await docker.getNetwork(Id).remove();
    removed.push(`network ${Name}`);
  }
  for (const { Name } of (await docker.listVolumes()).Volumes) {
    if (!Name.startsWith(prefix)) continue;
    await docker.getVolume(Name).remove();
    removed.push(`volume ${Name}`);
  }
  for (const { RepoTags } of await docker.listImages()) {
    for (const tag of (RepoTags ?? []).filter((name) => name.startsWith(prefix))) {
      await docker.getImage(tag).remove({ force: true });
      removed.push(`image ${tag}`);
    }
  }
  return removed;
}
