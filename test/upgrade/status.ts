/** What `dns-lb-agent status --json` tells, now and before, as far as it is judged here. */
export interface NodeStatus {
  readonly release: string;
  readonly change: string | null;
  readonly drained: boolean;
  readonly failedChecks?: readonly string[];
  /** Held the failed checks before. */
  readonly vrrp?: { readonly failedChecks?: readonly string[] } | null;
  readonly services: readonly { readonly name: string; readonly running: boolean }[];
  readonly pools: readonly { readonly name: string; readonly servers: readonly ServerStatus[] }[];
}

/** A server, with what each daemon says of it in fields of its own. */
interface ServerStatus {
  readonly name: string;
  readonly drained: boolean;
}

/** What is wrong with a node, in words; nothing if all is well but for the servers that are dead on purpose. */
export function wrongWith(status: NodeStatus, dead: readonly string[]): string[] {
  const { vrrp, services, pools, failedChecks = vrrp?.failedChecks ?? ["unknown"] } = status;
  const servers = pools.flatMap((pool) => pool.servers.map((server) => ({ pool, server })));
  return [
    ...failedChecks.map((name) => `check ${name} fails`),
    ...services.filter(({ running }) => !running).map(({ name }) => `${name} does not run`),
    ...servers
      .filter(({ server }) => !server.drained && !dead.includes(server.name) && !isUp(server))
      .map(({ pool, server }) => `${pool.name}/${server.name} is ${statesOf(server).join(", ") || "unknown"}`),
  ];
}

/** A server of a pool as a node sees it. */
export function serverOf({ pools }: NodeStatus, poolAndServer: string): ServerStatus {
  const [poolName, name] = poolAndServer.split("/");
  const found = pools.find((pool) => pool.name === poolName)?.servers.find((server) => server.name === name);
  if (found === undefined) throw new RangeError(`the status tells of no ${poolAndServer}`);
  return found;
}

/** What the daemons say of a server, whichever they are. */
export function statesOf({ name, drained, ...daemons }: ServerStatus): string[] {
  return textsIn(daemons).map((state) => state.toLowerCase());
}

function isUp(server: ServerStatus): boolean {
  const states = statesOf(server);
  return states.length > 0 && states.every((state) => state === "up");
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
