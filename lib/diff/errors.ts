/** What keeps two syntheses from being compared: folders or arguments that are wrong. */
export class DiffError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DiffError";
  }
}
