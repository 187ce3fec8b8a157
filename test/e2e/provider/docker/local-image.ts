import type { ImageInspectInfo } from "dockerode";
import { type Connection, complaint, isNotFound } from "./connection.js";

/** Finds an image in the engine by name, digest or id. */
export async function localImage({ docker }: Connection, name: string): Promise<ImageInspectInfo | undefined> {
  try {
    return await docker.getImage(name).inspect();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Finds an image in the engine, or pulls it. */
export async function findImage(connection: Connection, name: string, platform = ""): Promise<ImageInspectInfo> {
  const local = await localImage(connection, name);
  if (local !== undefined) return local;
  try {
    const stream = await connection.docker.pull(name, platform === "" ? {} : { platform });
    await new Promise<void>((resolve, reject) => {
      connection.docker.modem.followProgress(stream, (error) => (error === null ? resolve() : reject(error)));
    });
  } catch (error) {
    throw new Error(`unable to pull image ${name}: error pulling image ${name}: ${complaint(error)}`);
  }
  const pulled = await localImage(connection, name);
  if (pulled === undefined) throw new Error(`unable to find or pull image ${name}`);
  return pulled;
}
