import { type Refusal, refuseCharacters, refuseKeyword, shown } from "../words.js";

/** Keywords that open a block: `vrrp_instance v4 {`. A closed list, because keepalived ignores unknown keywords. */
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
] as const;

/** A keyword that opens a block. */
export type KeepalivedBlockKeyword = (typeof KEEPALIVED_BLOCK_KEYWORDS)[number];

/**
 * One line as words: `["priority", "250"]`, or, in a block of data such as `virtual_ipaddress`,
 * `["10.0.0.53/32", "dev", "eth0"]`. Words are unquoted; the printer quotes them.
 */
export type KeepalivedLine = readonly [first: string, ...rest: string[]];

/** An entry of a block: a line or a nested block. */
export type KeepalivedEntry = KeepalivedLine | KeepalivedBlock;

/** A block in braces. */
export interface KeepalivedBlock {
  readonly keyword: KeepalivedBlockKeyword;
  /**
   * The block's name: letters, digits, `-`, `_` and `.`.
   *
   * @default - no name; `vrrp_instance`, `vrrp_sync_group`, `vrrp_script` and `track_file` need one
   */
  readonly name?: string;
  readonly entries: readonly KeepalivedEntry[];
  /**
   * Further lines from elsewhere, printed after these between two comments. The parser gives them back as `entries`.
   *
   * @default - nothing
   */
  readonly extra?: readonly KeepalivedLine[];
}

/** A whole keepalived.conf. */
export interface KeepalivedFile {
  readonly blocks: readonly KeepalivedBlock[];
}

/** Tells a block from a line. */
export function isKeepalivedBlock(entry: KeepalivedEntry): entry is KeepalivedBlock {
  return !Array.isArray(entry);
}

/** The entries that a block may have. */
export interface KeepalivedGrammar {
  readonly named: boolean;
  /** The keywords that start a line; `"data"` where lines hold addresses, routes or names. */
  readonly lines: readonly string[] | "data";
  readonly blocks: Readonly<Partial<Record<KeepalivedBlockKeyword, KeepalivedGrammar>>>;
}

const DATA: KeepalivedGrammar = { named: false, lines: "data", blocks: {} };

const NOTIFY = ["notify", "notify_backup", "notify_fault", "notify_master", "notify_stop", "smtp_alert"] as const;

/**
 * The part of keepalived.conf's language that VRRP needs, without `authentication` (VRRPv3 has none) and
 * `track_process` (gets no events inside a network namespace).
 *
 * @see https://www.keepalived.org/manpage.html
 */
export const KEEPALIVED_GRAMMAR: KeepalivedGrammar = {
  named: false,
  lines: [],
  blocks: {
    global_defs: {
      named: false,
      lines: [
        "default_interface",
        "disable_local_igmp",
        "dynamic_interfaces",
        "enable_script_security",
        "fifo_write_vrrp_states_on_reload",
        "log_unknown_vrids",
        "max_auto_priority",
        "min_auto_priority_delay",
        "nftables",
        "notification_email_from",
        "notify_fifo",
        "notify_fifo_script",
        "process_names",
        "reload_check_config",
        "reload_time_file",
        "router_id",
        "script_user",
        "shutdown_script",
        "shutdown_script_timeout",
        "smtp_alert",
        "smtp_connect_timeout",
        "smtp_helo_name",
        "smtp_server",
        "startup_script",
        "startup_script_timeout",
        "umask",
        "vrrp_check_unicast_src",
        "vrrp_down_timer_adverts",
        "vrrp_garp_interval",
        "vrrp_garp_lower_prio_delay",
        "vrrp_garp_lower_prio_repeat",
        "vrrp_garp_master_delay",
        "vrrp_garp_master_refresh",
        "vrrp_garp_master_refresh_repeat",
        "vrrp_garp_master_repeat",
        "vrrp_gna_interval",
        "vrrp_higher_prio_send_advert",
        "vrrp_iptables",
        "vrrp_lower_prio_no_advert",
        "vrrp_min_garp",
        "vrrp_netlink_cmd_rcv_bufs",
        "vrrp_netlink_monitor_rcv_bufs",
        "vrrp_no_swap",
        "vrrp_notify_fifo",
        "vrrp_notify_fifo_script",
        "vrrp_notify_priority_changes",
        "vrrp_priority",
        "vrrp_process_name",
        "vrrp_rlimit_rttime",
        "vrrp_rt_priority",
        "vrrp_rx_bufs_multiplier",
        "vrrp_rx_bufs_policy",
        "vrrp_skip_check_adv_addr",
        "vrrp_startup_delay",
        "vrrp_strict",
        "vrrp_version",
      ],
      blocks: { notification_email: DATA },
    },
    static_ipaddress: DATA,
    static_routes: DATA,
    static_rules: DATA,
    vrrp_script: {
      named: true,
      lines: ["fall", "init_fail", "interval", "rise", "script", "timeout", "user", "weight"],
      blocks: {},
    },
    track_file: { named: true, lines: ["file", "init_file", "weight"], blocks: {} },
    vrrp_sync_group: {
      named: true,
      lines: [...NOTIFY, "global_tracking", "notify_priority_changes", "sync_group_tracking_weight"],
      blocks: { group: DATA, track_file: DATA, track_interface: DATA, track_script: DATA },
    },
    vrrp_instance: {
      named: true,
      lines: [
        ...NOTIFY,
        "accept",
        "advert_int",
        "check_unicast_src",
        "debug",
        "dont_track_primary",
        "down_timer_adverts",
        "garp_extra_if",
        "garp_lower_prio_delay",
        "garp_lower_prio_repeat",
        "garp_master_delay",
        "garp_master_refresh",
        "garp_master_refresh_repeat",
        "garp_master_repeat",
        "higher_prio_send_advert",
        "interface",
        "kernel_rx_buf_size",
        "lower_prio_no_advert",
        "mcast_dst_ip",
        "mcast_src_ip",
        "native_ipv6",
        "no_accept",
        "nopreempt",
        "notify_deleted",
        "notify_master_rx_lower_pri",
        "notify_priority_changes",
        "preempt",
        "preempt_delay",
        "priority",
        "promote_secondaries",
        "skip_check_adv_addr",
        "state",
        "strict_mode",
        "track_src_ip",
        "unicast_fault_no_peer",
        "unicast_src_ip",
        "unicast_ttl",
        "use_ipvlan",
        "use_vmac",
        "use_vmac_addr",
        "version",
        "virtual_router_id",
        "vmac_xmit_base",
        "vrf",
      ],
      blocks: {
        track_file: DATA,
        track_interface: DATA,
        track_script: DATA,
        unicast_peer: DATA,
        virtual_ipaddress: DATA,
        virtual_ipaddress_excluded: DATA,
        virtual_routes: DATA,
        virtual_rules: DATA,
      },
    },
  },
};

