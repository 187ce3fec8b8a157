/** Something that keeps the bench from a figure that counts. */
export class BenchError extends Error {
  override readonly name = "BenchError";
}
