import * as fc from "fast-check";
import type { Value } from "../plan.js";

/** Draws values one after the other, so that later ones can fit to earlier ones. */
export class Draw {
  private count = 0;

  constructor(private readonly gen: fc.GeneratorValue) {}

  whole(minimum: number, maximum: number): number {
    return this.gen(fc.integer, { min: minimum, max: maximum });
  }

  /** True as often as given, of a hundred. */
  chance(percent: number): boolean {
    // Numbers at the ends come more often than others.
    return this.gen(fc.nat, { max: 997 }) % 100 < percent;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.gen(fc.nat, { max: 9_973 }) % choices.length] ?? choices[0];
  }

  value<T>(arbitrary: fc.Arbitrary<T>): T {
    return this.gen(() => arbitrary);
  }

  list<T>(minimum: number, maximum: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.whole(minimum, maximum) }, (_, index) => make(index));
  }

  /** A list of different choices, at least one. */
  several<T>(choices: readonly [T, ...T[]]): T[] {
    const chosen = choices.filter(() => this.chance(40));
    return chosen.length > 0 ? chosen : [this.pick(choices)];
  }

  /** Some of these properties. */
  some(properties: Readonly<Record<string, () => Value>>, percent = 30): Record<string, Value> {
    const chosen = Object.entries(properties).filter(() => this.chance(percent));
    return Object.fromEntries(chosen.map(([name, make]) => [name, make()]));
  }

  /** A number that no other call got. */
  next(): number {
    this.count += 1;
    return this.count;
  }
}
