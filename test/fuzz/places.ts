import { formOf, type Plan, type Value } from "./plan.js";

/** A value in a plan, and the property that it is the value of. */
export interface Place {
  readonly step: number;
  /** The keys from the step's properties, those of forms included. */
  readonly keys: readonly (string | number)[];
  /** The call that takes it, and the path in its options, as in `Input`. */
  readonly call: string;
  readonly path: string;
  readonly value: Value;
}

/** All values of a plan at every depth, of properties of the API. A list is a place, as are its items. */
export function placesIn(plan: Plan): readonly Place[] {
  return plan.steps.flatMap(({ make, props }, step) => {
    if (make === "DockerProvider") return [];
    const name = make === "addDnsFrontend" ? "DnsFrontend" : make;
    return placesBelow(props, { step, keys: [], call: name, path: "", value: props });
  });
}

function placesBelow(value: Value, place: Place): Place[] {
  const at = (key: string | number, path: string, inner: Value): Place => ({
    ...place,
    keys: [...place.keys, key],
    path,
    value: inner,
  });
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((inner: Value, index) => {
      // An item of a list of plain values is of the list's property, also where these are lists themselves.
      const each = at(index, place.path, inner);
      const isOne = Array.isArray(inner) || isArguments(place);
      return [each, ...placesBelow(inner, isOne ? each : { ...each, path: `${place.path}[]` })];
    });
  }
  const fields = value as Readonly<Record<string, Value>>;
  if (formOf(value) === "$call") {
    const options = fields["with"] ?? null;
    const inner = { ...at("with", "", options), call: String(fields["$call"]) };
    const isOptions = typeof options === "object" && options !== null && formOf(options) === undefined;
    return isOptions ? placesBelow(options, inner) : [inner, ...placesBelow(options, inner)];
  }
  if (formOf(value) !== undefined) return [];
  return Object.entries(fields).flatMap(([key, inner]) => {
    const path = isArguments(place) ? place.path : place.path === "" ? key : `${place.path}.${key}`;
    const each = at(key, path, inner);
    return [each, ...placesBelow(inner, each)];
  });
}

/** Whether it is in the arguments of a call in the words of dnsdist: whatever they hold, calls among it, is of this property. */
function isArguments({ path }: Place): boolean {
  return path.endsWith(".args");
}

/** A plan with another value in a place. */
export function replaced(plan: Plan, { step, keys }: Pick<Place, "step" | "keys">, value: Value): Plan {
  const steps = plan.steps.map((each, index) =>
    index === step ? { ...each, props: replacedIn(each.props, keys, value) } : each,
  );
  return { steps };
}

function replacedIn(value: Value, [first, ...rest]: readonly (string | number)[], by: Value): Value {
  if (first === undefined) return by;
  const copy: Record<string | number, Value> | Value[] = Array.isArray(value) ? [...value] : { ...(value as object) };
  const inner = (value as Readonly<Record<string | number, Value>>)[first] ?? null;
  Object.assign(copy, { [first]: replacedIn(inner, rest, by) });
  return copy as Value;
}
