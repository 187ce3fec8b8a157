import type { Construct } from "constructs";
import type { Duration } from "../core/duration.js";
import type { Pool } from "../model/pool.js";
import { construct } from "../terraform/fields.js";
import { input, parseProps } from "../terraform/parse.js";
import { object, optional, withDefault } from "../terraform/schema.js";
import { HealthCheck } from "./health-check.js";
import {
  checkPool,
  commonModel,
  HEALTH_CHECK,
  healthCheckOf,
  IDLE_TIMEOUT,
  type IPool,
  POOL,
  POOL_SHAPE,
  PoolBase,
  type PoolProps,
} from "./pool.js";

/** A pool of resolvers. */
export interface IResolverPool extends IPool {
  /** The kind of DNS servers in the pool. */
  readonly role: "resolver";
}

/** Properties of a `ResolverPool`. */
export interface ResolverPoolProps extends PoolProps {
  /**
   * How the servers are probed. Without `recursionDesired` the probe sets the RD bit.
   * @default HealthCheck.query({ name: ".", type: "NS" })
   */
  readonly healthCheck?: HealthCheck;
  /**
   * The pool that serves while every server of this one is down. It cannot have a fallback of its own.
   * @default - no fallback; `whenAllDown` applies
   */
  readonly fallback?: IResolverPool;
  /**
   * How long a TCP connection to a server may be idle before it is closed.
   * @default "10s"
   */
  readonly idleTimeout?: Duration;
}

/** Puts recursive resolvers behind the frontends of a load balancer. */
export class ResolverPool extends PoolBase implements IResolverPool {
  readonly role = "resolver";
  readonly [POOL]: Pool;

  constructor(scope: Construct, id: string, props: ResolverPoolProps) {
    super(scope, id, "ResolverPool");
    const { healthCheck, idleTimeout, ...common } = parseProps(
      this,
      { ...INPUT, check: (value, report) => checkPool(this, value, report) },
      props,
    );
    this[POOL] = {
      ...commonModel(id, common),
      role: this.role,
      healthCheck: healthCheckOf(healthCheck, this.role, QUESTION),
      zones: [],
      idleTimeout,
    };
    this.warnOf(healthCheck);
  }
}

const QUESTION = { name: ".", type: "NS" } as const;

const INPUT = input({
  name: "ResolverPool",
  schema: object<ResolverPoolProps>()({
    ...POOL_SHAPE,
    healthCheck: withDefault(HEALTH_CHECK, HealthCheck.query({ name: ".", type: "NS" })),
    fallback: optional(construct<IResolverPool>(["ResolverPool"], "a ResolverPool")),
    idleTimeout: withDefault(IDLE_TIMEOUT, "10s"),
  }),
});
