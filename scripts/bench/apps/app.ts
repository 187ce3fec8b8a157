/** What an app of the bench is told: by its command line, as JSON. */
export interface AppPlan {
  /** Where it is synthesized. */
  readonly outdir: string;
  readonly servers: number;
  /** Each with a frontend of its own. */
  readonly pools: number;
  /** The folder of an app whose resources are to be made; that of ours. */
  readonly like?: string;
}

/** What an app of the bench says of itself at its end. */
export interface AppCost {
  /** From the first import to the last file. */
  readonly seconds: number;
  /** The most memory that the process had. */
  readonly mebibytes: number;
}

/** Runs an app from its first import on, and prints what that took. */
export function runApp(make: (plan: AppPlan) => void): void {
  const plan = JSON.parse(process.argv[2] ?? "") as AppPlan;
  const start = performance.now();
  make(plan);
  const cost: AppCost = {
    seconds: (performance.now() - start) / 1_000,
    mebibytes: process.resourceUsage().maxRSS / 1_024,
  };
  process.stdout.write(JSON.stringify(cost));
}
