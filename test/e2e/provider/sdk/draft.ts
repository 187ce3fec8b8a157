import { isArray, isObject, isZero, Unknown, type Value, type ValueObject } from "../protocol/value.js";
import type { Fields } from "./schema.js";

/** Reads attributes the way a provider sees them: what is not set, or not known, reads as zero. */
export class Attributes {
  constructor(protected readonly values: ValueObject) {}

  /** Tells whether an attribute holds anything but its zero. */
  has(name: string): boolean {
    const value = this.read(name);
    return !(value instanceof Unknown) && !isZero(value);
  }

  /** The attributes that hold anything but their zero. */
  names(): string[] {
    return Object.keys(this.values).filter((name) => this.has(name));
  }

  text(name: string): string {
    const value = this.read(name);
    return typeof value === "string" ? value : "";
  }

  count(name: string): number {
    const value = this.read(name);
    return typeof value === "number" ? value : 0;
  }

  flag(name: string): boolean {
    return this.read(name) === true;
  }

  texts(name: string): string[] {
    const value = this.read(name);
    return isArray(value) ? value.map((entry) => (typeof entry === "string" ? entry : "")) : [];
  }

  map(name: string): Record<string, string> {
    const value = this.read(name);
    if (!isObject(value)) return {};
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, String(entry)]));
  }

  blocks(name: string): readonly Attributes[] {
    const value = this.read(name);
    return isArray(value) ? value.filter(isObject).map((element) => new Attributes(element)) : [];
  }

  block(name: string): Attributes | undefined {
    return this.blocks(name)[0];
  }

  /** A set of `label` and `value` blocks as a map. */
  labels(name: string): Record<string, string> {
    return Object.fromEntries(this.blocks(name).map((label) => [label.text("label"), label.text("value")]));
  }

  protected read(name: string): Value {
    return this.values[name] ?? null;
  }
}

/** A resource's state while an operation works on it; without an id the resource does not exist. */
export class Draft extends Attributes {
  private readonly changed: Record<string, Value> = {};

  constructor(
    private readonly fields: Fields,
    values: ValueObject,
  ) {
    super(values);
  }

  get id(): string {
    return this.text("id");
  }

  set id(value: string) {
    this.set("id", value);
  }

  set(name: string, value: Value): void {
    if (this.fields[name] === undefined) throw new Error(`the schema has no '${name}'`);
    this.changed[name] = value;
  }

  setLabels(name: string, labels: Readonly<Record<string, string>> | null | undefined): void {
    this.set(
      name,
      Object.entries(labels ?? {}).map(([label, value]) => ({ label, value })),
    );
  }

  /** The state that results; a gap in it is null, or no blocks. */
  state(): ValueObject | null {
    if (this.id === "") return null;
    return Object.fromEntries(
      Object.entries(this.fields).map(([name, field]) => {
        const value = this.read(name);
        const empty = field.kind === "block" && field.nesting !== "single" ? [] : null;
        return [name, value === null || value instanceof Unknown ? empty : value];
      }),
    );
  }

  protected override read(name: string): Value {
    return this.changed[name] ?? this.values[name] ?? null;
  }
}
