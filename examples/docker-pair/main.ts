/*
 * A pair of nodes and the servers behind it, all on one Docker engine, in a network of its own: to try things out, and
 * what `npm run test:e2e` deploys, changes and breaks.
 *
 *   npx cdktf deploy '*'                    build the images, bring everything up
 *   docker exec dns-lb-lb1 dns-lb-agent status
 *   dig @172.30.53.53 whoami.home.arpa TXT  ask a resolver, from the engine's host
 *   npx cdktf destroy '*'
 *
 * Two Docker hosts instead of one: give each stack of a node a provider of its own and a macvlan network, as
 * examples/production does.
 */
import { App } from "cdktf";
import { addDockerPairStacks } from "./stacks";

const app = new App();
addDockerPairStacks(app);
app.synth();
