// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Terraform's own syntax
import { join } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { App, Lazy, type TerraformStack, Testing, Token } from "cdktf";
import { describe, expect, test, vi } from "vitest";
import { StandaloneLoadBalancer } from "../../../lib/ha/standalone-load-balancer.js";
import { DEBIAN_12, DEBIAN_13 } from "../../../lib/model/platform-profile.js";
import { DockerNode, type DockerNodeProps } from "../../../lib/platforms/docker/docker-node.js";
import { DockerNodeImage, type DockerNodeImageProps } from "../../../lib/platforms/docker/docker-node-image.js";
import * as image from "../../../lib/platforms/docker/image/files.js";
import { newApp, newStack, problemsAtSynthesis, refusal, resolverPool, scratch } from "../../constructs.js";

/* Not `vi.mock()`: files of this suite share their modules, so that it may have been loaded before. */
const imageFiles = vi.spyOn(image, "imageFiles");
const imageContext = vi.spyOn(image, "imageContext");

type Json = Readonly<Record<string, unknown>>;

/** Images differ in their tag whenever a file does, so that tests show it as TAG. */
function synthesized(stack: TerraformStack): Readonly<Record<string, Readonly<Record<string, Json>>>> {
  const text = Testing.synth(stack, true);
  return JSON.parse(text.replaceAll(/(?<=[:-])[0-9a-f]{12}(?=["_.])/g, "TAG").replaceAll(/_[0-9A-F]{8}(?=["._])/g, ""))
    .resource;
}

function resource(stack: TerraformStack, type: string, id: string): Json {
  const { "//": _, ...properties } = synthesized(stack)[type]?.[id] ?? {};
  return properties;
}

function given(props?: DockerNodeImageProps, stack = newStack()) {
  return { stack, image: new DockerNodeImage(stack, "Image", props) };
}

function givenNode(image: DockerNodeImage, stack: TerraformStack, props: Partial<DockerNodeProps> = {}) {
  const node = new DockerNode(stack, "Node", { address: "10.0.0.2", image, ...props });
  const lb = new StandaloneLoadBalancer(stack, "Dns", { node });
  lb.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom: ["10.0.0.0/8"] });
  return node;
}

