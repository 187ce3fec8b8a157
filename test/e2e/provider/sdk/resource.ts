import type { Diagnostic } from "../protocol/messages.js";
import type { ValueObject } from "../protocol/value.js";
import type { Draft } from "./draft.js";
import type { Fields } from "./schema.js";

/** One kind of resource of a provider that is configured with a `Connection`. */
export interface Resource<Connection> {
  readonly schemaVersion: number;
  readonly fields: Fields;
  /** What the attributes' own validators cannot see. */
  readonly validate?: (config: ValueObject) => readonly Diagnostic[];
  create(draft: Draft, connection: Connection): Promise<void>;
  read(draft: Draft, connection: Connection): Promise<void>;
  /** Absent where every attribute replaces the resource. */
  update?(draft: Draft, prior: Draft, connection: Connection): Promise<void>;
  delete(draft: Draft, connection: Connection): Promise<void>;
}

/** A provider: its own configuration and its resources. */
export interface Provider<Connection> {
  readonly fields: Fields;
  readonly resources: Readonly<Record<string, Resource<Connection>>>;
  configure(config: Draft): Promise<Connection>;
  /** Ends what a connection holds open. */
  close?(connection: Connection): void;
}

/** A failure that Terraform shows to the user with exactly this text. */
export class Refusal extends Error {}
