import { table } from "../../../scripts/figures/table.js";

/** When an alert was seen. */
export interface Sight {
  readonly alert: string;
  readonly fault: string;
  /** Seconds from the fault on, with the shorter times of the drill. */
  readonly promised: number;
  /** Absent where it did not come. */
  readonly seen?: number;
  /** Seconds that the mixin promises with its defaults, from when the fault shows in the metrics. */
  readonly byDefault: number;
  /** Whether it reached Alertmanager. */
  readonly delivered: boolean;
}

/** What `npm run test:monitoring -- --json FILE` writes, as far as the documentation tells it. */
export interface MonitoringRecord {
  readonly sights: readonly Sight[];
}

/** Shows alerts and the faults they came for, as plain text. */
export function showSights(sights: readonly Sight[]): string {
  const rows = sights.map(({ alert, fault, promised, seen, byDefault }) => [alert, promised, seen, byDefault, fault]);
  return table(["alert", "s promised", "s seen", "s by default", "fault"], rows);
}

/** The blocks that the documentation shows of a recorded run, by name. */
export function showMonitoring({ sights }: MonitoringRecord): Readonly<Record<string, string>> {
  return { "monitoring.alerts": showSights(sights) };
}
