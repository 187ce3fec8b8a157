import { printKeepalived } from "../../config/keepalived/print.js";
import type { Vrrp } from "../../model/vrrp.js";
import { compileKeepalived } from "../compile/keepalived.js";
import type { MobilityWork } from "../work.js";
import type { Daemon } from "./daemon.js";

const CONF = "keepalived/keepalived.conf";

const SETTINGS = {
  /** Holds the number of its first process. */
  pid: "{run}/keepalived-main.pid",
  /** Holds the number of its process that speaks VRRP. */
  vrrpPid: "{run}/keepalived-vrrp.pid",
  /** Where it writes what it knows when it is asked by a signal. */
  data: "{run}/keepalived.data",
} as const;

/** keepalived on a load balancer's node that shares virtual addresses by VRRP. */
export function keepalived(vrrp: Vrrp): Daemon<MobilityWork> {
  return (work) => ({
    service: {
      name: "keepalived",
      command: [
        ...["keepalived", "--dont-fork", "--log-console", "--log-detail", "--vrrp"],
        ...["--pid", SETTINGS.pid, "--vrrp_pid", SETTINGS.vrrpPid],
        ...["--use-file", `{state}/current/${CONF}`],
      ],
      user: "root",
      check: ["keepalived", "--config-test", "--use-file", `{release}/${CONF}`],
      reload: [],
      settings: SETTINGS,
      restartOn: [],
      keepsData: false,
      // VRRP is a protocol of its own beside UDP and TCP.
      listeners: [],
    },
    files: [{ path: CONF, content: printKeepalived(compileKeepalived(work, vrrp)) }],
  });
}
