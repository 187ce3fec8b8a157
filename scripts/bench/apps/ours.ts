/* An app with one node of the library, as it is built: `ours.ts PLAN`. */
import { join } from "node:path";
import type * as library from "../../../lib/index.js";
import { runApp } from "./app.js";

const DIST = join(__dirname, "..", "..", "..", "dist");

runApp(({ outdir, servers, pools }) => {
  const { App, TerraformStack } = require("cdktf") as typeof import("cdktf");
  const { AuthoritativePool, DockerNode, StandaloneLoadBalancer } = require(DIST) as typeof library;
  const app = new App({ outdir });
  const stack = new TerraformStack(app, "dns");
  const node = new DockerNode(stack, "Node", { address: "10.0.0.2", memory: "64g" });
  const loadBalancer = new StandaloneLoadBalancer(stack, "Dns", { node, outstandingQueries: 1_000 });
  for (let index = 0; index < pools; index += 1) {
    const members = Array.from({ length: servers }, (_, server) => server).filter((server) => server % pools === index);
    const pool = new AuthoritativePool(stack, `Pool${index}`, {
      zones: ["example.com"],
      servers: members.map((server) => ({
        name: `server${server}`,
        address: `10.1.${server >> 8}.${server & 255}`,
      })),
    });
    loadBalancer.addDnsFrontend(`Front${index}`, { pool, port: 53 + index });
  }
  app.synth();
});
