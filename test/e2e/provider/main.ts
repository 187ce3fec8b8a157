/**
 * Runs the stand-in by itself, to try things by hand:
 *   npx tsx test/e2e/provider/main.ts        prints what to export, and serves until it is interrupted
 */
import { startProvider } from "./start.js";

async function main(): Promise<void> {
  const provider = await startProvider();
  for (const [name, value] of Object.entries(provider.environment)) {
    console.log(value === undefined ? `unset ${name}` : `export ${name}='${value}'`);
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      provider.stop();
      process.exit(0);
    });
  }
}

void main();
