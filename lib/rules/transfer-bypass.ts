import { hostPort } from "../core/ip.js";
import { transferBypasses } from "../model/transfer-bypass.js";
import type { Rule } from "./rule.js";

/**
 * DNSLB014: a server that gives its zones to the load balancer, or takes updates from it, behind a frontend whose TCP
 * connections HAProxy passes on unread under the load balancer's own address: every client of the frontend could transfer
 * or change the zones.
 */
export const transferBypass: Rule = (loadBalancer) =>
  loadBalancer.frontends.flatMap((frontend, index) => {
    if (frontend.tcpPath !== "direct") return [];
    return transferBypasses(loadBalancer, frontend).map(({ pool, server, reason, harm }) => ({
      code: "DNSLB014",
      part: { kind: "frontend", index } as const,
      property: "pool",
      message: `leads to server "${server.name}" of pool "${pool.name}" at ${hostPort(server.address, server.port)}, ${reason}, so that by the direct TCP path every client of the frontend could ${harm} its zones; set tcpPath: "inspected", or give the frontend another server`,
    }));
  });
