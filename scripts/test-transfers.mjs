// `npm run test:transfers`: transfers zones at the full length of their pauses and paces, which takes five minutes;
// `npm run test:live` does the same ten times as fast.
import { runFullLength } from "./full-length.mjs";
import { runMain } from "./run.mjs";

await runMain(() =>
  runFullLength({
    ...{ command: "test:transfers", project: "lab", folder: "transfers", variable: "DNS_LB_TRANSFERS", limit: 900 },
  }),
);
