import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JOURNALD, MERGED } from "../engine/settings.js";
import { SshServer } from "../engine/ssh-server.js";
import { until } from "../run.js";
import type { Deployment, Site } from "./site.js";

const NODE = "dns-lb-e2e-host";
const LOADER = `${NODE}-loader`;

export function host(site: () => Site): void {
  const deploy = (settings: Readonly<Record<string, string>> = {}) =>
    site().cdktf("host-app.ts", "deploy", { BASE: site().base, ...settings });
  const inspect = (name: string) => site().engine.docker.getContainer(name).inspect();

  const start = async (settings: object) => {
    site().own.configure(settings);
    await site().own.startDaemon();
  };
  /** Until the node's agent answers again. */
  const running = () =>
    until("the node", 30, async () => {
      const { Running, Health } = (await inspect(NODE)).State;
      return Running && Health?.Status === "healthy";
    }).then(() => inspect(NODE).then(({ Id }) => Id));
  const succeeded = ({ code, text }: Deployment, words: string) => {
    expect(code, text).toBe(0);
    expect(text).toContain(words);
  };
  const UNCHANGED = "No changes. Your infrastructure matches the configuration.";

  describe("a node on a host with settings of its own", () => {
    let ssh: SshServer;
    beforeAll(async () => {
      await site().own.stopDaemon();
      await start(MERGED);
      await site().engine.run(["ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"]);
      await site().engine.run(["ip", "link", "set", "lan0", "up"]);
      ssh = await SshServer.start(site().engine);
    });
    afterAll(() => ssh?.remove());

    const overSsh = () => ({ ENGINE: ssh.host, SSH_OPTIONS: JSON.stringify(ssh.options) });

    test("is deployed over SSH, by the host's own limits on connections", async () => {
      const first = await deploy(overSsh());
      succeeded(first, "Apply complete!");
      console.log(`a node and its image over SSH in ${first.seconds.toFixed(0)} s`);
      expect(ssh.log()).not.toMatch(/drop connection|beginning MaxStartups/);
      // The settings do reach containers that say nothing.
      const { HostConfig: loader } = await inspect(LOADER);
      expect(loader.LogConfig?.Config).toMatchObject({ labels: "team" });
      expect(loader.Ulimits?.map(({ Name }) => Name)).toEqual(expect.arrayContaining(["core", "nofile"]));
      const { HostConfig: node } = await inspect(NODE);
      expect(node.LogConfig?.Config).toMatchObject({ "max-size": "10m", "max-file": "3" });
      expect(node.Ulimits).toContainEqual({ Name: "nofile", Soft: 20_000, Hard: 20_000 });
    });

    test("is not changed by another deployment, over SSH or not", async () => {
      succeeded(await deploy(), UNCHANGED);
      succeeded(await deploy(overSsh()), UNCHANGED);
    });

    test("fails when SSH does not know the host, in its words", async () => {
      ssh.forgetHost();
      const { code, text } = await deploy(overSsh());
      expect(code).not.toBe(0);
      expect(text).toContain("Error pinging Docker server");
      expect(text).toContain("Host key verification failed");
    });

    test("is not changed after the engine was restarted, whatever its settings are then", async () => {
      const { own } = site();
      const before = await running();
      // The engine drops namespaces that are left at its start. It starts no container of macvlan, and tries no second time,
      // where the kernel has not ended the old one by then, whose MAC address the new one would have.
      const crash = async () => {
        await own.crash();
        await own.forgetNetworks();
        await new Promise((resolve) => setTimeout(resolve, 2_000));
      };
      for (const [end, settings] of [
        [() => own.stopDaemon(), MERGED],
        [crash, JOURNALD],
        // Containers go on meanwhile.
        [() => own.stopDaemon(), JOURNALD],
      ] as const) {
        await end();
        await start(settings);
        expect(await running()).toBe(before);
        succeeded(await deploy(), UNCHANGED);
      }
    });

    test("is replaced with its network by another router, whatever driver the engine logs by", async () => {
      const before = await running();
      succeeded(await deploy({ GATEWAY: "10.97.0.254" }), "Apply complete!");
      expect(await running()).not.toBe(before);
      const { HostConfig, NetworkSettings } = await inspect(NODE);
      expect(NetworkSettings.Networks[NODE]).toMatchObject({ Gateway: "10.97.0.254" });
      expect(HostConfig.LogConfig).toMatchObject({ Type: "json-file", Config: { "max-size": "10m" } });
      expect(HostConfig.Ulimits?.map(({ Name }) => Name).sort()).toEqual(["memlock", "nofile", "nproc"]);
      succeeded(await deploy({ GATEWAY: "10.97.0.254" }), UNCHANGED);
    });

    test("goes", async () => {
      const settings = { BASE: site().base, GATEWAY: "10.97.0.254" };
      succeeded(await site().cdktf("host-app.ts", "destroy", settings), "Destroy complete!");
      expect(await site().engine.docker.listContainers({ all: true })).toEqual([]);
    });
  });
}
