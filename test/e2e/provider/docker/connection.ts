import Docker from "dockerode";
import { Refusal } from "../sdk/resource.js";
import { SshTunnel } from "./ssh.js";

/** What one configured provider instance has at hand. */
export interface Connection {
  readonly docker: Docker;
  /** The API version that the real provider's client and the engine would agree on. */
  readonly apiVersion: string;
  /** Where relative paths begin: the real provider runs where Terraform does. */
  readonly directory: string;
  /** When this instance last started a container; the real provider keeps one for all containers. */
  startedAt: Date | undefined;
  /** Ends what keeps the connection open. */
  readonly close: () => void;
}

const NEWEST_CLIENT_API = "1.49";

/** Opens a connection to the engine at an address of the form `unix://`, `tcp://` or `ssh://`. */
export async function connect(
  host: string,
  directory: string,
  sshOptions: readonly string[] = [],
): Promise<Connection> {
  const url = URL.canParse(host) ? new URL(host) : undefined;
  const ssh = url?.protocol === "ssh:" ? await SshTunnel.open(url, sshOptions) : undefined;
  const docker = client(ssh === undefined ? host : `unix://${ssh.path}`);
  try {
    const { ApiVersion } = await docker.version();
    return {
      ...{ docker, directory, apiVersion: older(ApiVersion, NEWEST_CLIENT_API), startedAt: undefined },
      close: () => ssh?.close(),
    };
  } catch {
    ssh?.close();
    throw new Refusal(
      `Error pinging Docker server, please make sure that ${host} is reachable and has a  '_ping' endpoint. ` +
        `Error: ${ssh?.words || `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`}`,
    );
  }
}

/** Tells whether the agreed API version is at least the given one, compared as the real provider does. */
export function speaks(connection: Connection, version: string): boolean {
  return connection.apiVersion >= version;
}

/** The engine's complaint as Docker's Go client words it. */
export function complaint(error: unknown): string {
  if (typeof error === "object" && error !== null && "json" in error) {
    const { json } = error;
    if (typeof json === "object" && json !== null && "message" in json) {
      return `Error response from daemon: ${String(json.message).trim()}`;
    }
  }
  return error instanceof Error ? error.message : String(error);
}

/** Tells whether the engine said that something does not exist. */
export function isNotFound(error: unknown): boolean {
  return typeof error === "object" && error !== null && "statusCode" in error && error.statusCode === 404;
}

/** Does something with the engine; a complaint becomes a refusal with the given beginning. */
export async function attempt<Result>(beginning: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new Refusal(`${beginning}: ${complaint(error)}`);
  }
}

function client(host: string): Docker {
  if (host.startsWith("unix://")) return new Docker({ socketPath: host.slice("unix://".length) });
  const url = URL.canParse(host) ? new URL(host) : undefined;
  if (url?.protocol !== "tcp:") throw new Refusal(`the stand-in reaches unix://, tcp:// and ssh:// only, not ${host}`);
  return new Docker({ host: url.hostname, port: Number(url.port || "2375"), protocol: "http" });
}

function older(one: string, other: string): string {
  const [, minor = "0"] = one.split(".");
  const [, otherMinor = "0"] = other.split(".");
  return Number(minor) < Number(otherMinor) ? one : other;
}
