import type { Duration, PoolMemberOptions, Rate } from "cdktf-dns-lb";

/** What a team changes, in one place. */
export interface Settings {
  /** The Docker engine that runs everything. */
  readonly host: string;
  /** What the image of the pair is built on, and what those of the servers are. */
  readonly base: string;
  readonly serverBase: string;
  /** The virtual addresses of the resolvers, which clients inside ask. */
  readonly internal: readonly string[];
  /** The virtual addresses of the authoritative servers, which everybody asks. */
  readonly public: readonly string[];
  /** Resolvers beside those that the app deploys. */
  readonly otherResolvers: readonly PoolMemberOptions[];
  /** Networks that no frontend serves. */
  readonly banned: readonly string[];
  /** Connections that one client may open. */
  readonly connections: Rate;
  /** How often the servers are probed. */
  readonly probeInterval: Duration;
}

/** One engine, a bridge of its own. */
export const SETTINGS: Settings = {
  host: "unix:///var/run/docker.sock",
  base: "debian:13-slim",
  serverBase: "debian:13-slim",
  internal: ["172.30.53.53", "fd30:53::53"],
  public: ["172.30.53.54", "fd30:53::54"],
  otherResolvers: [],
  banned: ["172.30.53.192/26"],
  connections: "1000/10s",
  probeInterval: "1s",
};
