import { Lab } from "../../lib/testing/lab/index.js";
import { standalone } from "./models.js";

/* A program that starts a lab and stays, to be killed by tests. */
Lab.start([standalone()], { name: process.argv[2] ?? "" }).then(
  () => {
    process.stdout.write("started\n");
    setInterval(() => {}, 60_000);
  },
  (error: unknown) => {
    process.stdout.write(`${String(error)}\n`);
    process.exit(1);
  },
);
