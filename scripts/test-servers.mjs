// `npm run test:servers`: BIND, PowerDNS, Knot Resolver, NSD and unbound of both releases of Debian behind a load balancer that
// tells them the addresses of clients. The first run makes roots with them, which takes
// minutes; `npm run test:live` leaves these tests out.
import { runFullLength } from "./full-length.mjs";
import { runMain } from "./run.mjs";

await runMain(() =>
  runFullLength({
    ...{ command: "test:servers", project: "load", folder: "servers-behind", variable: "DNS_LB_SERVERS", limit: 1_800 },
  }),
);
