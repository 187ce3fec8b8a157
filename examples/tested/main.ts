/*
 * A platform team's construct for the sites of a company, with the suite that guards it: stacks.test.ts.
 *
 *   npx vitest run                         test what would be deployed
 *   npx cdktf synth                        write its Terraform configuration
 *   npx cdktf deploy '*'                   bring it up on two Docker hosts
 *   dig @10.1.0.53 www.example.com         ask it
 */
import { App } from "cdktf";
import { addSite, BERLIN } from "./stacks";

const app = new App();
addSite(app, BERLIN);
app.synth();