describe("DockerNodeImage", () => {
  test("builds what ships with the package on a base that is pinned when it was pulled", () => {
    const cwd = vi.spyOn(process, "cwd").mockReturnValue(scratch);
    imageContext.mockReturnValueOnce(join(scratch, "node_modules/cdktf-dns-lb/dist"));
    const { stack } = given({}, newStack("prod", new App({ outdir: join(scratch, "cdktf.out") })));
    cwd.mockRestore();
    expect(synthesized(stack)).toMatchInlineSnapshot(`
      {
        "docker_image": {
          "Image_Base": {
            "keep_locally": true,
            "name": "debian:13-slim",
            "provider": "docker",
          },
          "Image_Build-TAG": {
            "build": {
              "build_args": {
                "BASE": "\${join("", [docker_image.Image_Base.name, replace(docker_image.Image_Base.repo_digest, "/^[^@]*/", "")])}",
                "DAEMONS": "haproxy dnsdist keepalived",
              },
              "context": "\${abspath("../../../node_modules/cdktf-dns-lb/dist")}",
              "dockerfile": "platforms/docker/image/Dockerfile",
            },
            "depends_on": [
              "docker_image.Image_Base",
            ],
            "force_remove": true,
            "lifecycle": {
              "ignore_changes": [
                "build",
              ],
            },
            "name": "dns-lb-node:TAG",
            "provider": "docker",
          },
        },
      }
    `);
  });

  test.each([
    ["load-balancer", "dns-lb-node", "haproxy dnsdist keepalived"],
    ["unbound", "dns-lb-unbound", "unbound"],
    ["nsd", "dns-lb-nsd", "nsd"],
  ] as const)("has the daemons of a node that is %s", (daemons, name, installed) => {
    const { stack, image } = given({ daemons });
    expect(image.reference).toMatch(new RegExp(`^${name}:[0-9a-f]{12}$`));
    expect(resource(stack, "docker_image", "Image_Build-TAG")).toMatchObject({
      name: `${name}:TAG`,
      build: { build_args: { DAEMONS: installed } },
    });
  });

  test("takes a base with a digest as it is", () => {
    const base = `debian:13-slim@sha256:${"0123456789abcdef".repeat(4)}`;
    const { stack } = given({ base });
    expect(resource(stack, "docker_image", "Image_Build-TAG")["build"]).toMatchObject({ build_args: { BASE: base } });
  });

  test.each([
    ["debian:13-slim", DEBIAN_13],
    ["debian:13.1", DEBIAN_13],
    ["registry.test:5000/debian:trixie-20250908-slim", DEBIAN_13],
    [`debian:12-slim@sha256:${"a".repeat(64)}`, DEBIAN_12],
    ["bitnami/minideb:bookworm", DEBIAN_12],
  ])("tells from %s which versions its daemons have", (base, versions) => {
    expect(given({ base }).image.versions).toEqual(versions);
  });

  test("takes versions that its base does not tell", () => {
    expect(given({ base: "base", versions: DEBIAN_12 }).image.versions).toEqual(DEBIAN_12);
  });

  test("changes its tag with all that it is built from, and with nothing else", () => {
    const tag = (props?: DockerNodeImageProps, stack?: TerraformStack) => given(props, stack).image.reference;
    const files = imageFiles();
    const changed = (change: object) => {
      imageFiles.mockReturnValueOnce(files.map((file, at) => (at === 3 ? { ...file, ...change } : file)));
      return tag();
    };
    const references = [
      tag(),
      tag({ base: "debian:13" }),
      tag({ revision: 1 }),
      tag({ revision: 2 }),
      tag({ daemons: "nsd", name: "dns-lb-node" }),
      tag({}, newStack("other")),
      changed({ content: "another" }),
      changed({ executable: true }),
      changed({ path: "another" }),
    ];
    expect(new Set(references).size).toBe(references.length);
    expect(tag({ base: "debian:13-slim", daemons: "load-balancer", revision: 0, versions: DEBIAN_12 })).toBe(
      references[0],
    );
  });

  test("has its packages installed anew for another revision", () => {
    const { stack } = given({ revision: 3 });
    expect(resource(stack, "docker_image", "Image_Build-TAG")["build"]).toMatchObject({
      build_args: { REVISION: "3" },
    });
    const lines = image
      .imageFiles()
      .find(({ path }) => path === image.DOCKERFILE)
      ?.content.split("\n");
    const at = (start: string) => lines?.findIndex((line) => line.startsWith(start)) ?? -1;
    // Only what follows the argument is not taken from the builder's cache.
    expect(at("ARG REVISION=0")).toBeGreaterThan(at("FROM "));
    expect(at("RUN ")).toBeGreaterThan(at("ARG REVISION=0"));
  });

  test.each([-1, 1.5, 1_000_001, "1", Number.NaN])("fails when the revision is %j", (revision) => {
    expect(refused({ revision })).toMatch(
      /^\[prod\/Image\] 'revision' must be a whole number between 0 and 1000000, got .* \[DNSLB104\]$/,
    );
  });

  test("keeps its place in the tree", () => {
    const tree = Testing.renderConstructTree(given().stack);
    expect(tree.replace(/Build-[0-9a-f]{12}/, "Build-TAG")).toMatchInlineSnapshot(`
      "prod (TerraformStack)
      ├── Image (DockerNodeImage)
          ├── Base (Image)
          └── Build-TAG (Image)
      └── docker (DockerProvider)
      "
    `);
  });

  test("synthesizes to the same bytes each time", () => {
    expect(Testing.synth(given().stack)).toBe(Testing.synth(given().stack));
  });

  const refused = (props: object) => refusal(() => given(props as DockerNodeImageProps));

  test("fails when values are none of the choices", () => {
    expect(
      refused({ daemons: "haproxy", base: "Debian 13", versions: "13", name: "dns-lb-node:1", provider: "docker" }),
    ).toMatchInlineSnapshot(`
      "[prod/Image] 'base' must be the reference of an image, such as "debian:13-slim" or "debian@sha256:" and the digest, got "Debian 13" [DNSLB109]
      [prod/Image] 'daemons' must be one of "load-balancer", "anycast", "unbound", "nsd", got "haproxy" [DNSLB103]
      [prod/Image] 'name' must be the name of an image without a tag, in lower case, such as "dns-lb-node", got "dns-lb-node:1" [DNSLB109]
      [prod/Image] 'provider' must be a DockerProvider, got "docker" [DNSLB103]
      [prod/Image] 'versions' must be an object of properties, got "13" [DNSLB103]"
    `);
  });

  test.each(["", "debian:", "debian@sha256:12", "Debian:13", "http://debian", "debian:13-slim "])(
    "fails when the base is %j",
    (base) => {
      expect(refused({ base, versions: DEBIAN_13 })).toBe(
        `[prod/Image] 'base' must be the reference of an image, such as "debian:13-slim" or "debian@sha256:" and the digest, got "${base}" [DNSLB109]`,
      );
    },
  );

  test("fails when the base does not tell the versions, and nothing else does", () => {
    expect(refused({ base: "registry.test:12/base" })).toMatchInlineSnapshot(
      `"[prod/Image] 'versions' is required: DEBIAN_12 or DEBIAN_13, because the tag of "registry.test:12/base" does not name the Debian release [DNSLB102]"`,
    );
    expect(refused({ base: "debian:130" })).toMatchInlineSnapshot(
      `"[prod/Image] 'versions' is required: DEBIAN_12 or DEBIAN_13, because the tag of "debian:130" does not name the Debian release [DNSLB102]"`,
    );
  });

  test("fails when a token stands where the tag is made of it", () => {
    expect(refused({ base: Token.asString(Lazy.stringValue({ produce: () => "a" })) })).toMatchInlineSnapshot(
      `"[prod/Image] 'base' must be a value known at synthesis, got a cdktf token; it is written into a configuration file, so give the value itself [DNSLB110]"`,
    );
  });

  test("fails when a property is unknown", () => {
    expect(refused({ tag: "1" })).toMatchInlineSnapshot(
      `"[prod/Image] 'tag' is no property of DockerNodeImage, it takes 'daemons', 'base', 'revision', 'versions', 'name', 'provider' [DNSLB101]"`,
    );
  });
});

