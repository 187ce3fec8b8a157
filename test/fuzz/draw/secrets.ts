import { call, type FileName, file, type Value, variable } from "../plan.js";
import type { Draw } from "./draw.js";

type Holder = "Secret" | "Certificate" | "TrustStore";

/** A secret of a kind, from each source: a file that is there, one that is not, a file of the node, a variable. */
export function secret(draw: Draw, holder: Holder, there: FileName): Value {
  const number = draw.next();
  const key = (): Value[] => (holder === "Certificate" && draw.chance(50) ? [{ key: `/srv/key ${number}` }] : []);
  return draw.pick<() => Value>([
    () => call(`${holder}.fromLocalFile`, file(there)),
    () => call(`${holder}.fromLocalFile`, draw.pick([`secrets/${there} ${number}`, `./a "b" \${c} %{d}/${number}`])),
    () => call(`${holder}.fromNodeFile`, draw.pick([`/etc/${there}${number}`, `/srv/it's a\\b #${number}`]), ...key()),
    () => call(`${holder}.fromVariable`, variable(`${there}${number}`)),
  ])();
}

/** A TSIG key of a name that no other has. */
export function tsig(draw: Draw): Value {
  return call("Tsig.key", {
    name: `key${draw.next()}.test`,
    secret: secret(draw, "Secret", "password"),
    ...draw.some({ algorithm: () => draw.pick(["hmac-sha256", "hmac-sha384", "hmac-sha512"]) }),
  });
}
