import { printBird } from "../../config/bird/print.js";
import { type Family, familyOf } from "../../core/ip.js";
import type { BgpMobility } from "../../model/address-mobility.js";
import { meetingFamily } from "../../model/bgp.js";
import type { ManifestListener } from "../../model/manifest.js";
import { WORDS_PORT } from "../../model/platform-profile.js";
import { compileBird, memberOf, passwordFile, passwordName, sessionName } from "../compile/bird.js";
import { listener } from "../compile/listener.js";
import { featuresOf } from "../features.js";
import type { MobilityWork } from "../work.js";
import type { Daemon } from "./daemon.js";

const CONF = "bird/bird.conf";
const BGP_PORT = 179;

/** In the agent's own part of the run directory. */
const ANNOUNCEMENT = "private/announcement.conf";
const SETTINGS = {
  /** The control socket. */
  control: "{run}/private/bird.ctl",
  pid: "{run}/private/bird.pid",
  /** The file in which the announcer says `COST` and `STATE`. */
  announcement: `{run}/${ANNOUNCEMENT}`,
} as const;

/** BIRD on a load balancer's node that announces the addresses of its group. */
export function bird(bgp: BgpMobility): Daemon<MobilityWork> {
  return (work) => {
    const { node, profile } = work;
    const withPassword = memberOf(bgp, node).neighbors.flatMap(({ password }, index) =>
      password === undefined ? [] : [{ password, place: index + 1 }],
    );
    const { namesAuthentication } = featuresOf(profile.versions);
    const { addresses } = bgp;
    const costFile = `${profile.paths.run}/${ANNOUNCEMENT}`;
    const file = compileBird({ bgp, node, addresses, costFile, namesAuthentication });
    return {
      service: {
        name: "bird",
        command: [...["bird", "-f", "-c", `{state}/current/${CONF}`], ...["-s", SETTINGS.control, "-P", SETTINGS.pid]],
        user: "root",
        check: ["bird", "-p", "-c", `{release}/${CONF}`],
        reload: [],
        settings: SETTINGS,
        restartOn: [],
        keepsData: false,
        listeners: listenersOf(bgp, work),
      },
      files: [{ path: CONF, content: printBird(file) }],
      secretFiles: withPassword.map(({ password, place }) => ({ path: secretFile(place), source: password })),
      composedFiles: withPassword.map(({ place }) => ({
        kind: "service",
        service: "bird",
        path: `bird/${passwordFile(place)}`,
        secret: secretFile(place),
        settings: { define: passwordName(place) },
      })),
    };
  };
}

/** The sockets of BIRD for BGP, and that of the announcer, which the same service starts. */
function listenersOf(bgp: BgpMobility, { node, loadBalancer }: MobilityWork): ManifestListener[] {
  const own = (family: Family | undefined) => node.addresses.filter((address) => familyOf(address) === family);
  const families = new Set(memberOf(bgp, node).neighbors.map(({ address }) => familyOf(address)));
  const traits = { foreign: false, shared: false };
  return [
    ...[...families].flatMap(own).map((address) => listener("tcp", address, BGP_PORT, traits)),
    ...own(meetingFamily(loadBalancer.nodes)).map((address) => listener("udp", address, WORDS_PORT, traits)),
  ];
}

function secretFile(place: number): string {
  return `secrets/bird-${sessionName(place)}`;
}
