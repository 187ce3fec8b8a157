import type * as message from "../protocol/messages.js";
import { failure } from "../protocol/messages.js";
import type { ProviderService } from "../protocol/service.js";
import { decodeValue, encodeValue, isObject, toValue, type Value, type ValueObject } from "../protocol/value.js";
import { Draft } from "./draft.js";
import { planChange } from "./plan.js";
import { type Provider, Refusal, type Resource } from "./resource.js";
import { wireBlock } from "./schema.js";
import { settle } from "./settle.js";
import { validateConfig } from "./validate.js";

/** One provider as Terraform starts it: each connection has its own, with its own configuration. */
export class ProviderInstance<Connection> implements ProviderService {
  private connection: Connection | undefined;

  constructor(private readonly provider: Provider<Connection>) {}

  async GetSchema(): Promise<message.SchemaResponse> {
    const schemas = Object.entries(this.provider.resources).map(([name, resource]) => {
      return [name, { version: resource.schemaVersion, block: wireBlock(resource.fields) }] as const;
    });
    return {
      provider: { version: 0, block: wireBlock(this.provider.fields) },
      resource_schemas: Object.fromEntries(schemas),
    };
  }

  async PrepareProviderConfig(request: message.ConfigRequest): Promise<message.PreparedConfigResponse> {
    return { prepared_config: request.config };
  }

  async ValidateResourceTypeConfig(request: message.ResourceConfigRequest): Promise<message.Diagnosed> {
    const resource = this.resource(request.type_name);
    const config = objectIn(request.config);
    return { diagnostics: [...validateConfig(resource.fields, config), ...(resource.validate?.(config) ?? [])] };
  }

  async UpgradeResourceState(request: message.UpgradeRequest): Promise<message.UpgradeResponse> {
    const state = toValue(JSON.parse(request.raw_state.json.toString()));
    return { upgraded_state: encodeValue(state) };
  }

  async Configure(request: message.ConfigRequest): Promise<message.Diagnosed> {
    const failed = await diagnosed(async () => {
      this.connection = await this.provider.configure(new Draft(this.provider.fields, objectIn(request.config)));
    });
    return { diagnostics: failed };
  }

  async ReadResource(request: message.ReadRequest): Promise<message.ReadResponse> {
    const resource = this.resource(request.type_name);
    const draft = new Draft(resource.fields, objectIn(request.current_state));
    const diagnostics = await diagnosed(() => resource.read(draft, this.configured()));
    const failed = diagnostics.length > 0 && draft.id !== "";
    return {
      new_state: failed ? request.current_state : encodeValue(draft.state()),
      diagnostics,
      private: request.private,
    };
  }

  async PlanResourceChange(request: message.PlanRequest): Promise<message.PlanResponse> {
    const { fields } = this.resource(request.type_name);
    const prior = decodeValue(request.prior_state);
    const proposed = decodeValue(request.proposed_new_state);
    const common = { planned_private: request.prior_private, legacy_type_system: true };
    if (!isObject(proposed)) return { ...common, planned_state: request.proposed_new_state };
    const { planned, replaceFor } = planChange(fields, isObject(prior) ? prior : null, proposed);
    const paths = replaceFor.map((name) => ({ steps: [{ attribute_name: name }] }));
    return { ...common, planned_state: encodeValue(planned), requires_replace: paths };
  }

  async ApplyResourceChange(request: message.ApplyRequest): Promise<message.ApplyResponse> {
    const resource = this.resource(request.type_name);
    const prior = decodeValue(request.prior_state);
    const planned = decodeValue(request.planned_state);
    const common = { private: request.planned_private, legacy_type_system: true };
    if (!isObject(planned)) {
      const draft = new Draft(resource.fields, objectIn(request.prior_state));
      const diagnostics = await diagnosed(() => resource.delete(draft, this.configured()));
      return { ...common, new_state: encodeValue(diagnostics.length > 0 ? draft.state() : null), diagnostics };
    }
    const draft = new Draft(resource.fields, planned);
    const diagnostics = await diagnosed(async () => {
      if (!isObject(prior)) await resource.create(draft, this.configured());
      else await resource.update?.(draft, new Draft(resource.fields, prior), this.configured());
    });
    const state = draft.state();
    const settled = state === null ? null : settle(resource.fields, planned, state);
    return { ...common, new_state: encodeValue(settled), diagnostics };
  }

  /** Ends with the connection that Terraform opened. */
  close(): void {
    if (this.connection !== undefined) this.provider.close?.(this.connection);
  }

  async Stop(): Promise<object> {
    return {};
  }

  private resource(name: string): Resource<Connection> {
    const resource = this.provider.resources[name];
    if (resource === undefined) throw new Error(`unknown resource type: ${name}`);
    return resource;
  }

  private configured(): Connection {
    if (this.connection === undefined) throw new Error("the provider was not configured");
    return this.connection;
  }
}

function objectIn(wire: message.DynamicValue): ValueObject {
  const value: Value = decodeValue(wire);
  return isObject(value) ? value : {};
}

async function diagnosed(work: () => Promise<void>): Promise<readonly message.Diagnostic[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (error instanceof Refusal) return [failure(error.message)];
    throw error;
  }
}
