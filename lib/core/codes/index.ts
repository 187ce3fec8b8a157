import type { CodeEntry } from "./code.js";
import { CONFIGURATION_CODES } from "./configuration.js";
import { INPUT_CODES } from "./input.js";
import { RULE_CODES } from "./rules.js";

export type { CodeEntry };
/** A code of an error in the input of one construct or factory. */
export type InputCode = keyof typeof INPUT_CODES;
/** A code of a problem that only a whole load balancer, or the app, shows. */
export type RuleCode = keyof typeof RULE_CODES;
/** A code of an error of the models, printers and parsers of configuration files. */
export type ConfigurationCode = keyof typeof CONFIGURATION_CODES;
/** The code of a problem, such as `DNSLB104`: stable, searchable, explained in `docs/errors.md`. */
export type Code = InputCode | RuleCode | ConfigurationCode;

/** Every code. A code never changes its meaning, and is never given to another problem. */
export const CODES: Readonly<Record<Code, CodeEntry>> = { ...RULE_CODES, ...INPUT_CODES, ...CONFIGURATION_CODES };
