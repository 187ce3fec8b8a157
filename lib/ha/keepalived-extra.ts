import { KEEPALIVED_GRAMMAR, type KeepalivedLine, refuseLine } from "../config/keepalived/model.js";
import { refuseLength } from "../config/keepalived/print.js";
import { InternalError } from "../core/errors.js";
import { type Reserved, refuseReserved, refuseSecrets, reserved } from "../dns/extra/reserved.js";
import { type Field, field, type Refusal } from "../terraform/schema.js";

const ADVERTS = "'advertisementInterval', 'ttlSecurity' and 'virtualRouterId' say how the nodes hear each other";
const TAKEOVER = "how neighbours learn of a takeover is measured, and promised with these times";
const RIGHTS = "the programs that check a node run as users without rights";
const RELOADS = "the agent checks a configuration, and has keepalived read it at once";

/** The lines of `global_defs` that are left to the library. */
export const KEEPALIVED_RESERVED: Reserved = {
  ...reserved("router_id", "the name of a node is its id"),
  ...reserved("vrrp_version vrrp_check_unicast_src vrrp_skip_check_adv_addr vrrp_strict", ADVERTS),
  ...reserved("vrrp_down_timer_adverts vrrp_lower_prio_no_advert vrrp_higher_prio_send_advert", ADVERTS),
  ...reserved("vrrp_garp_interval vrrp_garp_lower_prio_delay vrrp_garp_lower_prio_repeat", TAKEOVER),
  ...reserved("vrrp_garp_master_delay vrrp_garp_master_refresh vrrp_garp_master_refresh_repeat", TAKEOVER),
  ...reserved("vrrp_garp_master_repeat vrrp_gna_interval vrrp_min_garp vrrp_startup_delay", TAKEOVER),
  ...reserved("nftables vrrp_iptables", "a node that is backup answers packets that still reach it"),
  ...reserved("dynamic_interfaces", "the interfaces of 'virtualAddresses' must be there"),
  ...reserved(
    "max_auto_priority min_auto_priority_delay",
    "keepalived gets a higher priority where processors are busy",
  ),
  ...reserved("script_user enable_script_security umask", RIGHTS),
  ...reserved("reload_check_config reload_time_file", RELOADS),
};

const LINES = KEEPALIVED_GRAMMAR.blocks.global_defs;

/** The schema of a line of `global_defs`. */
export const EXTRA_LINE: Field<KeepalivedLine> = field<KeepalivedLine>({
  code: "DNSLB168",
  allowed: 'a line of keepalived as a list of its words, such as ["vrrp_rt_priority", "50"]',
  accepts: (value) => isWords(value) && refuse(value) === undefined,
  refusal: (value) => (isWords(value) ? refuse(value) : refuseSecrets(value)),
});

function isWords(value: unknown): value is KeepalivedLine {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string");
}

function refuse(words: KeepalivedLine): Refusal | undefined {
  if (LINES === undefined) throw new InternalError("keepalived has no block global_defs");
  const left = refuseReserved(words[0], KEEPALIVED_RESERVED);
  if (left !== undefined) return left;
  const [first] = refuseLine(words, LINES);
  if (first !== undefined) return { code: "DNSLB168", message: `has a word ${first.word + 1} that ${first.message}` };
  const tooLong = refuseLength(words, 1);
  return tooLong === undefined ? undefined : { code: "DNSLB168", message: tooLong.message };
}
