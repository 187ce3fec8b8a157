/** Keywords that open a block: `vrrp_instance v4 {`. Closed on purpose, as keepalived skips what it does not know. */
export const KEEPALIVED_BLOCK_KEYWORDS = [
  "global_defs",
  "group",
  "notification_email",
  "static_ipaddress",
  "static_routes",
  "static_rules",
  "track_file",
  "track_interface",
  "track_script",
  "unicast_peer",
  "virtual_ipaddress",
  "virtual_ipaddress_excluded",
  "virtual_routes",
  "virtual_rules",
  "vrrp_instance",
  "vrrp_script",
  "vrrp_sync_group",
  "vrrp_track_file",
] as const;

/** A keyword that opens a block. */
export type KeepalivedBlockKeyword = (typeof KEEPALIVED_BLOCK_KEYWORDS)[number];

/**
 * One line as words: `["priority", "250"]`, or, in a block of data such as `virtual_ipaddress`,
 * `["10.0.0.53/32", "dev", "eth0"]`. A word is what keepalived shall see; the printer quotes.
 */
export type KeepalivedLine = readonly [first: string, ...rest: string[]];

/** What stands in a block, in order. */
export type KeepalivedEntry = KeepalivedLine | KeepalivedBlock;

/** A block in braces. */
export interface KeepalivedBlock {
  readonly keyword: KeepalivedBlockKeyword;
  /**
   * What the block is called: letters, digits, `-`, `_` and `.`.
   *
   * @default - none: only `vrrp_instance`, `vrrp_sync_group`, `vrrp_script` and `track_file` have a name
   */
  readonly name?: string;
  readonly entries: readonly KeepalivedEntry[];
}

/** A whole keepalived.conf. */
export interface KeepalivedFile {
  readonly blocks: readonly KeepalivedBlock[];
}
