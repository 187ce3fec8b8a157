import { readFileSync, writeFileSync } from "node:fs";

/*
 * Bytes that a socket keeps for a program that gets no processor time: the kernel's 208 KiB are 256 queries or answers, which
 * are there in 20 ms while all subjects share the processors with their load. Who tunes a machine for DNS raises it, too.
 */
const BYTES = 1_048_576;
/* No network namespace has one of its own. */
const DEFAULT = "/proc/sys/net/core/rmem_default";

/**
 * Gives the sockets of all subjects, servers and clients larger receive buffers, where the machine lets it; the result puts back
 * what was there.
 */
export function raiseReceiveBuffers(): () => void {
  const before = readFileSync(DEFAULT, "utf8").trim();
  if (Number(before) >= BYTES) return () => {};
  try {
    writeFileSync(DEFAULT, String(BYTES));
  } catch {
    // A container that may not: all have the same, and runs that lose answers are made anew.
    return () => {};
  }
  return () => writeFileSync(DEFAULT, before);
}
