import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { App, TerraformStack, Testing } from "cdktf";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { DockerNode, Secret, StandaloneLoadBalancer } from "../../../lib/index.js";
import { resolverPool } from "../../constructs.js";
import { testWithTerraform } from "./console.js";

const [FIRST, SECOND] = ["changeme", "letmein"];

/** The deployment of a node, whose container is replaced by a resource that only holds what would be uploaded. */
class Deployment {
  readonly folder = mkdtempSync(join(tmpdir(), "dns-lb-digests-"));
  private readonly password = join(this.folder, "password");

  /** Writes what Terraform reads; `digest` replaces the digests of secrets. */
  configure(password: string, network: string, digest?: string): void {
    writeFileSync(this.password, password);
    const stack = new TerraformStack(new App(), "dns");
    new DockerProvider(stack, "docker", {});
    const node = new DockerNode(stack, "Node", { address: "10.0.0.2" });
    const statistics = { user: "ops", password: Secret.fromLocalFile(this.password) };
    const loadBalancer = new StandaloneLoadBalancer(stack, "Dns", { node, statistics });
    loadBalancer.addDnsFrontend("Internal", { pool: resolverPool(stack), allowFrom: [network] });
    const { resource } = JSON.parse(String(Testing.synth(stack)));
    const loader = Object.entries<{ upload: { source_hash?: string }[] }>(resource.docker_container).find(([name]) =>
      name.includes("Loader"),
    )?.[1];
    if (loader === undefined) throw new RangeError("the node has no loader");
    const input = loader.upload.map((each) =>
      digest !== undefined && each.source_hash !== undefined ? { ...each, source_hash: digest } : each,
    );
    const data = { ...resource.terraform_data, uploads: { input } };
    writeFileSync(join(this.folder, "main.tf.json"), JSON.stringify({ resource: { terraform_data: data } }));
  }

  /** What Terraform says. */
  terraform(...words: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync("terraform", [...words, "-no-color"], {
      cwd: this.folder,
      encoding: "utf8",
      env: { ...process.env, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: undefined },
    });
    expect(status, stdout + stderr).toBe(0);
    return stdout;
  }

  /** The random key, which the state holds. */
  get key(): string {
    const { resources } = JSON.parse(readFileSync(join(this.folder, "terraform.tfstate"), "utf8"));
    const found = resources.find(({ name }: { name: string }) => name.includes("DigestKey"));
    return found.instances[0].attributes.triggers_replace.value.key;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** The digests in a text that a guess gives without the key, in the ways that a reader of plans would try. */
const confirmedBy = (text: string, guess: string) => {
  const digest = sha256(guess);
  return [digest, sha256(digest), createHash("sha1").update(guess).digest("hex")].filter((each) => text.includes(each));
};

describe("the digests of secrets in plans", () => {
  let one: Deployment;
  let other: Deployment;
  beforeAll(() => {
    [one, other] = [new Deployment(), new Deployment()];
  });
  afterAll(() => {
    one?.remove();
    other?.remove();
  });

  testWithTerraform(
    "confirm no guess, and let all other changes be read",
    () => {
      const texts: string[] = [];
      for (const deployment of [one, other]) {
        deployment.configure(FIRST, "10.0.0.0/8");
        deployment.terraform("init");
        texts.push(deployment.terraform("plan"), deployment.terraform("apply", "-auto-approve"));
        expect(deployment.key).toMatch(/^[0-9a-f-]{36}$/);
      }
      // The key stays: nothing is changed by what did not change.
      expect(one.terraform("plan")).toContain("No changes.");

      one.configure(SECOND, "10.0.0.0/9");
      const change = one.terraform("plan");
      texts.push(change, one.terraform("apply", "-auto-approve"));
      // The digest changes with the secret, and with nothing else.
      expect(change).toMatch(/source_hash += "[0-9a-f]{64}" -> "[0-9a-f]{64}"/);
      expect(change).toContain("10.0.0.0/9");
      expect(change).not.toContain("sensitive");
      one.configure(SECOND, "10.0.0.0/10");
      const unchanged = one.terraform("plan");
      expect(unchanged).toContain("10.0.0.0/10");
      expect(unchanged).not.toMatch(/source_hash += .* -> /);

      texts.push(unchanged, one.terraform("show"), one.terraform("plan", "-destroy"));
      for (const text of texts) {
        for (const guess of [FIRST, SECOND]) expect(confirmedBy(text, guess)).toEqual([]);
        for (const { key } of [one, other]) expect(text).not.toContain(key);
      }
      // Whoever has the state has the key, and can try guesses.
      expect(change).toContain(sha256(`${one.key}${sha256(FIRST)}${one.key}`));
      expect(change).not.toContain(sha256(`${other.key}${sha256(FIRST)}${other.key}`));
    },
    120_000,
  );

  testWithTerraform(
    "would confirm a guess without the key: the check above can fail",
    () => {
      other.configure(FIRST, "10.0.0.0/8", '${filesha256("password")}');
      expect(confirmedBy(other.terraform("plan"), FIRST)).toHaveLength(1);
    },
    120_000,
  );
});
