/*
 * What `progress.ts` does, for scripts that run before anything is installed: it must be JavaScript, and need no package.
 * To standard error, because standard output may be data.
 */

/** Milliseconds of which nothing is said. */
const QUIET = 2_000;
const INTERVAL = 1_000;

/** @typedef {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} Terminal */

/** Whether the last line of a terminal can be written anew. @param {Terminal} terminal */
function isRewritable({ isTTY, columns = 0 }) {
  return isTTY === true && columns > 1 && process.env.TERM !== "dumb";
}

/** Writes the last line of a terminal anew, cut to its width; without a text, makes room for lines that stay. Elsewhere nothing. */
export function rewrite(/** @type {Terminal} */ terminal, text = "") {
  if (isRewritable(terminal)) terminal.write(`\r\u001b[K${text.slice(0, (terminal.columns ?? 0) - 1)}`);
}

/**
 * Does something. If it takes longer than two seconds, a line says what it was and how long it took; at a terminal, it is
 * there while it lasts, and counts the seconds.
 *
 * @template T @param {string} what @param {() => Promise<T>} work @param {Terminal} [terminal] @returns {Promise<T>}
 */
export async function step(what, work, terminal = process.stderr) {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1_000;
  const timer = setInterval(() => {
    if (performance.now() - start >= QUIET) rewrite(terminal, `${what} ... ${Math.floor(seconds())} s`);
  }, INTERVAL);
  timer.unref();
  const end = (/** @type {string} */ words) => {
    clearInterval(timer);
    if (performance.now() - start < QUIET) return;
    rewrite(terminal);
    terminal.write(`${what} ... ${words}${seconds().toFixed(1)} s\n`);
  };
  try {
    const result = await work();
    end("");
    return result;
  } catch (error) {
    end("failed after ");
    throw error;
  }
}
