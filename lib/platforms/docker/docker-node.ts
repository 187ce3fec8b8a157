import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import type { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { Volume } from "@cdktf/provider-docker/lib/volume/index.js";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Problem } from "../../core/errors.js";
import { familyOf } from "../../core/ip.js";
import { type Size, toBytes } from "../../core/size.js";
import { WATCH } from "../../model/daemon-name.js";
import { DEFAULT_CONNECTIONS, type NodeDescription } from "../../model/node.js";
import { descriptorsFor, mostDescriptorsOf } from "../../model/node-connections.js";
import { type DaemonVersions, DEBIAN_13, type PlatformProfile } from "../../model/platform-profile.js";
import { nodeAddress } from "../../terraform/address-fields.js";
import { isOwn, otherCopy } from "../../terraform/brand.js";
import { boolean, interfaceName, madeBy, plainName, size } from "../../terraform/fields.js";
import { type INode, NodeBase, type NodeBinding, type NodeConfig } from "../../terraform/node.js";
import { stackProblems } from "../../terraform/out-of-service.js";
import { input, parseProps, type Report } from "../../terraform/parse.js";
import { type Filled, field, listOf, object, optional, show, withDefault } from "../../terraform/schema.js";
import { problemLine, recordSourceLocation } from "../../terraform/source-location.js";
import { templateText } from "../../terraform/template-text.js";
import { isToken } from "../../terraform/tokens.js";
import { keptAddressesProblems } from "../announcement.js";
import { DAEMONS, kindWith } from "../daemon-kinds.js";
import { daemonVersions, warnOfNewerVersions } from "../daemon-versions.js";
import { KNOBS, knobsOf } from "../knobs.js";
import { checkName, defaultName } from "../node-name.js";
import { UNUSED_NODE } from "../unused-node.js";
import { type AttachedInterface, FIRST_INTERFACE, joinNetworks } from "./docker-engine-network.js";
import { hostSocketProblems } from "./docker-host-sockets.js";
import { DockerNetwork, IPV4_NEEDED, networkAround, routersOf, subnetsOf } from "./docker-network.js";
import { checkAddresses, checkInterfaces } from "./docker-node-checks.js";
import type { DockerNodeImage } from "./docker-node-image.js";
import {
  checkPlace,
  type DockerPlace,
  obstacleBetween,
  obstacleToHost,
  type PlacedInterface,
  rememberPlace,
} from "./docker-node-place.js";
import { LOG_DRIVER, MERGED_ATTRIBUTES } from "./engine-defaults.js";
import { defaultProvider, dockerProvider } from "./engine-provider.js";
import { Loader } from "./loader.js";

/** Properties of a `DockerNode`. */
export interface DockerNodeProps {
  /** The IPv4 address of the node. */
  readonly address: string;
  /**
   * The IPv6 address of the node.
   * @default - no IPv6
   */
  readonly address6?: string;
  /**
   * The name of the node in daemons and metrics; part of the names of its container and volumes.
   * @default - the construct id, or, if that is "Node", the id of the parent construct or stack
   */
  readonly name?: string;
  /**
   * The interface that carries the node's addresses; on the host's network, by its name on the host.
   * @default "eth0"
   */
  readonly interface?: string;
  /**
   * The provider of the Docker engine that runs the node.
   * @default - the Docker provider of the stack; one for the local engine if there is none yet
   */
  readonly provider?: DockerProvider;
  /**
   * The Docker network of the node.
   * @default - a bridge with the /24 of `address` and the /64 of `address6`
   */
  readonly network?: DockerNetwork;
  /**
   * Further interfaces, each in a Docker network of its own. On the host's network the node has all interfaces of the
   * host, and none can be given.
   * @default - no further interfaces
   */
  readonly interfaces?: readonly DockerNodeInterface[];
  /**
   * The image with the daemons and the node agent: one that the deployment builds, or the reference of one that the
   * engine has or can pull. May be a cdktf token.
   * @default "dns-lb-node:debian-13"
   */
  readonly image?: string | DockerNodeImage;
  /**
   * The versions of the daemons in the image.
   * @default - those of a `DockerNodeImage`, else DEBIAN_13
   */
  readonly versions?: DaemonVersions;
  /**
   * The memory of the node, at least "128m"; what exceeds it is killed. A load balancer whose servers could need more than
   * 70 % of it while a change replaces them is refused, with the value to give. A change within the same GiB updates the
   * container in place, if it leaves as many connections; others replace it, since it may have more threads for each GiB
   * begun.
   * @default "1g"
   */
  readonly memory?: Size;
  /**
   * The processors that the node's daemons use, between 1 and 64: threads of HAProxy, and listeners of dnsdist on each UDP
   * address. Servers have `threads` or `serverCount` instead. A node that has fewer refuses its releases. A change restarts
   * dnsdist, while the other node has the addresses.
   * @default - all that the node may use when the daemons start
   * @see https://docs.haproxy.org/2.6/configuration.html#nbthread
   */
  readonly processors?: number;
  /**
   * The TCP and TLS connections of clients that the node bears at once, between 1,000 and 200,000, for all frontends of its
   * load balancer together. Of a pair, whose nodes take over from each other, the smaller number counts. More than 8,000 are
   * planned for with 48 KiB of `memory` each. A change restarts dnsdist, while the other node has the addresses; another
   * number than 8,000 replaces the container, whose limit of descriptors follows it.
   * @default - 8,000 for each GiB of `memory`, 24,000 at most, fewer where servers and caches leave less room, 8,000 at least
   * @see https://docs.haproxy.org/2.6/configuration.html#3.2-maxconn
   */
  readonly maxConnections?: number;
  /**
   * Directories of the machine that the node sees read-only, under the same paths: secrets and certificates from files in
   * them (`Certificate.fromNodeFile()`) are read again when they change. Directories and not files, because a program that
   * renews a file puts another one in its place; and the real ones, where links lead out of a directory. A daemon that was taken over
   * cannot read what root alone can. Another list replaces the container.
   * @default - no directories; files of the machine are read by deployments alone
   */
  readonly secretDirectories?: readonly string[];
  /**
   * The node's machine is off or cannot be reached. Changes of the other nodes of its load balancer neither wait for the
   * node nor fail with it; each node needs a stack of its own. Take it out when the node is back, and deploy.
   * @default false
   */
  readonly outOfService?: boolean;
}

