import { mkdirSync, rmSync } from "node:fs";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { App, ref as cdktfRef, TerraformStack, TerraformVariable, Token } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import * as library from "../../lib/index.js";
import { type FileName, formOf, ODD, type OddName, type Plan, type Step, type Value } from "./plan.js";

/** What a plan is built with. */
export interface Surroundings {
  /** The folder that synthesis writes to. */
  readonly outdir: string;
  readonly fileOf: (name: FileName) => string;
}

/** Makes the app of a plan. Throws what the library throws. */
export function build(plan: Plan, surroundings: Surroundings): App {
  const builder = new Builder(surroundings);
  for (const step of plan.steps) builder.make(step);
  return builder.app;
}

/** A step that makes nothing: what it calls gives data that an app uses elsewhere. */
export const EVALUATE = "evaluate";

type Maker = new (scope: Construct, id: string, props: unknown) => IConstruct;
type Factory = (...given: readonly unknown[]) => unknown;

/** Makes the constructs of a plan one after the other. */
export class Builder {
  readonly app: App;
  private readonly made = new Map<string, IConstruct>();
  private readonly stacks = new Map<string, TerraformStack>();
  private readonly variables = new Map<string, TerraformVariable>();

  constructor(private readonly surroundings: Surroundings) {
    rmSync(surroundings.outdir, { recursive: true, force: true });
    mkdirSync(surroundings.outdir, { recursive: true });
    this.app = new App({ outdir: surroundings.outdir });
  }

  make({ make, id, in: name, props }: Step): void {
    const stack = this.stackOf(name);
    const given = this.valueOf(props, stack);
    if (make === EVALUATE) return;
    this.made.set(id, this.construct(make, stack, id, given));
  }

  /** Forgets a construct that was refused, so that another one may have its id. */
  forget({ id, in: name }: Step): void {
    this.stackOf(name).node.tryRemoveChild(id);
  }

  private construct(make: string, stack: TerraformStack, id: string, props: unknown): IConstruct {
    if (make === "DockerProvider") return new DockerProvider(stack, id, props as object);
    if (make !== "addDnsFrontend") return new (exported(make) as Maker)(stack, id, props);
    const { loadBalancer, ...options } = props as { loadBalancer: unknown } & library.DnsFrontendOptions;
    // Where an odd value stands in its place, there is no such method.
    const kinds = [library.HaPair, library.AnycastGroup, library.StandaloneLoadBalancer];
    const isOne = (given: unknown): given is library.HaPair => kinds.some((kind) => given instanceof kind);
    return isOne(loadBalancer)
      ? loadBalancer.addDnsFrontend(id, options)
      : this.construct("DnsFrontend", stack, id, props);
  }

  private stackOf(name: string): TerraformStack {
    const known = this.stacks.get(name) ?? new TerraformStack(this.app, name);
    this.stacks.set(name, known);
    return known;
  }

  private valueOf(value: Value, stack: TerraformStack): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((each) => this.valueOf(each, stack));
    const form = formOf(value);
    const fields = value as Readonly<Record<string, Value>>;
    if (form === undefined) {
      return Object.fromEntries(Object.entries(fields).map(([key, each]) => [key, this.valueOf(each, stack)]));
    }
    const name = String(fields[form]);
    if (form === "$odd") return ODD[name as OddName];
    if (form === "$file") return this.surroundings.fileOf(name as FileName);
    if (form === "$constant") return name.split(".").reduce<unknown>((found, key) => member(found, key), library);
    if (form === "$variable") return this.variableOf(name, stack);
    if (form === "$token") return Token.asString(cdktfRef(`ephemeral.vault.${name}`));
    if (form === "$call") {
      const given = [fields["with"] ?? null, ...("more" in fields ? [fields["more"] ?? null] : [])];
      return factory(name)(...given.map((each) => this.valueOf(each, stack)));
    }
    const made = this.made.get(name);
    if (made === undefined) throw new RangeError(`the plan has no step "${name}" before this one`);
    return made;
  }

  private variableOf(name: string, stack: TerraformStack): TerraformVariable {
    const key = `${stack.node.id}/${name}`;
    const known = this.variables.get(key) ?? new TerraformVariable(stack, name, { type: "string", sensitive: true });
    this.variables.set(key, known);
    return known;
  }
}

function factory(name: string): Factory {
  const [holder = "", method = ""] = name.split(".");
  const found = member(exported(holder), method);
  if (typeof found !== "function") throw new RangeError(`the library has no ${name}()`);
  return (...given) => found.call(exported(holder), ...given);
}

function exported(name: string): unknown {
  const found = member(library, name);
  if (found === undefined) throw new RangeError(`the library has no ${name}`);
  return found;
}

function member(holder: unknown, name: string): unknown {
  return (holder as Readonly<Record<string, unknown>>)[name];
}
