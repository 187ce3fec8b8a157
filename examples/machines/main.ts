/*
 * Machines of one provider, and the load balancers on them. README.md says which providers there are, and what they need.
 *
 *   PROVIDER=openstack npx cdktf deploy dns
 */
import { App, TerraformStack } from "cdktf";
import { DNS } from "./dns";
import { PROVIDERS } from "./providers";

const name = process.env["PROVIDER"] ?? "proxmox";
const addMachines = PROVIDERS[name];
if (addMachines === undefined) {
  throw new Error(`PROVIDER must be one of ${Object.keys(PROVIDERS).join(", ")}, got ${name}`);
}

const app = new App();
addMachines(new TerraformStack(app, "dns"), DNS);
app.synth();
