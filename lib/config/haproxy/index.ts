export {
  type Directive,
  HAPROXY_KEYWORDS,
  HAPROXY_SECTION_KINDS,
  type HaproxyFile,
  type HaproxyKeyword,
  type HaproxySection,
  type HaproxySectionKind,
} from "./model.js";
export { parseHaproxy } from "./parse.js";
export { printDirective, printHaproxy } from "./print.js";
export { HaproxyConfig, type HaproxyEndpoint, HaproxySectionView, type HaproxyServer } from "./view.js";
