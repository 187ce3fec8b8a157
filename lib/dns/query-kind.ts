import {
  OPCODES,
  type Opcode,
  QUERY_CLASSES,
  QUERY_TYPES,
  type QueryClass,
  type QueryType,
} from "../model/query-kind.js";
import { type Field, field } from "../terraform/schema.js";

/** A record type by its name or number. */
export const queryType: Field<QueryType | number> = named<QueryType>({
  ...{ noun: "a record type", numbers: QUERY_TYPES, example: "ANY", last: 65_535 },
  written: /^(?:TYPE|QTYPE)(\d+)$/i,
});

/** A class by its name or number. */
export const queryClass: Field<QueryClass | number> = named<QueryClass>({
  ...{ noun: "a class", numbers: QUERY_CLASSES, example: "CH", last: 65_535 },
  written: /^CLASS(\d+)$/i,
  others: { CHAOS: "CH", HESIOD: "HS", INTERNET: "IN", "*": "ANY" },
});

/** An opcode by its name or number. */
export const opcode: Field<Opcode | number> = named<Opcode>({
  ...{ noun: "an opcode", numbers: OPCODES, example: "NOTIFY", last: 15 },
  written: /^OPCODE(\d+)$/i,
});

interface Names<T extends string> {
  readonly noun: string;
  readonly numbers: Readonly<Record<T, number>>;
  readonly example: T;
  readonly last: number;
  /** How numbers are written elsewhere (RFC 3597). */
  readonly written: RegExp;
  /** Other words for names. */
  readonly others?: Readonly<Record<string, T>>;
}

/** A number, or its name where it has one. */
export function named<T extends string>(names: Names<T>): Field<T | number> {
  const { noun, numbers, example, last, written, others = {} } = names;
  const isNumber = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= last;
  return field<T | number>({
    code: "DNSLB103",
    type: "string",
    allowed: `${noun} by its name in capitals, such as ${JSON.stringify(example)}, or by its number, from 0 to ${last}`,
    accepts: (value) => isNumber(value) || (typeof value === "string" && Object.hasOwn(numbers, value)),
    fix: (value) => {
      if (typeof value !== "string") return undefined;
      const [, digits = value] = written.exec(value) ?? [];
      if (/^\d+$/.test(digits) && isNumber(Number(digits))) return `did you mean ${Number(digits)}?`;
      const word = value.toUpperCase();
      const name = Object.hasOwn(others, word) ? others[word] : Object.hasOwn(numbers, word) ? word : undefined;
      return name === undefined ? undefined : `did you mean ${JSON.stringify(name)}?`;
    },
  });
}