/**
 * A further interface of a `DockerNode`. The node's default routes use its first interface: a virtual address on
 * another one needs a `gateway` if clients outside of that network query it.
 */
export interface DockerNodeInterface {
  /** The name of the interface on the node, for the `interface` of virtual addresses. */
  readonly name: string;
  /** The Docker network of the interface; not the host's. */
  readonly network: DockerNetwork;
  /** The IPv4 address of the node in that network. */
  readonly address: string;
  /**
   * The IPv6 address of the node in that network. IPv6 virtual addresses on the interface need it.
   * @default - no IPv6
   */
  readonly address6?: string;
}

/** Runs the daemons of a load balancer, or a downstream server, in one container of a Docker engine. */
export class DockerNode extends NodeBase {
  readonly description: NodeDescription;
  readonly profile: PlatformProfile;
  readonly network: string;
  readonly routers: readonly string[];
  private readonly loader: Loader;
  private readonly place: DockerPlace;
  private binding: NodeBinding | undefined;

  constructor(scope: Construct, id: string, props: DockerNodeProps) {
    super(scope, id);
    recordSourceLocation(this);
    const {
      address,
      address6,
      name = defaultName(this),
      interface: device,
      provider = defaultProvider(this),
      network = DockerNetwork.bridge(networkAround(address, address6)),
      interfaces,
      image,
      versions = isImage(image) ? image.versions : DEBIAN_13,
      memory,
      processors,
      maxConnections,
      secretDirectories,
      outOfService,
    } = parseProps(this, { ...INPUT, check: (value, report) => check(this, value, report) }, props);

    this.place = {
      ...placeOf(this, { address, address6, name, interface: device, provider, network, interfaces }),
      listeners: () => this.binding?.spec()?.manifest.services.flatMap(({ listeners }) => listeners) ?? [],
    };
    rememberPlace(this, this.place);
    const addresses = nodeAddresses({ address, address6 });
    const attached: readonly [AttachedInterface, ...AttachedInterface[]] = [
      { name: device, network, addresses },
      ...interfaces.map((each) => ({ name: each.name, network: each.network, addresses: nodeAddresses(each) })),
    ];
    this.description = {
      name,
      addresses,
      interface: device,
      ...(network.kind === "host"
        ? {}
        : {
            interfaces: attached.map((each) => ({
              name: each.name,
              addresses: each.addresses,
              subnets: subnetsOf(each.network),
            })),
          }),
      memory: toBytes(memory),
      ...knobsOf({ processors, maxConnections }),
      ...(outOfService ? { outOfService } : {}),
    };
    this.routers = attached.flatMap((each) => routersOf(each.network));
    // On the host's network, ARP is configured by the host.
    const keepsAddresses = network.kind !== "host" || network.keepsAddresses === true;
    const ownsRoutes = network.kind !== "host";
    this.profile = { ...PROFILE, versions, keepsAddresses, ownsRoutes, secretDirectories };
    // A DockerNodeImage warns about its own versions.
    if (props.versions !== undefined) warnOfNewerVersions(this, versions);
    this.network = subnetsOf(network)[0] ?? networkAround(address).subnet;
    this.node.addValidation({
      validate: () => this.problems(image).map((problem) => problemLine(this, problem)),
    });

    const title = `dns-lb-${name}`;
    const state = new Volume(this, "State", { provider, name: `${title}-state` });
    const inbox = new Volume(this, "Inbox", { provider, name: `${title}-inbox` });
    const processes = processesOf(memory);
    const descriptors = mostDescriptorsOf(this.description);
    const container = new Container(this, "Container", {
      provider,
      name: title,
      hostname: name,
      image: isImage(image) ? image.bind(this) : image,
      ...joinNetworks(this, { provider, name: title, interfaces: attached }),
      restart: "unless-stopped",
      readOnly: true,
      securityOpts: ["no-new-privileges"],
      capabilities: { drop: ["ALL"], add: [...CAPABILITIES, ...(network.kind === "host" ? [LOW_PORTS] : [])].sort() },
      tmpfs: { "/run": "mode=755,size=16m", "/tmp": "mode=1777,size=16m" },
      // Each connection of HAProxy needs two descriptors, each server a thread of dnsdist, and two while it is replaced.
      // The number of processes is limited per user, because the provider does not support Docker's own limit.
      ulimit: [
        { name: "nofile", soft: descriptors, hard: descriptors },
        { name: "nproc", soft: processes, hard: processes },
      ],
      // Changes of limits are ignored, those of labels replace the container. A node as by default has none.
      ...limitLabels({ processes: [processes, PROCESSES], descriptors: [descriptors, DESCRIPTORS] }),
      // As much, so that nothing is swapped out.
      memory: inMegabytes(memory),
      memorySwap: inMegabytes(memory),
      logDriver: LOG_DRIVER,
      logOpts: { "max-size": "10m", "max-file": "3" },
      // keepalived hands its addresses over before it stops.
      destroyGraceSeconds: 15,
      volumes: [
        { volumeName: state.name, containerPath: STATE },
        { volumeName: inbox.name, containerPath: INBOX },
      ],
      ...(secretDirectories.length === 0
        ? {}
        : {
            mounts: secretDirectories.map((each) => ({
              type: "bind",
              source: templateText(each),
              target: templateText(each),
              readOnly: true,
            })),
          }),
      lifecycle: { ignoreChanges: [...MERGED_ATTRIBUTES] },
    });
    this.loader = new Loader(this, "Loader", {
      provider,
      name: `${title}-loader`,
      node: container,
      inbox: { volumeName: inbox.name, containerPath: INBOX, readOnly: true },
      agent: `${PROFILE.paths.agent}/dns-lb-agent`,
      spec: () => this.binding?.spec(),
    });
  }

