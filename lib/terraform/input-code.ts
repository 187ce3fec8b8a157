/** The codes of problems in what a single construct or factory is given, each with what it stands for. */
export const INPUT_CODES = {
  DNSLB101: "unknown property",
  DNSLB102: "missing property",
  DNSLB103: "wrong type, or none of the choices",
  DNSLB104: "number out of range",
  DNSLB105: "no address",
  DNSLB106: "no network",
  DNSLB107: "no duration, or one out of range",
  DNSLB108: "no rate, or one that cannot be counted",
  DNSLB109: "name that a configuration line cannot hold",
  DNSLB110: "value that only Terraform knows, where a value is compiled",
  DNSLB111: "empty list",
  DNSLB112: "the same thing twice",
  DNSLB113: "properties that contradict each other",
  DNSLB114: "resolver open to the world",
  DNSLB115: "file that cannot be read, or not as what it should be",
  DNSLB190: "package that is installed twice",
} as const;

/** A code of what is wrong with the input of one construct or factory. */
export type InputCode = keyof typeof INPUT_CODES;