const BLOCK_NAME = /^[A-Za-z0-9_.-]+$/;

/** Refuses a block that is not allowed there, or whose name is missing, not allowed or needs quotes. */
export function refuseBlock(
  block: { readonly keyword: string; readonly name?: string | undefined },
  within: KeepalivedGrammar,
): Refusal | undefined {
  const grammar = grammarOf(block.keyword, within);
  if (!grammar) return refuseKeyword(block.keyword, "a block here", Object.keys(within.blocks));
  if (block.name === undefined) {
    return grammar.named ? { code: "DNSLB804", message: `must be named: '${block.keyword}' has no name` } : undefined;
  }
  if (!grammar.named) {
    return { code: "DNSLB804", message: `must not be named: '${block.keyword}' got ${shown(block.name)}` };
  }
  if (BLOCK_NAME.test(block.name)) return undefined;
  return { code: "DNSLB804", message: `must be named by letters, digits, "-", "_" and ".", got ${shown(block.name)}` };
}

/** The grammar of a block within another; undefined if the block is not allowed there. */
export function grammarOf(keyword: string, within: KeepalivedGrammar): KeepalivedGrammar | undefined {
  return Object.hasOwn(within.blocks, keyword) ? within.blocks[keyword as KeepalivedBlockKeyword] : undefined;
}

/** Refuses a line whose keyword is not allowed in its block, or with words that keepalived cannot represent. */
export function refuseLine(
  words: readonly string[],
  within: KeepalivedGrammar,
): (Refusal & { readonly word: number })[] {
  const keyword = within.lines === "data" ? undefined : refuseKeyword(words[0] ?? "", "this block", within.lines);
  const refused = words.flatMap((text, word) => {
    const refusal = refuseWord(text);
    return refusal ? [{ ...refusal, word }] : [];
  });
  return keyword ? [{ ...keyword, word: 0 }, ...refused] : refused;
}

/**
 * Refuses characters that keepalived cannot escape: a backslash has different meanings in comments, in scripts and
 * elsewhere; a quote cannot be within quotes; and even there `$` starts a parameter and a lone brace is a brace.
 */
function refuseWord(word: string): Refusal | undefined {
  if (word === "") return { code: "DNSLB803", message: "must not be empty" };
  const unquotable = /["\\$]/.exec(word)?.[0] ?? /^[{}]$/.exec(word)?.[0];
  if (unquotable === undefined) return refuseCharacters(word);
  return {
    code: "DNSLB803",
    message: `must not hold ${unquotable}, which keepalived cannot quote, got ${shown(word)}`,
  };
}
