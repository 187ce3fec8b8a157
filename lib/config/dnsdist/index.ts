export * from "./model.js";
export { printDnsdistListeners, printDnsdistPolicy } from "./print.js";
export { runtimeLua } from "./runtime.js";
