import { chmodSync, copyFileSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../../../lib/testing/lab/errors.js";
import { programDirectory } from "../../../../lib/testing/lab/names.js";
import { findProgram } from "../../../../lib/testing/lab/requirements.js";
import { leaderOf, otherThan, withIdleTimeout } from "../../../lab/production/stack.js";
import { agent, type Fault } from "../fault.js";
import { COLLECTION } from "../settings.js";

/** Seconds for which the agent does not look at programs again. */
const SELDOM = 30;
const PROGRAM = "dnsdist";

/** Runs something with another folder before those that are searched for programs. */
function withPrograms(folder: string, work: () => void): void {
  const { PATH } = process.env;
  process.env["PATH"] = `${folder}:${PATH}`;
  try {
    work();
  } finally {
    process.env["PATH"] = PATH;
  }
}

/** Changes that reach a part of the nodes, are refused, or wait for somebody. */
export const changes: readonly Fault[] = [
  {
    ...{ alerts: ["DnsLbChangeFailed"], fault: "a node refuses a release", shows: COLLECTION },
    make: async ({ lab }) => {
      const node = lab.node("lb2");
      const spec = node.nodeSpec;
      const files = spec.files.map((file) =>
        file.path === "haproxy/haproxy.cfg" ? { ...file, content: `${file.content}nonsense\n` } : file,
      );
      try {
        await node.apply({ ...spec, files });
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        return () => node.apply(spec);
      }
      throw new Error("lb2 took a release that HAProxy cannot read");
    },
  },
  {
    ...{ alerts: ["DnsLbReleasesDiffer"], fault: "one node goes back to the release before", shows: COLLECTION },
    make: async ({ lab, model }, begins) => {
      await lab.apply([withIdleTimeout(model, "internal", "20s")]);
      await begins();
      await agent(lab, "lb2", "rollback");
      return () => lab.apply([model]);
    },
  },
  {
    ...{ alerts: ["DnsLbRestartDue"], fault: "the program of a daemon is replaced", shows: COLLECTION + SELDOM },
    make: async ({ lab }, begins) => {
      const installed = findProgram(PROGRAM);
      if (installed === undefined) throw new Error(`${PROGRAM} is not installed`);
      const folder = join(programDirectory(lab.name), "replaced");
      mkdirSync(folder, { recursive: true });
      const install = () => {
        const fresh = join(folder, "fresh");
        copyFileSync(installed, fresh);
        chmodSync(fresh, 0o755);
        renameSync(fresh, join(folder, PROGRAM));
      };
      // The node runs a copy, since the program of this machine stays as it is.
      install();
      const name = otherThan(lab, await leaderOf(lab));
      const daemon = lab.node(name).process(PROGRAM);
      await daemon.stop();
      withPrograms(folder, () => daemon.start());
      await agent(lab, name, "ready");
      await begins();
      install();
      return async () => {
        await daemon.stop();
        daemon.start();
      };
    },
  },
];
