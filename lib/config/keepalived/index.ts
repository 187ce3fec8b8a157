export {
  isKeepalivedBlock,
  KEEPALIVED_BLOCK_KEYWORDS,
  type KeepalivedBlock,
  type KeepalivedBlockKeyword,
  type KeepalivedEntry,
  type KeepalivedFile,
  type KeepalivedLine,
} from "./model.js";
export { parseKeepalived } from "./parse.js";
export { printKeepalived, printKeepalivedLine } from "./print.js";
export {
  KeepalivedBlockView,
  KeepalivedConfig,
  KeepalivedInstanceView,
  KeepalivedScriptView,
  KeepalivedSyncGroupView,
  type KeepalivedTrackedScript,
} from "./view.js";
