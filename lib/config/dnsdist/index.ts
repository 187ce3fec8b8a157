export { isDnsdistCheckOutputClean } from "./check.js";
export * from "./model.js";
export { parseDnsdistListeners, parseDnsdistPolicy } from "./parse.js";
export { printDnsdistListeners, printDnsdistPolicy } from "./print.js";
export { runtimeLua } from "./runtime.js";
export { DnsdistConfig, type DnsdistPoolView, type DnsdistRuleView } from "./view.js";
