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
  /** From the start of the process to the last file, as whoever runs `tsx main.ts` waits for it. */
  readonly seconds: number;
  /** The most memory that the process had. */
  readonly mebibytes: number;
}

/** Runs an app, and prints what it took since its process began. */
export function runApp(make: (plan: AppPlan) => void): void {
  make(JSON.parse(process.argv[2] ?? "") as AppPlan);
  const cost: AppCost = {
    seconds: performance.now() / 1_000,
    mebibytes: process.resourceUsage().maxRSS / 1_024,
  };
  process.stdout.write(JSON.stringify(cost));
}
