import { TerraformStack, Testing } from "cdktf";
import type { IConstruct } from "constructs";
import { validConstructsOf } from "../load-balancers-of.js";
import { isRecord } from "./expected.js";
import type { PlaceWords } from "./place.js";
import { hasProperties } from "./properties.js";
import type { MatcherResult } from "./runner.js";
import { appOrStack } from "./subject.js";

/** Judges whether an app or a stack has a Terraform resource of some type, with some properties. */
export function toHaveTerraformResource(received: unknown, type: unknown, ...properties: unknown[]): MatcherResult {
  const scope = appOrStack(received, "toHaveTerraformResource");
  const holder = scope.node.path === "" ? "the app" : `stack "${scope.node.path}"`;
  const words: PlaceWords = { matcher: "toHaveTerraformResource", noun: "resource", holder };
  const places = stacksOf(scope).flatMap((stack) => resourcesOf(terraformOf(stack)));
  return hasProperties(places, typeOf(type), properties, words);
}

/** The type of resources that a class of a provider makes; anything else is a type itself. */
function typeOf(type: unknown): unknown {
  return typeof type === "function" && "tfResourceType" in type ? type.tfResourceType : type;
}

/** The stacks of an app or a stack, after its validations. */
export function stacksOf(scope: IConstruct): TerraformStack[] {
  return validConstructsOf(scope).filter((construct) => TerraformStack.isStack(construct));
}

/** What Terraform gets of a stack, as JSON. */
export function terraformOf(stack: TerraformStack): string {
  return Testing.synth(stack);
}

function resourcesOf(json: string) {
  const { resource } = JSON.parse(json) as { readonly resource?: unknown };
  const types = isRecord(resource) ? Object.entries(resource) : [];
  return types.flatMap(([title, byId]) =>
    Object.entries(byId as object).map(([id, value]: [string, unknown]) => ({ title, name: `${title}.${id}`, value })),
  );
}
