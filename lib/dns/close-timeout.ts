import { type Duration, isDuration, toMilliseconds } from "../core/duration.js";
import type { Report } from "../terraform/parse.js";

/** Reports a time for closing that would outlast what an idle client is granted. */
export function checkCloseTimeout(
  { idleTimeout, closeTimeout }: { readonly idleTimeout: Duration; readonly closeTimeout?: Duration | undefined },
  report: Report,
): void {
  if (closeTimeout === undefined || !isDuration(closeTimeout) || !isDuration(idleTimeout)) return;
  if (toMilliseconds(closeTimeout) <= toMilliseconds(idleTimeout)) return;
  report(
    "DNSLB113",
    ["closeTimeout"],
    `must not be longer than the idle timeout of "${idleTimeout}", got "${closeTimeout}"; lower it or raise 'idleTimeout'`,
  );
}
