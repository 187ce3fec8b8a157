import { printKeepalived } from "../../config/keepalived/print.js";
import { printNftables } from "../../config/nftables/print.js";
import type { Vrrp } from "../../model/vrrp.js";
import { compileAdvertFilter } from "../compile/advert-filter.js";
import { compileKeepalived } from "../compile/keepalived.js";
import type { MobilityWork } from "../work.js";
import type { Daemon } from "./daemon.js";

const CONF = "keepalived/keepalived.conf";
const FILTER = "keepalived/adverts.nft";

/* In the agent's own part of the run directory, or the daemons' user could put a FIFO or a link in their places. */
const SETTINGS = {
  /** The PID file of the parent process. */
  pid: "{run}/private/keepalived-main.pid",
  /** The PID file of the VRRP process. */
  vrrpPid: "{run}/private/keepalived-vrrp.pid",
  /** The file to which keepalived dumps its state on a signal. */
  data: "{run}/private/keepalived.data",
  /** The file of the release with the packet filter of adverts; agents before have none. */
  filter: FILTER,
} as const;

/** keepalived on a load balancer's node that shares virtual addresses by VRRP. */
export function keepalived(vrrp: Vrrp): Daemon<MobilityWork> {
  return (work) => ({
    service: {
      name: "keepalived",
      command: [
        // Without --log-detail, which writes two lines per address each time that it repeats gratuitous ARP.
        ...["keepalived", "--dont-fork"],
        // It writes to syslog in any case, and where that ends in the same journal, each line would be there twice.
        ...(work.profile.log === "stdout" ? ["--log-console"] : []),
        "--vrrp",
        ...["--pid", SETTINGS.pid, "--vrrp_pid", SETTINGS.vrrpPid],
        ...["--use-file", `{state}/current/${CONF}`],
      ],
      user: "root",
      check: ["keepalived", "--config-test", "--use-file", `{release}/${CONF}`],
      reload: [],
      settings: SETTINGS,
      restartOn: [],
      keepsData: false,
      // VRRP uses neither UDP nor TCP.
      listeners: [],
    },
    files: [
      { path: CONF, content: printKeepalived(compileKeepalived(work, vrrp)) },
      { path: FILTER, content: printNftables(compileAdvertFilter(work, vrrp)) },
    ],
  });
}
