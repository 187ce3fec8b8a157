import { createHash } from "node:crypto";
import { relative } from "node:path";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import type { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { Fn, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { type DaemonVersions, DEBIAN_12, DEBIAN_13 } from "../../model/platform-profile.js";
import { brand } from "../../terraform/brand.js";
import { deployPath } from "../../terraform/deploy-path.js";
import { input, parseProps, type Report } from "../../terraform/parse.js";
import { field, object, oneOf, optional, withDefault } from "../../terraform/schema.js";
import { daemonVersions, warnOfNewerVersions } from "../daemon-versions.js";
import { defaultProvider, dockerProvider } from "./engine-provider.js";
import { DOCKERFILE, imageContext, imageFiles } from "./image/files.js";

/** Properties of a `DockerNodeImage`. */
export interface DockerNodeImageProps {
  /**
   * What the nodes that run it are: load balancers, or servers behind one.
   * @default "load-balancer"
   */
  readonly daemons?: "load-balancer" | "unbound" | "nsd";
  /**
   * The image of Debian 13 or 12 that it is built on: one that the engine has, or one to pull. A pulled one is pinned by
   * its digest when the image is built. A newer Debian comes with another base: name it with its digest.
   * @default "debian:13-slim"
   */
  readonly base?: string;
  /**
   * The versions of the daemons that the base's Debian has.
   * @default - DEBIAN_13 or DEBIAN_12, if the tag of `base` says 13, trixie, 12 or bookworm
   */
  readonly versions?: DaemonVersions;
  /**
   * The name of the image in Docker, without a tag. Apps that share an engine, and the name of a stack, need others.
   * @default - "dns-lb-node", "dns-lb-unbound" or "dns-lb-nsd"
   */
  readonly name?: string;
  /**
   * The Docker engine that builds it.
   * @default - the Docker provider of the stack; one for the local engine if there is none yet
   */
  readonly provider?: DockerProvider;
}

/**
 * Builds the image of nodes on their Docker engine, from what ships with this package.
 *
 * In the stack of its nodes a changed image is built while they are down, so that in a pair each node needs a stack with
 * an image of its own. In a stack of its own, for the same engine, it is built before any node is touched.
 */
export class DockerNodeImage extends Construct {
  /** The image's name and tag. The tag changes with everything that the image is built from. */
  readonly reference: string;
  readonly versions: DaemonVersions;
  /** The daemons in the image, as the node agent calls them. */
  readonly daemons: readonly string[];
  readonly provider: DockerProvider;
  private readonly built: Image;

  constructor(scope: Construct, id: string, props: DockerNodeImageProps = {}) {
    super(scope, id);
    brand(this, "DockerNodeImage");
    const { daemons, base, ...given } = parseProps(this, INPUT, props);
    const { versions = versionsOf(base) ?? DEBIAN_13, name = NAMES[daemons], provider = defaultProvider(this) } = given;

    const files = imageFiles().map(({ path, content, executable }) => [path, content, executable]);
    // Two images on one engine never share a tag, or removing one would take the other's.
    const source = JSON.stringify([this.node.path, base, daemons, files]);
    const tag = createHash("sha256").update(source).digest("hex").slice(0, 12);
    this.versions = versions;
    warnOfNewerVersions(this, versions);
    this.daemons = DAEMONS[daemons];
    this.provider = provider;
    this.reference = `${name}:${tag}`;

    const pulled = new Image(this, "Base", { provider, name: base, keepLocally: true });
    // Each content is a resource of its own, whose build is not looked at again: whatever becomes of the base on the
    // engine, or of the package's folder, nodes go on with the image that they have.
    this.built = new Image(this, `Build-${tag}`, {
      provider,
      name: this.reference,
      // The nodes of another stack may still run it; the engine then keeps it for them, without its name.
      forceRemove: true,
      buildAttribute: {
        context: Fn.abspath(Fn.rawString(deployPath(this, relative(process.cwd(), imageContext())))),
        dockerfile: DOCKERFILE,
        buildArgs: {
          // The engine knows no digest of an image that was not pulled.
          BASE: base.includes("@") ? base : Fn.coalesce([pulled.repoDigest, pulled.name]),
          DAEMONS: this.daemons.join(" "),
        },
      },
      dependsOn: [pulled],
      lifecycle: { ignoreChanges: ["build"] },
    });
  }

  /** Gives a node the reference to run, and builds the image before the node is made. */
  bind(node: Construct): string {
    const [own, other] = [TerraformStack.of(this), TerraformStack.of(node)];
    if (own === other) return this.built.name;
    other.addDependency(own);
    return this.reference;
  }
}

const NAMES = { "load-balancer": "dns-lb-node", unbound: "dns-lb-unbound", nsd: "dns-lb-nsd" } as const;

const DAEMONS = { "load-balancer": ["haproxy", "dnsdist", "keepalived"], unbound: ["unbound"], nsd: ["nsd"] } as const;

const REPOSITORY = /^(?:[\w.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/;
const REFERENCE = new RegExp(`${REPOSITORY.source.slice(0, -1)}(?::[\\w.-]+)?(?:@sha256:[0-9a-f]{64})?$`);

const INPUT = input({
  name: "DockerNodeImage",
  schema: object<DockerNodeImageProps>()({
    daemons: withDefault(
      oneOf<keyof typeof DAEMONS>({ "load-balancer": true, unbound: true, nsd: true }),
      "load-balancer",
    ),
    base: withDefault(
      field<string>({
        code: "DNSLB109",
        type: "string",
        allowed: 'the reference of an image, such as "debian:13-slim" or "debian@sha256:" and the digest',
        accepts: (value) => typeof value === "string" && REFERENCE.test(value),
      }),
      "debian:13-slim",
    ),
    versions: optional(daemonVersions),
    name: optional(
      field<string>({
        code: "DNSLB109",
        type: "string",
        allowed: 'the name of an image without a tag, in lower case, such as "dns-lb-node"',
        accepts: (value) => typeof value === "string" && REPOSITORY.test(value),
      }),
    ),
    provider: optional(dockerProvider),
  }),
  check: checkVersions,
});

function checkVersions({ base, versions }: DockerNodeImageProps & { readonly base: string }, report: Report): void {
  if (versions !== undefined || !REFERENCE.test(base) || versionsOf(base) !== undefined) return;
  report("DNSLB102", ["versions"], `is required: DEBIAN_12 or DEBIAN_13, because "${base}" does not say which it is`);
}

/** The versions in a base whose tag names its Debian. */
function versionsOf(base: string): DaemonVersions | undefined {
  const [, release] = /:(13|trixie|12|bookworm)(?![0-9a-z])[^/]*$/.exec(base) ?? [];
  if (release === undefined) return undefined;
  return ["13", "trixie"].includes(release) ? DEBIAN_13 : DEBIAN_12;
}
