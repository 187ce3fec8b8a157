/** Starts an engine, says where it is, and stays: what `engine.test.ts` aborts. */
import { startEngine } from "../engine.js";

async function main(): Promise<void> {
  const engine = await startEngine({ alwaysOwn: true });
  console.log(engine.host);
  setInterval(() => undefined, 1000);
}

void main();
