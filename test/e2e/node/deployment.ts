import { type TerraformStack, Testing } from "cdktf";
import { type Connection, connect, isNotFound } from "../provider/docker/connection.js";
import { dockerProvider } from "../provider/docker/provider.js";
import { isArray, isObject, toValue, type Value, type ValueObject } from "../provider/protocol/value.js";
import { Draft } from "../provider/sdk/draft.js";
import { planChange } from "../provider/sdk/plan.js";
import type { Fields } from "../provider/sdk/schema.js";

/** Changes the settings of a resource before it is created. */
export type Change = (settings: ValueObject) => ValueObject;

/**
 * Creates the resources of a stack on an engine, by the stand-in for the provider but without Terraform: so a test may
 * create some of them only, or one with other settings.
 */
export class Deployment {
  private constructor(
    private readonly connection: Connection,
    private readonly resources: ReadonlyMap<string, { readonly type: string; readonly settings: ValueObject }>,
  ) {}

  static async of(stack: TerraformStack, host: string): Promise<Deployment> {
    const synthesized: unknown = JSON.parse(Testing.synth(stack, true)).resource;
    const byType = Object.entries(objectOf(toValue(synthesized)));
    const resources = byType.flatMap(([type, named]) =>
      Object.entries(objectOf(named)).map(([name, settings]) => {
        // Terraform's name ends in a hash.
        const id = name.slice(0, name.lastIndexOf("_"));
        return [id, { type, settings: objectOf(settings) }] as const;
      }),
    );
    return new Deployment(await connect(host, process.cwd()), new Map(resources));
  }

  /** Creates a resource; its id is its construct's path in the stack, joined by `_`. */
  async create(id: string, change: Change = (settings) => settings): Promise<Draft> {
    const { type, settings } = this.resource(id);
    const resource = implementation(type);
    const { fields } = resource;
    const planned = planChange(fields, null, asBlocks(fields, objectOf(this.resolved(change(settings))))).planned;
    const draft = new Draft(fields, planned);
    await resource.create(draft, this.connection);
    return draft;
  }

  /** Removes the container of that resource, whoever created it, if there is one. */
  async discard(id: string): Promise<void> {
    const name = this.resource(id).settings["name"];
    const container = this.connection.docker.getContainer(String(name));
    await container.remove({ force: true }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  private resource(id: string) {
    const found = this.resources.get(id);
    if (found === undefined) throw new Error(`the stack has no ${id}, but ${[...this.resources.keys()].join(", ")}`);
    return found;
  }

  /** Puts in what a setting says of other resources, and undoes the escaping of templates. */
  private resolved(value: Value): Value {
    if (isArray(value)) return value.map((each) => this.resolved(each));
    if (isObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.resolved(each)]));
    }
    if (typeof value !== "string") return value;
    const [, name, attribute] = /^\$\{docker_\w+?\.(\w+)_[0-9A-F]{8}\.(\w+)\}$/.exec(value) ?? [];
    if (name === undefined || attribute === undefined) return value.replaceAll(/([$%])\1\{/g, "$1{");
    const { settings } = this.resource(name);
    // The engine takes the name of a network for its id, which another deployment may have got.
    return this.resolved(settings[attribute === "id" ? "name" : attribute] ?? null);
  }
}

/** JSON may give the only block of its kind without a list. */
function asBlocks(fields: Fields, settings: ValueObject): ValueObject {
  const entries = Object.entries(settings).map(([name, value]) => {
    const field = fields[name];
    if (field?.kind !== "block") return [name, value] as const;
    const blocks = isArray(value) ? value : [value];
    return [name, blocks.map((block) => asBlocks(field.fields, objectOf(block)))] as const;
  });
  return Object.fromEntries(entries);
}

function implementation(type: string) {
  const found = dockerProvider(process.cwd()).resources[type];
  if (found === undefined) throw new Error(`the stand-in has no ${type}`);
  return found;
}

function objectOf(value: Value): ValueObject {
  if (isObject(value)) return value;
  throw new Error(`not an object: ${JSON.stringify(value)}`);
}
