import { hostPort } from "../core/ip.js";
import { detectionTime } from "../model/health-check.js";
import type { PoolMember } from "../model/pool-member.js";
import type { LoadBalancerRecord, PoolRecord } from "../review/index.js";
import { serverText, timeText } from "../review/words.js";
import { code, codes } from "./markdown.js";
import { compareNamed } from "./named.js";

/** What a change means for servers: which are in, out, or used otherwise. */
export function serverChanges(before: LoadBalancerRecord, after: LoadBalancerRecord): readonly string[] {
  const { added, removed, kept } = compareNamed(before.pools, after.pools, ({ name }) => name);
  return [
    ...added.map((pool) => `pool ${code(pool.name)} is new, with ${codes(pool.servers.map(serverText))}`),
    ...removed.map((pool) => `pool ${code(pool.name)} is gone, with ${codes(pool.servers.map(serverText))}`),
    ...kept.flatMap(([old, now]) => poolChanges(old, now)),
  ];
}

function poolChanges(old: PoolRecord, now: PoolRecord): readonly string[] {
  // A server at the same place is the same server, also under another name.
  const place = ({ address, port }: PoolMember) => hostPort(address, port);
  const { added, removed, kept } = compareNamed(old.servers, now.servers, ({ name }) => name, place);
  const at = `pool ${code(now.name)}`;
  const changed = kept.filter(([was, is]) => serverText(was) !== serverText(is));
  const [noticed, isNoticed] = [detectionTime(old.healthCheck), detectionTime(now.healthCheck)];
  return [
    ...(added.length === 0 ? [] : [`${at}: in ${codes(added.map(serverText))}`]),
    ...(removed.length === 0 ? [] : [`${at}: out ${codes(removed.map(serverText))}`]),
    ...(now.servers.length === 1 && old.servers.length > 1 ? [`${at}: **one server is left**`] : []),
    ...(noticed === isNoticed
      ? []
      : [`${at}: a server that hangs is noticed after at most ${timeText(isNoticed)}, before ${timeText(noticed)}`]),
    ...changed.map(([was, is]) => `${at}: ${code(serverText(was))} is ${code(serverText(is))}`),
  ];
}
