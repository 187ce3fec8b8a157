import { LAB, otherSuite, provideRoot } from "../debian/root.js";
import { Progress } from "../progress.js";

const SUITES = { "12": "bookworm", "13": "trixie" } as const;

/** Beside what labs need: the peers of the bench. */
const CONTENTS = { packages: [...LAB.packages, "libnginx-mod-stream", "nginx"].sort() };

/**
 * The folder of a Debian system with the daemons of a release; undefined if this machine has them. The first time it is made,
 * which takes minutes.
 */
export async function debianRoot(release: keyof typeof SUITES | undefined): Promise<string | undefined> {
  if (release === undefined || SUITES[release] !== otherSuite()) return undefined;
  const folder = `/var/cache/dns-lb/bench-${SUITES[release]}`;
  const progress = new Progress(2);
  await provideRoot(SUITES[release], folder, CONTENTS, (what, work) => progress.step(what, work));
  return folder;
}
