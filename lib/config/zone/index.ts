export type { ZoneFile, ZoneFileDatum, ZoneFileRecord } from "./model.js";
export { parseZone } from "./parse.js";
export { printZone, printZoneRecord } from "./print.js";
