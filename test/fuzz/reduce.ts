import { placesIn, replaced } from "./places.js";
import { FORMS, isPlain, type Plan, referencesIn } from "./plan.js";

/** The smallest plan in reach that still fails: without steps, properties and items that do not matter. */
export async function reduced(plan: Plan, fails: (plan: Plan) => Promise<boolean>, limit: number): Promise<Plan> {
  const end = Date.now() + limit;
  let smallest = plan;
  let progress = true;
  while (progress && Date.now() < end) {
    progress = false;
    for (const candidate of smallerThan(smallest)) {
      if (Date.now() > end) break;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      progress = true;
      break;
    }
  }
  return smallest;
}

/** Plans that lack one thing, the largest thing first. */
function* smallerThan(plan: Plan): Generator<Plan> {
  const rests = plan.steps.map(({ id }) => without(plan, id)).filter(({ steps }) => steps.length > 0);
  yield* rests.sort((a, b) => a.steps.length - b.steps.length);
  for (const { step, keys, value } of placesIn(plan)) {
    if (isPlain(value)) {
      for (const key of Object.keys(value)) {
        const { [key]: _, ...rest } = value;
        yield replaced(plan, { step, keys }, rest);
      }
    } else if (Array.isArray(value) && value.length > 0 && !FORMS.includes(String(keys.at(-1)))) {
      for (const index of value.keys()) yield replaced(plan, { step, keys }, value.toSpliced(index, 1));
    }
  }
  for (const [index, { props }] of plan.steps.entries()) {
    if (!isPlain(props)) continue;
    for (const key of Object.keys(props)) {
      const { [key]: _, ...rest } = props;
      yield replaced(plan, { step: index, keys: [] }, rest);
    }
  }
}

/** A plan without a step, and without those that refer to it. */
function without({ steps }: Plan, id: string): Plan {
  const gone = new Set([id]);
  const kept = steps.filter((step) => {
    const isGone = gone.has(step.id) || referencesIn(step.props).some((other) => gone.has(other));
    if (isGone) gone.add(step.id);
    return !isGone;
  });
  return { steps: kept };
}
