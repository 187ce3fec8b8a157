import { isDomainName, isInZone, nameInZone } from "../core/names.js";
import type { DnsRecord } from "../model/dns-record.js";
import { LOCAL_TTL, type LocalZone } from "../model/unbound.js";
import { ALIVE_ZONE } from "../node/compile/names.js";
import type { Report } from "../terraform/parse.js";
import { checkRecordsTogether } from "./zone-records.js";

/** What a resolver answers by itself. */
export interface LocalAnswers {
  readonly localZones: readonly LocalZone[];
  readonly localData: readonly DnsRecord[];
}

/** Reports local zones and local data that unbound refuses, or that would never be answered. */
export function checkLocalData({ localZones, localData }: LocalAnswers, report: Report): void {
  checkRecordsTogether({ property: "localData", zone: ".", records: localData, ttl: LOCAL_TTL }, report);
  for (const [index, { name }] of localZones.entries()) {
    if (!isDomainName(name) || !isInZone(name, ALIVE_ZONE)) continue;
    report("DNSLB123", ["localZones", index, "name"], `must not be ${name}, ${RESERVED}`);
  }
  for (const [index, record] of localData.entries()) {
    const path = ["localData", index];
    if (record.name === "@" || record.name.startsWith("*")) {
      report(
        "DNSLB123",
        path,
        `must have a fully qualified name, got "${record.name}"; a local zone of type "redirect" answers for every name below it`,
      );
      continue;
    }
    const name = nameInZone(record.name, ".");
    if (isInZone(name, ALIVE_ZONE)) report("DNSLB123", path, `must not be of ${name}, ${RESERVED}`);
    const zone = zoneOf(name, record.type, localZones);
    if (record.type === "DS" && zone === undefined) {
      report(
        "DNSLB151",
        path,
        `must have a local zone above it, since its parent zone answers for a DS record, got ${name}; add it to 'localZones'`,
      );
    } else if (zone?.type === "redirect" && nameInZone(zone.name, ".") !== name) {
      report(
        "DNSLB151",
        path,
        `cannot be at ${name} in the local zone ${zone.name} of type "redirect", which answers every name with the records of the zone itself; give ${name} a local zone of its own`,
      );
    } else if (zone?.type === "always_nxdomain") {
      report(
        "DNSLB151",
        path,
        `would never be answered in the local zone ${zone.name} of type "always_nxdomain"; "static" answers it, and NXDOMAIN to other names`,
      );
    }
  }
}

const RESERVED = "which is reserved for the load balancer's health checks";

/** The closest local zone that a record is in. A DS record is in its parent's. */
function zoneOf(name: string, type: string, zones: readonly LocalZone[]): LocalZone | undefined {
  const around = zones.filter((zone) => {
    if (!isDomainName(zone.name) || !isInZone(name, zone.name)) return false;
    return type !== "DS" || nameInZone(zone.name, ".") !== name;
  });
  return around.reduce<LocalZone | undefined>(
    (closest, zone) => (closest === undefined || isInZone(zone.name, closest.name) ? zone : closest),
    undefined,
  );
}
