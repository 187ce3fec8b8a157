import { none } from "../../../../scripts/figures/bounds.js";
import { leftOn } from "../../left.js";
import type { Outcome } from "../outcome.js";
import type { Site } from "../site.js";

/** Destroys everything, and looks for what is left. */
export async function destroy(site: Site): Promise<Outcome> {
  await site.clients.close();
  const { code, text, seconds } = await site.destroy();
  const { stdout } = await site.engine.run(["ip", "-o", "address", "show"]);
  const addresses = [...site.settings.internal, ...site.settings.public].filter((each) => stdout.includes(`${each}/`));
  const left = { ...(await leftOn(site.engine, [site.settings.base, site.settings.serverBase])), addresses };
  return {
    figures: { seconds, left, ...(code === 0 ? {} : { text: text.slice(-2_000) }) },
    text: `destroyed in ${seconds.toFixed(0)} s; left: ${Object.values(left).flat().join(", ") || "nothing"}`,
    bounds: [
      none("destroy: status", code ?? 1),
      ...Object.entries(left).map(([what, names]) => none(`destroy: ${what} left`, names.length)),
    ],
  };
}
