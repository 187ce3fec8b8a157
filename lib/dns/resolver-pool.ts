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
   * How a server proves that it is alive. A probe that does not say so itself asks for recursion.
   * @default HealthCheck.query({ name: ".", type: "NS" })
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
    super(scope, id, "ResolverPool");
    const { healthCheck, idleTimeout, ...common } = parseProps(
      this,
      { ...INPUT, check: (value, report) => checkPool(this, value, report) },
      props,
    );
    this[POOL] = {
      ...commonModel(id, common),
      role: this.role,
      healthCheck: healthCheckOf(healthCheck, true),
      zones: [],
      idleTimeout,
    };
  }
}

const INPUT = input({
  name: "ResolverPool",
  schema: object<ResolverPoolProps>()({
    ...POOL_SHAPE,
    healthCheck: withDefault(HEALTH_CHECK, HealthCheck.query({ name: ".", type: "NS" })),
    fallback: optional(construct<IResolverPool>(["ResolverPool"], "a ResolverPool")),
    idleTimeout: withDefault(IDLE_TIMEOUT, "10s"),
  }),
});
