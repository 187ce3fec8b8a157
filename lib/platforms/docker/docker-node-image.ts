import { createHash } from "node:crypto";
import { relative } from "node:path";
import { Image } from "@cdktf/provider-docker/lib/image/index.js";
import type { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { Fn, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { type DaemonVersions, DEBIAN_12, DEBIAN_13 } from "../../model/platform-profile.js";
import { brand } from "../../terraform/brand.js";
import { deployPath } from "../../terraform/deploy-path.js";
import { integer } from "../../terraform/fields.js";
import { placeOf } from "../../terraform/parent.js";
import { input, parseProps, type Report } from "../../terraform/parse.js";
import { field, object, oneOf, optional, withDefault } from "../../terraform/schema.js";
import { argumentText } from "../../terraform/template-text.js";
import { DAEMON_KINDS, DAEMONS, type DaemonKind } from "../daemon-kinds.js";
import { daemonVersions, warnOfNewerVersions } from "../daemon-versions.js";
import { defaultProvider, dockerProvider } from "./engine-provider.js";
import { DOCKERFILE, imageContext, imageFiles } from "./image/files.js";

/** Properties of a `DockerNodeImage`. */
export interface DockerNodeImageProps {
  /**
   * The daemons in the image: those of a load balancer, those of a node that announces its addresses ("anycast"), or those
   * of a downstream server.
   * @default "load-balancer"
   */
  readonly daemons?: "load-balancer" | "anycast" | "unbound" | "nsd";
  /**
   * The base image, with Debian 13 or 12: on the engine already, or to be pulled. A pulled base is pinned by its digest
   * when the image is built. To move to another Debian, change the base: give it with its digest.
   * @default "debian:13-slim"
   */
  readonly base?: string;
  /**
   * How often the image has been built anew for Debian's security updates. Raise it, and the next deployment builds the
   * image on the same base with the packages that Debian has by then, and replaces the nodes that run it. Between 0 and
   * 1000000.
   * @default 0
   */
  readonly revision?: number;
  /**
   * The versions of the daemons in the base's Debian.
   * @default - DEBIAN_13 or DEBIAN_12, if the tag of `base` says 13, trixie, 12 or bookworm
   */
  readonly versions?: DaemonVersions;
  /**
   * The name of the image in Docker, without a tag. Must differ between apps that share an engine and a stack name.
   * @default - "dns-lb-node", "dns-lb-anycast", "dns-lb-unbound" or "dns-lb-nsd"
   */
  readonly name?: string;
  /**
   * The provider of the Docker engine that builds the image.
   * @default - the Docker provider of the stack; one for the local engine if there is none yet
   */
  readonly provider?: DockerProvider;
}

/**
 * Builds the image of nodes on their Docker engine, from files in this package.
 *
 * In the stack of its nodes, a changed image is built while these nodes are down; so each node of a pair needs a stack
 * and an image of its own. In a stack of its own, for the same engine, the image is built before any node is changed.
 */
export class DockerNodeImage extends Construct {
  /** The image's name and tag. The tag changes with everything that the image is built from. */
  readonly reference: string;
  readonly versions: DaemonVersions;
  /** The names of the daemons in the image. */
  readonly daemons: readonly string[];
  readonly provider: DockerProvider;
  private readonly built: Image;

  constructor(scope: Construct, id: string, props: DockerNodeImageProps = {}) {
    super(...placeOf("DockerNodeImage", scope, id));
    brand(this, "DockerNodeImage");
    const { daemons, base, revision, ...given } = parseProps(this, INPUT, props);
    const { versions = versionsOf(base) ?? DEBIAN_13, name = NAMES[daemons], provider = defaultProvider(this) } = given;

    const files = imageFiles().map(({ path, content, executable }) => [path, content, executable]);
    // Two images on one engine must not share a tag: removing one would untag the other.
    const source = JSON.stringify([this.node.path, base, daemons, files, ...(revision === 0 ? [] : [revision])]);
    const tag = createHash("sha256").update(source).digest("hex").slice(0, 12);
    this.versions = versions;
    warnOfNewerVersions(this, versions);
    this.daemons = DAEMONS[daemons];
    this.provider = provider;
    this.reference = `${name}:${tag}`;

    const pulled = new Image(this, "Base", { provider, name: base, keepLocally: true });
    // Each content has a resource of its own that ignores later changes of its build: if the base on the engine or the
    // package's folder changes, nodes keep their image.
    this.built = new Image(this, `Build-${tag}`, {
      provider,
      name: this.reference,
      // Nodes of another stack may still run the image; the engine then keeps it untagged.
      forceRemove: true,
      buildAttribute: {
        context: Fn.abspath(argumentText(deployPath(this, relative(process.cwd(), imageContext())))),
        dockerfile: DOCKERFILE,
        buildArgs: {
          // An image that was not pulled has no digest, or one that no registry knows. Beside the name with its tag, the
          // builder finds it on the engine.
          BASE: base.includes("@") ? base : Fn.join("", [pulled.name, Fn.replace(pulled.repoDigest, "/^[^@]*/", "")]),
          DAEMONS: this.daemons.join(" "),
          ...(revision === 0 ? {} : { REVISION: String(revision) }),
        },
      },
      dependsOn: [pulled],
      lifecycle: { ignoreChanges: ["build"] },
    });
  }

  /** The reference of the image for a node; orders the build before the node. */
  bind(node: Construct): string {
    const [own, other] = [TerraformStack.of(this), TerraformStack.of(node)];
    if (own === other) return this.built.name;
    other.addDependency(own);
    return this.reference;
  }
}

const NAMES = {
  "load-balancer": "dns-lb-node",
  anycast: "dns-lb-anycast",
  unbound: "dns-lb-unbound",
  nsd: "dns-lb-nsd",
} as const;

const REPOSITORY = /^(?:[\w.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/;
const REFERENCE = new RegExp(`${REPOSITORY.source.slice(0, -1)}(?::[\\w.-]+)?(?:@sha256:[0-9a-f]{64})?$`);

const INPUT = input({
  name: "DockerNodeImage",
  schema: object<DockerNodeImageProps>()({
    daemons: withDefault(oneOf<DaemonKind>(DAEMON_KINDS), "load-balancer"),
    base: withDefault(
      field<string>({
        code: "DNSLB109",
        type: "string",
        allowed: 'the reference of an image, such as "debian:13-slim" or "debian@sha256:" and the digest',
        accepts: (value) => typeof value === "string" && REFERENCE.test(value),
      }),
      "debian:13-slim",
    ),
    revision: withDefault(integer(0, 1_000_000), 0),
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
  report(
    "DNSLB102",
    ["versions"],
    `is required: DEBIAN_12 or DEBIAN_13, because the tag of "${base}" does not name the Debian release`,
  );
}

/** The versions in a base whose tag names its Debian release. */
function versionsOf(base: string): DaemonVersions | undefined {
  const [, release] = /:(13|trixie|12|bookworm)(?![0-9a-z])[^/]*$/.exec(base) ?? [];
  if (release === undefined) return undefined;
  return ["13", "trixie"].includes(release) ? DEBIAN_13 : DEBIAN_12;
}