describe("a node with an image of ours", () => {
  test("runs it, after it was built, with its versions", () => {
    const { stack, image } = given({ base: "debian:12-slim" });
    expect(givenNode(image, stack).profile.versions).toEqual(DEBIAN_12);
    const { docker_container: containers } = JSON.parse(Testing.synth(stack, true)).resource;
    const [id] = Object.keys(containers).filter((name) => name.startsWith("Node_Container"));
    expect(containers[id ?? ""].image).toMatch(/^\$\{docker_image\.Image_Build-[0-9a-f]{12}_[0-9A-F]{8}\.name\}$/);
  });

  test("shares it with the other nodes of its stack", () => {
    const { stack, image } = given();
    for (const id of ["Lb1", "Lb2"]) new DockerNode(stack, id, { address: "10.0.0.2", image });
    const { docker_image: images } = JSON.parse(Testing.synth(stack)).resource;
    expect(Object.keys(images)).toHaveLength(2);
  });

  test("is deployed after the image of another stack, without a reference between them", () => {
    const app = newApp();
    const [images, nodes] = [newStack("images", app), newStack("nodes", app)];
    const { image } = given({}, images);
    givenNode(image, nodes);
    expect(nodes.dependsOn(images)).toBe(true);
    expect(resource(nodes, "docker_container", "Node_Container")).toMatchObject({ image: "dns-lb-node:TAG" });
    expect(JSON.parse(Testing.synth(nodes)).data).toBeUndefined();
  });

  test("fails when versions are said twice, or the image is built on another engine", () => {
    const stack = newStack();
    new DockerProvider(stack, "docker", {});
    const provider = new DockerProvider(stack, "lb2", { alias: "lb2", host: "ssh://lb2" });
    const { image } = given({ provider }, stack);
    expect(refusal(() => givenNode(image, stack, { versions: DEBIAN_13 }))).toMatchInlineSnapshot(`
      "[prod/Node] 'image' must be built on the engine of the node, got prod/Image, which has another provider; make an image for each engine [DNSLB122]
      [prod/Node] 'versions' are set by the image prod/Image; leave them out [DNSLB113]"
    `);
    expect(() => new DockerNode(stack, "Lb2", { address: "10.0.0.2", provider, image })).not.toThrow();
  });

  test("has BIRD instead of keepalived for a node that announces its addresses", () => {
    const { stack, image } = given({ daemons: "anycast" });
    expect(image.reference).toMatch(/^dns-lb-anycast:[0-9a-f]{12}$/);
    expect(Object.values(synthesized(stack)["docker_image"] ?? {})).toContainEqual(
      expect.objectContaining({
        build: expect.objectContaining({ build_args: expect.objectContaining({ DAEMONS: "haproxy dnsdist bird" }) }),
      }),
    );
  });

  test("fails when the image has other daemons", () => {
    const { stack, image } = given({ daemons: "unbound" });
    givenNode(image, stack);
    expect(problemsAtSynthesis(stack)).toMatchInlineSnapshot(
      `"[prod/Node] runs haproxy, dnsdist, but its image prod/Image has unbound; set the 'daemons' of the image [DNSLB122]"`,
    );
  });
});
