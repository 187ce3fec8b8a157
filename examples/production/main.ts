/*
 * The production stack: a pair of nodes, an internal and a public frontend, DNS over TLS, statistics.
 *
 *   npm run quickstart                     see it live on this machine, faults included
 *   npx cdktf synth                        write its Terraform configuration
 *   npx cdktf deploy '*'                   bring it up on two Docker hosts
 *   dig @10.0.0.53 www.example.com         ask it
 *
 * Addresses, ports and pools are those of an article on DNS behind HAProxy. Where the article's configuration does
 * not work on the real daemons, or harms, this one departs, and the comments say so.
 */
import { App } from "cdktf";
import { addProductionStacks } from "./stacks";

const app = new App();
addProductionStacks(app);
app.synth();