  obstacleTo(other: INode, device?: string): string | undefined {
    return other instanceof DockerNode
      ? obstacleBetween(this.place, other.place, device)
      : obstacleToHost(this.place, other.node.path, device);
  }

  private problems(image: string | DockerNodeImage): readonly Problem[] {
    if (this.binding === undefined) return [UNUSED_NODE];
    return [
      ...missingDaemons(image, this.binding),
      ...ephemeralSecrets(this.binding),
      // The provider connects to the engine even for a plan.
      ...stackProblems(this, this.binding.others),
      ...hostSocketProblems(this, this.place),
      ...announcementProblems(this.binding, this.place.interfaces[0]?.network.kind ?? "bridge", this.profile),
    ];
  }

  bind(binding: NodeBinding): NodeConfig {
    this.binding = binding;
    this.loader.runAfter(binding.after);
    return { done: [this.loader.container] };
  }
}

/** Processes and threads for each GiB of memory begun. */
const PROCESSES = 3_072;
/** Descriptors of a node with the connections that every node has. */
const DESCRIPTORS = descriptorsFor(DEFAULT_CONNECTIONS);
const CAPABILITIES = ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID"];

/** Needed on the host's network only: elsewhere a sysctl of the container allows every user ports below 1024. */
const LOW_PORTS = "CAP_NET_BIND_SERVICE";

const STATE = "/var/lib/dns-lb";
const RUN = "/run/dns-lb";

/** Holds the socket on which the node's agent receives releases. */
const INBOX = "/run/dns-lb-agent";

