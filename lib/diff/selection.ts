import { type AccessRule, isForUdp } from "../model/access-rule.js";
import { classNumber, opcodeNumber, typeNumber } from "../model/query-kind.js";
import { NetworkSet } from "./network-set.js";

/*
 * Queries as sets, of which can be told exactly whether they have something in common, and whether some hold all of another.
 */

/** The queries that meet all conditions of a rule. */
export interface Selection {
  /** The addresses of the clients. */
  readonly clients: NetworkSet;
  /** Each with all below it; absent for all. */
  readonly names?: NameSet;
  readonly types?: ReadonlySet<number>;
  readonly classes?: ReadonlySet<number>;
  readonly opcodes?: ReadonlySet<number>;
  readonly isForUdp: boolean;
}

/** The queries that meet the conditions of a rule, of these clients. */
export function selectionOf(rule: AccessRule, clients: NetworkSet): Selection {
  const { from, names, types, classes = [], opcodes = [] } = rule;
  return {
    clients: from.length === 0 ? clients : clients.common(NetworkSet.of(from)),
    ...(names.length === 0 ? {} : { names: new NameSet(names) }),
    ...(types.length === 0 ? {} : { types: new Set(types.map(typeNumber)) }),
    ...(classes.length === 0 ? {} : { classes: new Set(classes.map(classNumber)) }),
    ...(opcodes.length === 0 ? {} : { opcodes: new Set(opcodes.map(opcodeNumber)) }),
    isForUdp: isForUdp(rule),
  };
}

/** Whether a query may be among both. */
export function meets(one: Selection, other: Selection): boolean {
  return (
    haveCommon(one.types, other.types) &&
    haveCommon(one.classes, other.classes) &&
    haveCommon(one.opcodes, other.opcodes) &&
    (one.names === undefined || other.names === undefined || one.names.meets(other.names)) &&
    one.clients.meets(other.clients)
  );
}

/** The most steps of a search. */
const MOST_STEPS = 20_000;

/**
 * Whether there is a query in a selection that is in none of others; false also where that takes too long to find out. It
 * tries queries that stand for all: of each property, the values that as few as possible of the others have.
 */
export function leavesSome(selection: Selection, others: readonly Selection[]): boolean {
  let steps = 0;
  const search = (left: readonly Selection[], depth: number): boolean => {
    if (left.length === 0) return true;
    const property = PROPERTIES[depth];
    if (property === undefined) return false;
    const tried = new Set<string>();
    for (const has of property(selection, left)) {
      steps += 1;
      if (steps > MOST_STEPS) return false;
      const holding = left.map(has);
      const key = holding.map(Number).join("");
      if (tried.has(key)) continue;
      tried.add(key);
      if (
        search(
          left.filter((_, index) => holding[index]),
          depth + 1,
        )
      ) {
        return true;
      }
    }
    return false;
  };
  return !selection.clients.isEmpty && search(others, 0);
}

/** Tells of values of a property that queries in a selection can have which others have them. */
type Property = (selection: Selection, others: readonly Selection[]) => Iterable<(other: Selection) => boolean>;

const OPCODES = Array.from({ length: 16 }, (_, opcode) => opcode);
/** There are always more than rules name. */
const UNNAMED = -1;

const PROPERTIES: readonly Property[] = [
  // A query over TCP is among fewer.
  ({ isForUdp }) => [(other) => isForUdp || !other.isForUdp],
  // So is the name itself among those that are at it or below it.
  ({ names }) => (names?.own ?? ["."]).map((name) => (other) => other.names === undefined || other.names.has(name)),
  ({ types = [UNNAMED] }) =>
    [...types].map(
      (type) =>
        ({ types: own }) =>
          own === undefined || own.has(type),
    ),
  ({ classes = [UNNAMED] }) => [...classes].map((each) => (other) => other.classes?.has(each) ?? true),
  ({ opcodes = OPCODES }) => [...opcodes].map((each) => (other) => other.opcodes?.has(each) ?? true),
  ({ clients }, others) => {
    const bounds = [clients, ...others.map((other) => other.clients)].flatMap((set, index) =>
      // Those of the selection itself are enough where the others have the same clients.
      index > 0 && set === clients ? [] : set.bounds,
    );
    return bounds
      .filter((address) => clients.has(address))
      .map((address) => (other) => other.clients === clients || other.clients.has(address));
  },
];

function haveCommon(one: ReadonlySet<number> | undefined, other: ReadonlySet<number> | undefined): boolean {
  return one === undefined || other === undefined || [...one].some((value) => other.has(value));
}

/** Names, each with all below it. */
class NameSet {
  readonly own: readonly string[];
  readonly #own: ReadonlySet<string>;
  /** These, and all above them. */
  readonly #above: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.#own = new Set(names);
    this.own = [...this.#own];
    this.#above = new Set(this.own.flatMap(upwards));
  }

  has(name: string): boolean {
    return upwards(name).some((each) => this.#own.has(each));
  }

  meets(other: NameSet): boolean {
    const [few, many] = this.own.length < other.own.length ? [this, other] : [other, this];
    return few.own.some((name) => many.has(name) || many.#above.has(name));
  }
}

/** A name and all above it, up to the root. */
function upwards(name: string): readonly string[] {
  const labels = name.split(".").slice(0, -1);
  return [...(name === "." ? [] : labels.map((_, index) => `${labels.slice(index).join(".")}.`)), "."];
}
