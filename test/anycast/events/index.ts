import type { Event } from "../event.js";
import { announcers, daemons } from "./daemons.js";
import { nodes } from "./nodes.js";
import { operators } from "./operators.js";
import { pools } from "./pools.js";
import { routers } from "./routers.js";

/** All that happens to sites, in the order in which it is tried. */
export const EVENTS: readonly Event[] = [...nodes, ...daemons, ...announcers, ...routers, ...operators, ...pools];
