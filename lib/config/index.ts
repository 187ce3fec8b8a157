export * as bird from "./bird/index.js";
export * as dnsdist from "./dnsdist/index.js";
export * as haproxy from "./haproxy/index.js";
export * as keepalived from "./keepalived/index.js";
export * as nsd from "./nsd/index.js";
export * as unbound from "./unbound/index.js";
export * as zone from "./zone/index.js";
