/** The numbers of the reasons that a refusal can have (RFC 8914, section 4), by name. */
export const EXTENDED_ERRORS = {
  other: 0,
  "not-ready": 14,
  blocked: 15,
  censored: 16,
  filtered: 17,
  prohibited: 18,
  "not-authoritative": 20,
  "not-supported": 21,
  "no-reachable-authority": 22,
} as const;
/** A reason for a refusal by its name. */
export type ExtendedErrorName = keyof typeof EXTENDED_ERRORS;

/** A reason that clients get with an answer if they speak EDNS. */
export interface ExtendedError {
  readonly code: ExtendedErrorName | number;
  readonly text?: string;
}

/** The number of a reason. */
export function extendedErrorNumber(code: ExtendedErrorName | number): number {
  return typeof code === "number" ? code : EXTENDED_ERRORS[code];
}
