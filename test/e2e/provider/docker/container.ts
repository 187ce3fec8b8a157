import type { Container } from "dockerode";
import type { Attributes, Draft } from "../sdk/draft.js";
import { Refusal, type Resource } from "../sdk/resource.js";
import { attempt, type Connection, complaint, isNotFound } from "./connection.js";
import { createOptions, swap } from "./container-create.js";
import { containerFields } from "./container-fields.js";
import { followLogs } from "./container-logs.js";
import { takeOver } from "./container-read.js";
import { findImage } from "./local-image.js";
import { uploadFiles } from "./upload.js";

const UPDATED_IN_PLACE = ["restart", "max_retry_count", "cpu_shares", "memory", "cpu_set", "memory_swap"];

/** `docker_container`: created, filled, started, waited for; replaced for almost any change. */
export const container: Resource<Connection> = {
  schemaVersion: 2,
  fields: containerFields,

  async create(draft, connection) {
    const image = draft.text("image");
    await attempt(`Unable to create container with image ${image}`, () => findImage(connection, image));
    const options = createOptions(draft, connection);
    const created = await attempt("Unable to create container", () => connection.docker.createContainer(options));
    draft.id = created.id;
    await connectNetworks(created, draft.blocks("networks_advanced"), connection);
    await uploadFiles(created, draft.blocks("upload"), connection);
    if (draft.flag("start")) {
      connection.startedAt = new Date();
      await attempt("Unable to start container", () => created.start());
      if (draft.flag("wait")) await waitUntilHealthy(created, draft.count("wait_timeout"));
    }
    if (draft.flag("attach")) await attachTo(created, draft);
    await this.read(draft, connection);
  },

  async read(draft, connection) {
    // As long as the real provider gives a container to end at once.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const existing = connection.docker.getContainer(draft.id);
    const found = await existing.inspect().catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw new Refusal(complaint(error));
    });
    if (found === undefined) {
      draft.id = "";
      return;
    }
    if (!found.State.Running && draft.flag("must_run")) {
      const justStarted = connection.startedAt;
      await this.delete(draft, connection);
      // Found stopped by a refresh: it is forgotten without a word and planned anew.
      if (justStarted === undefined) return;
      const exited = new Date(found.State.FinishedAt) > justStarted;
      throw new Refusal(exited ? "container exited immediately" : "container failed to be in running state");
    }
    takeOver(draft, found);
  },

  async update(draft, prior, connection) {
    const value = (attributes: Attributes, name: string) => attributes.text(name) || attributes.count(name);
    if (!UPDATED_IN_PLACE.some((name) => value(draft, name) !== value(prior, name))) return;
    await attempt("Unable to update a container", () =>
      connection.docker.getContainer(draft.id).update({
        RestartPolicy: { Name: draft.text("restart"), MaximumRetryCount: draft.count("max_retry_count") },
        CpuShares: draft.count("cpu_shares"),
        Memory: draft.count("memory") * 1024 * 1024,
        CpusetCpus: draft.text("cpu_set"),
        MemorySwap: swap(draft.count("memory_swap")),
      }),
    );
  },

  async delete(draft, { docker }) {
    const existing = docker.getContainer(draft.id);
    const ignorable = (error: unknown) => /no such container|is already in progress/i.test(complaint(error));
    if (!draft.flag("attach")) {
      // Without destroy_grace_seconds the container is killed right after it was asked to stop.
      await existing.stop({ t: draft.count("destroy_grace_seconds") }).catch((error: unknown) => {
        const alreadyStopped = typeof error === "object" && error !== null && "statusCode" in error;
        if (alreadyStopped && error.statusCode === 304) return;
        throw new Refusal(`Error stopping container ${draft.id}: ${complaint(error)}`);
      });
    }
    await existing.remove({ v: draft.flag("remove_volumes"), force: true }).catch((error: unknown) => {
      if (!ignorable(error)) throw new Refusal(`Error deleting container ${draft.id}: ${complaint(error)}`);
    });
    draft.id = "";
  },
};

/** The container leaves the default bridge for its networks before it is started. */
async function connectNetworks(
  created: Container,
  networks: readonly Attributes[],
  { docker }: Connection,
): Promise<void> {
  if (networks.length === 0) return;
  try {
    await docker.getNetwork("bridge").disconnect({ Container: created.id });
  } catch (error) {
    if (!/is not connected to the network bridge/i.test(complaint(error))) {
      throw new Refusal(`Unable to disconnect the default network: ${complaint(error)}`);
    }
  }
  for (const block of networks) {
    const name = block.text("name");
    await attempt(`Unable to connect to network '${name}'`, () =>
      docker.getNetwork(name).connect({
        Container: created.id,
        EndpointConfig: {
          Aliases: block.texts("aliases"),
          IPAMConfig: {
            ...(block.has("ipv4_address") ? { IPv4Address: block.text("ipv4_address") } : {}),
            ...(block.has("ipv6_address") ? { IPv6Address: block.text("ipv6_address") } : {}),
          },
        },
      }),
    );
  }
}

/** Looks once a second for "healthy" and for nothing else: an unhealthy or ended container is waited for as well. */
async function waitUntilHealthy(created: Container, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const { Health: health } = (await created.inspect()).State;
    if (health === undefined) {
      throw new Refusal(
        "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. " +
          "Please remove the 'wait' argument or add a 'healthcheck' attribute",
      );
    }
    if (health.Status === "healthy") return;
    if (Date.now() > end) throw new Refusal("container failed to be in healthy state");
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Waits for the end of the container's run, and judges nothing. */
async function attachTo(created: Container, draft: Draft): Promise<void> {
  const [logs] = await Promise.all([
    draft.flag("logs") ? followLogs(created) : undefined,
    attempt("Unable to wait container end of execution", () => created.wait()),
  ]);
  if (logs !== undefined) draft.set("container_logs", logs);
}
