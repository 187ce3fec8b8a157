// `npm run test:scale`: replaces all of 2,000 servers ten times; `npm run test:live` does so with 200, four times.
import { runFullLength } from "./full-length.mjs";
import { runMain } from "./run.mjs";

await runMain(() =>
  runFullLength({
    ...{ command: "test:scale", project: "load", folder: "scale", variable: "DNS_LB_SCALE", limit: 1_800 },
  }),
);
