/**
 * Takes a pair of the release before to this version and back, node by node, under load: `main.ts [--json FILE]
 * [--short]`. Its status is 0 only if all that is promised was seen.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { showBounds, showVerdict, verdictOf } from "../../scripts/figures/bounds.js";
import { Progress } from "../../scripts/progress.js";
import { type Account, underLoad } from "./account.js";
import { Pair } from "./pair.js";
import { ReleaseBefore, schemaOf } from "./release-before.js";
import { showAccounts } from "./report.js";
import type { Roles, Step } from "./step.js";
import { changeCutShort } from "./steps/cut-short.js";
import { mixed } from "./steps/mixed.js";
import { newAgent } from "./steps/new-agent.js";
import { newRelease } from "./steps/new-release.js";
import { oldAgents } from "./steps/old-agent.js";
import { oldRelease } from "./steps/old-release.js";
import { type Outage, outages, severances } from "./steps/outages.js";
import { rollback } from "./steps/rollback.js";
import { secondNode } from "./steps/second-node.js";
import { boundsOf } from "./verdict.js";

const FIRST_NODE: readonly Step[] = [newAgent, oldRelease, changeCutShort, newRelease, mixed];
const SECOND_NODE_AND_BACK: readonly Step[] = [secondNode, rollback, ...oldAgents];
const ROUNDS = 3;

const say = (text: string) => process.stdout.write(text);

async function main(): Promise<void> {
  const { json, short = false } = parseArgs({
    options: { json: { type: "string" }, short: { type: "boolean" } },
  }).values;
  const rounds = short ? 1 : ROUNDS;
  const each = FIRST_NODE.length + SECOND_NODE_AND_BACK.length + (short ? 1 : 2);
  const progress = new Progress(1 + rounds * each);
  const accounts: Account[] = [];
  const died: Outage[] = [];
  const errors: string[] = [];
  let before: ReleaseBefore | undefined;
  let pair: Pair | undefined;

  try {
    before = await ReleaseBefore.unpack();
    const unpacked = before;
    const running = await progress.step("starting a pair of the release before; a server dies", () =>
      Pair.start(unpacked),
    );
    pair = running;
    say(`${showVersions(running)}\n`);
    const take = async (steps: readonly Step[], roles: Roles) => {
      for (const step of steps) {
        const account = await progress.step(step.title(roles), () => underLoad(running, step, roles));
        accounts.push(account);
        say(`${showAccounts([account])}\n`);
      }
    };
    for (let round = 0; round < rounds; round += 1) {
      const roles = rolesOf(running, round);
      await take(FIRST_NODE, roles);
      const dying = `${roles.first} new, ${roles.second} as before: the leading node dies`;
      died.push(...(await progress.step(dying, () => outages(running, roles))));
      if (!short) await progress.step("the leading node loses its servers", () => severances(running, roles));
      await take(SECOND_NODE_AND_BACK, roles);
    }
  } catch (error) {
    errors.push(error instanceof Error ? error.message : String(error));
    say(`${error instanceof Error ? error.stack : error}\n`);
  } finally {
    await pair?.lab.stop();
    before?.remove();
  }

  const bounds = boundsOf(accounts, died);
  const verdict = verdictOf(bounds, errors);
  const { seconds, times: steps } = progress;
  say(`\n${showAccounts(accounts)}\n\n${showBounds(bounds)}\n\n${showVerdict(verdict, bounds, seconds)}\n`);
  if (json !== undefined) {
    const figures = { schema: 1, rounds, verdict, seconds, steps, bounds, accounts, outages: died, errors };
    writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
  }
  process.exitCode = verdict.passed ? 0 : 1;
}

/** Each node is the first in turn. */
function rolesOf({ names }: Pair, round: number): Roles {
  const [first = "", second = ""] = round % 2 === 0 ? names : [...names].reverse();
  return { first, second };
}

function showVersions({ before, now }: Pair): string {
  const schemas = [before, now].map(({ specs }) => [...new Set(Object.values(specs).map(schemaOf))].join());
  return `manifests of schema ${schemas.join(", then ")}`;
}

void main();