const PROFILE: Omit<PlatformProfile, "versions" | "keepsAddresses" | "ownsRoutes"> = {
  name: "docker",
  paths: {
    state: STATE,
    run: RUN,
    agent: "/usr/libexec/dns-lb",
    trustStore: "/etc/ssl/certs/ca-certificates.crt",
  },
  user: "dns-lb",
  watchUser: "dns-lb-watch",
  log: "stdout",
};

function isImage(value: unknown): value is DockerNodeImage {
  return isOwn(value, "DockerNodeImage");
}

const DEFAULT_IMAGE = "dns-lb-node:debian-13";

const IMAGES = 'a DockerNodeImage, or the reference of an image such as "dns-lb-node:debian-13"';

/** The error for an image that is described instead of made. */
function noReference(value: unknown) {
  if (typeof value === "string" || value === undefined) return undefined;
  const fix =
    "make one by `new DockerNodeImage(this, \"Image\", { ... })`, or give the reference as a text and the daemons' 'versions' beside it";
  return { code: "DNSLB103", message: `must be ${IMAGES}, got ${show(value)}; ${fix}` } as const;
}

/** Of the container: what is mounted over them or in them would break it. */
const OWN_DIRECTORIES = /^\/(bin|boot|dev|lib\d*|proc|run|sbin|sys|tmp|usr|etc\/ssl|var\/(lib\/dns-lb|run))(\/|$)/;

const isSecretDirectory = (value: unknown) =>
  typeof value === "string" &&
  /^(\/(?!\.{1,2}(\/|$))[^/\p{Cc}]+){2,}$/u.test(value) &&
  !OWN_DIRECTORIES.test(value) &&
  !["/var/lib", "/etc/ssl"].includes(value);

const isReference = (value: unknown) => typeof value === "string" && (isToken(value) || /^[\w./:@-]+$/.test(value));

const NETWORK = madeBy<DockerNetwork>(
  "DockerNetwork",
  "DockerNetwork.bridge(), DockerNetwork.macvlan(), DockerNetwork.existing() or DockerNetwork.host()",
);

const ADDRESS = nodeAddress("ipv4", `an IPv4 address; ${IPV4_NEEDED}`);

const SCHEMA = object<DockerNodeProps>()({
  address: ADDRESS,
  address6: optional(nodeAddress("ipv6")),
  name: optional(plainName),
  interface: withDefault(interfaceName, FIRST_INTERFACE),
  provider: optional(dockerProvider),
  network: optional(NETWORK),
  interfaces: withDefault(
    listOf(
      object<DockerNodeInterface>()({
        name: interfaceName,
        network: NETWORK,
        address: ADDRESS,
        address6: optional(nodeAddress("ipv6")),
      }),
    ),
    [],
  ),
  image: withDefault(
    field<string | DockerNodeImage>({
      code: "DNSLB109",
      type: "string",
      allowed: IMAGES,
      accepts: (value) => isImage(value) || isReference(value),
      refusal: (value) => otherCopy(value) ?? noReference(value),
    }),
    DEFAULT_IMAGE,
  ),
  versions: optional(daemonVersions),
  memory: withDefault(size("128m", "1024g"), "1g"),
  ...KNOBS,
  secretDirectories: withDefault(
    listOf(
      field<string>({
        code: "DNSLB109",
        type: "string",
        allowed: `the absolute path of a directory such as "/etc/letsencrypt", in no directory that the container has itself`,
        accepts: isSecretDirectory,
      }),
    ),
    [],
  ),
  outOfService: withDefault(boolean, false),
});

const INPUT = input({ name: "DockerNode", schema: SCHEMA, tokens: ["image"] });

function check(scope: DockerNode, props: Filled<typeof SCHEMA>, report: Report): void {
  const { name, image } = props;
  checkName(scope, name, report);
  checkAddresses(props, [], report);
  checkInterfaces(props, report);
  if (familyOf(props.address) === "ipv4") checkPlace(scope, placeOf(scope, props), report);
  if (isImage(image)) checkImage(scope, props, image, report);
  for (const [index, each] of props.secretDirectories.entries()) {
    if (props.secretDirectories.indexOf(each) === index) continue;
    report("DNSLB112", ["secretDirectories", index], `must be unique, got ${show(each)} again; remove it`);
  }
}

/** What decides where a node stands. */
interface GivenPlace {
  readonly address: string;
  readonly address6?: string | undefined;
  readonly name?: string | undefined;
  readonly interface: string;
  readonly provider?: DockerProvider | undefined;
  readonly network?: DockerNetwork | undefined;
  readonly interfaces: readonly { readonly name: string; readonly network: DockerNetwork }[];
}

