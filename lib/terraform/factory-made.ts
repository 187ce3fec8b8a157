const made = new WeakSet<object>();

/**
 * Freezes what a factory returns and remembers that a factory made it. Schemas ask for that: a literal of the same
 * shape fits the type as well, but nobody has checked what it holds.
 */
export function factoryMade<T extends object>(value: T): Readonly<T> {
  made.add(value);
  return Object.freeze(value);
}

/** Tells whether a value is just what a factory returned; a copy of it is not. */
export function isFactoryMade(value: unknown): value is object {
  return typeof value === "object" && value !== null && made.has(value);
}
