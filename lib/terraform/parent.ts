import { Token } from "cdktf";
import { Construct } from "constructs";
import { type Problem, UnscopedValidationError } from "../core/errors.js";
import { show } from "./schema.js";

/** The arguments of a construct before its properties; throws where one is none, since a construct then has no path yet. */
export function placeOf(name: string, scope: Construct, id: string): readonly [scope: Construct, id: string] {
  const problems: Problem[] = [];
  if (!isConstruct(scope)) {
    const message = `must be a construct, such as a TerraformStack, got ${show(scope)}; the first argument of new ${name}() is the construct that holds it`;
    problems.push({ code: "DNSLB152", property: "scope", message });
  }
  if (typeof id !== "string" || id === "") {
    const message = `must be a text, such as "Dns", got ${show(id)}; the second argument of new ${name}() names it in its scope`;
    problems.push({ code: "DNSLB152", property: "id", message });
  } else if (Token.isUnresolved(id)) {
    const message =
      "must be known at synthesis, got a cdktf token; it becomes a part of names, so give the text itself";
    problems.push({ code: "DNSLB110", property: "id", message });
  } else if (id in Object.prototype) {
    // The package constructs keeps children in an object, and would say that there is one of this id already.
    const message = `must not be the name of a property that every object has, got ${show(id)}; choose another one, such as "Dns"`;
    problems.push({ code: "DNSLB152", property: "id", message });
  }
  if (problems.length > 0) throw new UnscopedValidationError(problems, `new ${name}()`);
  return [scope, id];
}

function isConstruct(value: unknown): boolean {
  try {
    return Construct.isConstruct(value);
  } catch {
    return false;
  }
}
