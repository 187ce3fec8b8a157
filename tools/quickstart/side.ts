/** An address of a frontend, and a client that is served there. */
export interface Side {
  readonly frontend: string;
  readonly family: "IPv4" | "IPv6";
  readonly address: string;
  readonly client: string;
  /** Every server answers this name with its own. */
  readonly whoami: string;
}

/** Both frontends of the production example, in both families. */
export const SIDES: readonly Side[] = [
  { ...internal("IPv4"), address: "10.0.0.53", client: "10.0.0.77" },
  { ...internal("IPv6"), address: "fd53::53", client: "fd53::77" },
  { ...outside("IPv4"), address: "203.0.113.53", client: "192.0.2.77" },
  { ...outside("IPv6"), address: "2001:db8:113::53", client: "2001:db8:99::77" },
];

/** The transports that every frontend answers on, as the lab and as people call them. */
export const TRANSPORTS = [
  ["udp", "UDP"],
  ["tcp", "TCP"],
  ["dot", "DoT"],
] as const;

function internal(family: Side["family"]) {
  return { frontend: "internal", family, whoami: "whoami.dns-lb.test" };
}

function outside(family: Side["family"]) {
  return { frontend: "public", family, whoami: "whoami.example.com" };
}