/** Where a node stands, as given and with defaults. */
function placeOf(scope: DockerNode, given: GivenPlace): DockerPlace {
  const { name = defaultName(scope), provider = defaultProvider(scope), address, address6, network } = given;
  const around = address6 !== undefined && familyOf(address6) !== "ipv6" ? undefined : address6;
  const own: PlacedInterface = {
    name: given.interface,
    network: network ?? { kind: "bridge", ...networkAround(address, around) },
    path: [network === undefined ? "address" : "network"],
  };
  const further = given.interfaces.map((each, index) => ({
    name: each.name,
    network: each.network,
    path: ["interfaces", index, "network"],
  }));
  return { path: scope.node.path, provider, name, interfaces: [own, ...further] };
}

function missingDaemons(image: string | DockerNodeImage, binding: NodeBinding): readonly Problem[] {
  const daemons = isImage(image) ? image.daemons : image === DEFAULT_IMAGE ? DAEMONS["load-balancer"] : undefined;
  if (daemons === undefined) return [];
  const services = binding.spec()?.manifest.services.map(({ name }) => name) ?? [];
  const needed = services.filter((name) => name !== WATCH);
  if (needed.every((name) => daemons.some((each) => each === name))) return [];
  const [has, runs] = [daemons, needed].map((names) => names.join(", "));
  const message = isImage(image)
    ? `runs ${runs}, but its image ${image.node.path} has ${has}; set the 'daemons' of the image`
    : `runs ${runs}, but its 'image' "${image}", the default, has ${has}; give it one such as \`new DockerNodeImage(this, "Image", { daemons: "${kindWith(needed) ?? runs}" })\``;
  return [{ code: "DNSLB122", property: "", message }];
}

/** Why a node cannot announce addresses to routers. */
function announcementProblems(
  { spec }: NodeBinding,
  network: DockerNetwork["kind"],
  profile: PlatformProfile,
): readonly Problem[] {
  if (spec()?.manifest.mobility.kind !== "bgp") return [];
  if (network === "bridge") {
    const message =
      "must be one that routers reach, got DockerNetwork.bridge(), which ends at its engine; use DockerNetwork.macvlan(), DockerNetwork.host() or DockerNetwork.existing()";
    return [{ code: "DNSLB180", property: "network", message }];
  }
  return keptAddressesProblems(spec(), profile, "network", "DockerNetwork.host({ keepsAddresses: true })");
}

function ephemeralSecrets({ spec }: NodeBinding): readonly Problem[] {
  return (spec()?.secretFiles ?? []).flatMap(({ path, source }) =>
    source.kind !== "ephemeral"
      ? []
      : [
          {
            code: "DNSLB019" as const,
            property: "",
            message: `would have Terraform store the secret of ${path}, which is Secret.fromEphemeral(); use another Secret, or an SshNode`,
          },
        ],
  );
}

function checkImage(scope: DockerNode, props: DockerNodeProps, image: DockerNodeImage, report: Report): void {
  const { provider = defaultProvider(scope), versions } = props;
  if (versions !== undefined) {
    report("DNSLB113", ["versions"], `are set by the image ${image.node.path}; leave them out`);
  }
  if (TerraformStack.of(image) === TerraformStack.of(scope) && image.provider !== provider) {
    report(
      "DNSLB122",
      ["image"],
      `must be built on the engine of the node, got ${image.node.path}, which has another provider; make an image for each engine`,
    );
  }
}

/**
 * The most processes and threads of the daemons' user: more than servers that fit into the memory need, and so few that they
 * fit themselves.
 */
function processesOf(memory: Size): number {
  return PROCESSES * Math.ceil(inMegabytes(memory) / 1_024);
}

/** Labels of the limits that are not as by default. */
function limitLabels(limits: Readonly<Record<string, readonly [value: number, byDefault: number]>>) {
  const labels = Object.entries(limits)
    .filter(([, [value, byDefault]]) => value !== byDefault)
    .map(([name, [value]]) => ({ label: `dns-lb.${name}`, value: `${value}` }));
  return labels.length === 0 ? {} : { labels };
}

/** As Docker's provider takes it. */
function inMegabytes(memory: Size): number {
  return Math.floor(toBytes(memory) / 1_048_576);
}

/** The addresses of a node, IPv4 first. */
function nodeAddresses({ address, address6 }: { address: string; address6?: string | undefined }): readonly string[] {
  return address6 === undefined ? [address] : [address, address6];
}
