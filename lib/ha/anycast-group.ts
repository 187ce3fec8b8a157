import type { Construct } from "constructs";
import type { Duration } from "../core/duration.js";
import { checkName } from "../dns/construct-name.js";
import { LOAD_BALANCER, type LoadBalancerBinding } from "../dns/load-balancer.js";
import type { Bfd, BgpNeighbor, Community, SickReaction, WhenSick } from "../model/bgp.js";
import type { Secret } from "../model/secret.js";
import { neighborAddress, virtualAddress } from "../terraform/address-fields.js";
import { duration, integer, secret } from "../terraform/fields.js";
import type { INode } from "../terraform/node.js";
import { NODE } from "../terraform/node-field.js";
import { parseProps, type Report } from "../terraform/parse.js";
import {
  constructOr,
  type Field,
  type Filled,
  field,
  keptAs,
  listOf,
  object,
  oneOf,
  optional,
  show,
  withDefault,
} from "../terraform/schema.js";
import { isPlainObject } from "../terraform/tokens.js";
import { checkMembers } from "./anycast-members.js";
import { autonomousSystem, community } from "./autonomous-system.js";
import { LOAD_BALANCER_EXTRA, type LoadBalancerExtraOptions } from "./extra.js";
import { LoadBalancerBase, LoadBalancerBuilder } from "./load-balancer-base.js";
import { LOAD_BALANCER_OPTIONS, type LoadBalancerOptions } from "./load-balancer-options.js";
import { checkStatistics } from "./statistics.js";

/** How a node notices by BFD that a router is gone. */
export interface BfdOptions {
  /**
   * The time between packets, in both directions; the router may ask for more. Between "10ms" and "10s".
   * @default "300ms"
   * @see https://bird.network.cz/?get_doc&v=20&f=bird-6.html#ss6.3
   */
  readonly interval?: Duration;
  /**
   * How many packets may be lost in a row. Between 2 and 50.
   * @default 3
   */
  readonly multiplier?: number;
}

/** A router to which a member of an `AnycastGroup` announces the addresses. */
export interface NeighborOptions {
  /** The address of the router: its family is that of the addresses that the router learns. */
  readonly address: string;
  /** The number of the router's autonomous system, another one than that of the group. */
  readonly asn: number;
  /**
   * The password of the session (TCP MD5), which the router has, too: at most 80 bytes in one line, without quotation marks.
   * @default - no password
   * @see https://www.rfc-editor.org/rfc/rfc2385
   */
  readonly password?: Secret;
  /**
   * Node and router notice by BFD that the other is gone, in three times 300 ms or the times that are given, else only by
   * the hold time of 9 s. A session comes up all the same where the router does not speak BFD.
   * @default true
   * @see https://www.rfc-editor.org/rfc/rfc5882
   */
  readonly bfd?: boolean | BfdOptions;
  /**
   * The most hops to a router that is on no network of the node. Between 2 and 255. Packets of others, on the node's
   * networks, must have passed no router (TTL security).
   * @default - the router is on a network of the node
   */
  readonly multihop?: number;
}

/** A node of an `AnycastGroup`. */
export interface AnycastMemberOptions {
  /** The node, which runs nothing else. */
  readonly node: INode;
  /** The routers to which it announces: at least one of each family of the group's addresses. */
  readonly neighbors: readonly NeighborOptions[];
  /**
   * Communities that the node adds to all that it announces, such as one for its site.
   * @default []
   * @see https://www.rfc-editor.org/rfc/rfc1997
   */
  readonly communities?: readonly Community[];
}

/**
 * What a node announces while something of it fails that works on another member: a longer path (`"prepend"`), or nothing
 * (`"withdraw"`), as long as a better member is known to announce.
 */
export interface WhenSickOptions {
  /**
   * While dnsdist or HAProxy does not answer. Local preference, or private numbers that routers strip from the path, hide
   * a longer path.
   * @default "withdraw"
   */
  readonly daemon?: SickReaction;
  /**
   * While a pool has no live server here and has one on another member.
   * @default "prepend"
   */
  readonly pool?: SickReaction;
}

/** When a node whose announcement moves too often stays at its worst. */
export interface DampingOptions {
  /**
   * The number of moves. Between 2 and 100.
   * @default 3
   */
  readonly moves?: number;
  /**
   * The time within which they count, and for which the node then stays at its worst. Between "10s" and "1d".
   * @default "10m"
   */
  readonly within?: Duration;
}

