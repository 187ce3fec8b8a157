import type { Construct } from "constructs";
import type { Duration } from "../core/duration.js";
import type { Pool } from "../model/pool.js";
import { type Input, parseProps } from "../terraform/parse.js";
import { object, optional } from "../terraform/schema.js";
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
  poolOf,
} from "./pool.js";

/** A pool of resolvers. */
export interface IResolverPool extends IPool {
  /** The kind of DNS servers in the pool. */
  readonly role: "resolver";
}

/** Properties of a `ResolverPool`. */
export interface ResolverPoolProps extends PoolProps {
  /**
   * How a server proves that it is alive.
   * @default HealthCheck.query({ name: ".", type: "NS", recursionDesired: true, interval: "2s", timeout: "1s", fall: 3, rise: 2 })
   */
  readonly healthCheck?: HealthCheck;
  /**
   * The pool that serves while no server of this one is left. It has no fallback of its own.
   * @default - what `whenAllDown` says
   */
  readonly fallback?: IResolverPool;
  /**
   * A server that is silent for so long on a TCP connection loses it.
   * @default "10s"
   */
  readonly idleTimeout?: Duration;
}

/** Puts recursive resolvers behind the frontends of a load balancer. */
export class ResolverPool extends PoolBase implements IResolverPool {
  readonly role = "resolver";
  readonly [POOL]: Pool;

  constructor(scope: Construct, id: string, props: ResolverPoolProps) {
    super(scope, id);
    const {
      healthCheck = HealthCheck.query({ name: ".", type: "NS" }),
      idleTimeout = "10s",
      ...common
    } = parseProps(this, { ...INPUT, check: (value, report) => checkPool(this, value, report) }, props);
    this[POOL] = {
      ...commonModel(id, common),
      role: this.role,
      healthCheck: healthCheckOf(healthCheck, true),
      zones: [],
      idleTimeout,
    };
  }
}

const INPUT: Input<ResolverPoolProps> = {
  name: "ResolverPool",
  schema: object<ResolverPoolProps>({
    ...POOL_SHAPE,
    healthCheck: optional(HEALTH_CHECK),
    fallback: optional(poolOf<IResolverPool>("resolver", "a ResolverPool")),
    idleTimeout: optional(IDLE_TIMEOUT),
  }),
};