/** Properties of an `AnycastGroup`. */
export interface AnycastGroupProps extends LoadBalancerOptions {
  /**
   * The number of the group's autonomous system, from which the nodes announce. Private ones are 64512 to 65534 and
   * 4200000000 to 4294967294.
   * @see https://www.rfc-editor.org/rfc/rfc6996
   */
  readonly asn: number;
  /** The addresses that clients query, which every node has and announces; at least one. */
  readonly addresses: readonly string[];
  /**
   * The nodes with their routers, in the order in which they are changed, one after the other; at least one in service.
   * Announced addresses are for clients alone: operators reach each node at its own.
   */
  readonly members: readonly AnycastMemberOptions[];
  /**
   * Where a node's default route comes from: `"static"` from the node's own configuration, `"bgp"` from its neighbors, so
   * that it outlives a router.
   * @default "static"
   */
  readonly defaultRoute?: "static" | "bgp";
  /**
   * What a node announces while something of it fails.
   * @default {}
   */
  readonly whenSick?: WhenSickOptions;
  /**
   * How long a node must be well before it is announced at its best again. Between "1s" and "1h".
   * @default "10s"
   */
  readonly returnAfter?: Duration;
  /**
   * When a node whose announcement moves too often stays at its worst, a last resort.
   * @default {}
   */
  readonly damping?: DampingOptions;
  /**
   * How long a node that is drained asks routers to leave it (GRACEFUL_SHUTDOWN) before it withdraws the addresses. Between
   * "5s" and "10m".
   * @default "10s"
   * @see https://www.rfc-editor.org/rfc/rfc8326
   */
  readonly gracefulShutdown?: Duration;
  /**
   * Settings of the daemons that no property says, the last resort: the daemons check them, on every node, and nothing that
   * the library promises is measured with them. What contradicts the library is refused.
   * @default - nothing
   */
  readonly extra?: LoadBalancerExtraOptions;
}

/** Runs a DNS load balancer on any number of nodes that announce its addresses to their routers by BGP (anycast). */
export class AnycastGroup extends LoadBalancerBase {
  readonly [LOAD_BALANCER]: LoadBalancerBinding;

  constructor(scope: Construct, id: string, props: AnycastGroupProps) {
    super(scope, id, "AnycastGroup");
    const { asn, addresses, members, defaultRoute, whenSick, returnAfter, damping, gracefulShutdown, ...options } =
      parseProps(
        this,
        {
          ...INPUT,
          check: (value, report) => {
            checkName(this, report);
            check(this, value, report);
          },
        },
        props,
      );
    this[LOAD_BALANCER] = new LoadBalancerBuilder(this, {
      nodes: members.map(({ node }) => node),
      defaultAddresses: addresses,
      model: {
        virtualAddresses: [],
        mobility: {
          ...{ kind: "bgp", asn, addresses, defaultRoute, whenSick, returnAfter, damping, gracefulShutdown },
          members: members.map(({ node, ...member }) => ({ node: node.description.name, ...member })),
        },
        ...options,
      },
    });
  }
}

const REACTION: Field<SickReaction> = oneOf<SickReaction>({ prepend: true, withdraw: true });

const BFD: Field<BfdOptions, Bfd> = object<BfdOptions>()({
  interval: withDefault(duration("10ms", "10s"), "300ms"),
  multiplier: withDefault(integer(2, 50), 3),
});

const BFD_TERMS = "true, false, or an object with 'interval' and 'multiplier'";
const BFD_SWITCH = field<boolean>({
  code: "DNSLB103",
  allowed: BFD_TERMS,
  accepts: (value) => typeof value === "boolean",
  refusal: (value) => (isPlainObject(value) ? undefined : `must be ${BFD_TERMS}, got ${show(value)}`),
});

/** What `bfd: true` stands for. */
const USUAL_BFD = BFD.parse({});

const NEIGHBOR = keptAs(
  object<NeighborOptions>()({
    address: neighborAddress,
    asn: autonomousSystem,
    password: optional(secret("Secret")),
    bfd: withDefault(constructOr(BFD_SWITCH, BFD), true),
    multihop: optional(integer(2, 255)),
  }),
  ({ bfd, ...neighbor }): BgpNeighbor =>
    bfd === false ? neighbor : { ...neighbor, bfd: bfd === true ? USUAL_BFD : bfd },
);

const SCHEMA = object<AnycastGroupProps>()({
  asn: autonomousSystem,
  addresses: listOf(virtualAddress),
  members: listOf(
    object<AnycastMemberOptions>()({
      node: NODE,
      neighbors: listOf(NEIGHBOR),
      communities: withDefault(listOf(community), []),
    }),
  ),
  defaultRoute: withDefault(oneOf<"static" | "bgp">({ static: true, bgp: true }), "static"),
  whenSick: withDefault(
    object<WhenSickOptions>()({
      daemon: withDefault(REACTION, "withdraw"),
      pool: withDefault(REACTION, "prepend"),
    }) as Field<WhenSickOptions, WhenSick>,
    {},
  ),
  returnAfter: withDefault(duration("1s", "1h"), "10s"),
  damping: withDefault(
    object<DampingOptions>()({
      moves: withDefault(integer(2, 100), 3),
      within: withDefault(duration("10s", "1d"), "10m"),
    }),
    {},
  ),
  gracefulShutdown: withDefault(duration("5s", "10m"), "10s"),
  ...LOAD_BALANCER_OPTIONS,
  extra: optional(LOAD_BALANCER_EXTRA),
});

const INPUT = {
  name: "AnycastGroup",
  schema: SCHEMA,
};

function check(scope: Construct, props: Filled<typeof SCHEMA>, report: Report): void {
  checkMembers(props, report);
  checkStatistics(scope, props, report);
}
