import { describe, expect, test } from "vitest";
import { until } from "../run.js";
import type { NodeProcess, ProcessName } from "./running-node.js";
import { PASSWORD, type Site } from "./site.js";

const NONE = "0000000000000000";
/** NET_ADMIN, NET_RAW, SETUID and SETGID. */
const BOUND = "00000000000030c0";
const DAEMONS = 5353;
const WATCH = 5354;

const CAPABILITY_SETS = ["CapInh", "CapPrm", "CapEff", "CapAmb"];

export function privileges(site: () => Site): void {
  const sets = async (process: NodeProcess) => {
    const status = await site().lb1.status(process);
    const [uid] = new Set(status["Uid"]?.split("\t"));
    return {
      uid: Number(uid),
      capabilities: CAPABILITY_SETS.map((name) => status[name]),
      bound: status["CapBnd"],
      noNewPrivileges: status["NoNewPrivs"],
    };
  };

  describe("privileges", () => {
    test.each<[ProcessName, number]>([
      ["dnsdist", DAEMONS],
      ["haproxy master", DAEMONS],
      ["haproxy worker", DAEMONS],
      ["watch", WATCH],
    ])("%s has its user's rights and no capability", async (name, uid) => {
      expect(await sets(await site().lb1.process(name))).toEqual({
        uid,
        capabilities: [NONE, NONE, NONE, NONE],
        bound: BOUND,
        noNewPrivileges: "1",
      });
    });

    test.each<ProcessName>(["agent", "keepalived parent", "keepalived vrrp"])(
      "%s is root with four capabilities and no more",
      async (name) => {
        expect(await sets(await site().lb1.process(name))).toEqual({
          uid: 0,
          capabilities: [NONE, BOUND, BOUND, NONE],
          bound: BOUND,
          noNewPrivileges: "1",
        });
      },
    );

    test("keepalived's check of the watch has the rights of the watch's user and no capability", async () => {
      const { lb1 } = site();
      const watch = await lb1.process("watch");
      const pulse = "/run/dns-lb/results/watch";
      const asWatch = async (script: string) => {
        expect(await lb1.exec(["sh", "-c", script], "dns-lb-watch")).toEqual({ code: 0, output: "" });
      };
      let check: Awaited<ReturnType<typeof sets>> | undefined;
      // A check takes milliseconds; one that reads from nobody stays until keepalived ends it, a second later.
      await lb1.signal("STOP", watch);
      await asWatch(`rm -f ${pulse} && mkfifo -m 644 ${pulse}`);
      await until("a check", 20, async () => {
        const found = (await lb1.processes()).find(({ name }) => name === "check");
        check = found === undefined ? undefined : await sets(found).catch(() => undefined);
        return check?.bound !== undefined;
      });
      await asWatch(`rm ${pulse}`);
      await lb1.signal("CONT", watch);
      expect(check).toEqual({
        uid: WATCH,
        capabilities: [NONE, NONE, NONE, NONE],
        bound: BOUND,
        noNewPrivileges: "1",
      });
    });

    test("nobody writes to the root file system, root neither", async () => {
      for (const path of ["/x", "/etc/x", "/usr/libexec/dns-lb/x", "/var/tmp/x"]) {
        const { code, output } = await site().lb1.exec(["touch", path]);
        expect({ path, code, output }).toEqual({ path, code: 1, output: expect.stringContaining("Read-only") });
      }
    });

    test("what can be written to are volumes, and temporary file systems without programs", async () => {
      const { output } = await site().lb1.exec(["cat", "/proc/mounts"]);
      const mounts = output.split("\n").map((line) => line.split(" "));
      const writable = mounts.filter(([, , type = "", options = ""]) => {
        return options.split(",").includes("rw") && !["proc", "devpts", "mqueue"].includes(type);
      });
      const places = writable.map(([, place = "", type = ""]) => `${type === "tmpfs" ? type : "volume"} ${place}`);
      // The engine's own, in root's hands; those below /proc hide what is there.
      const own = /^tmpfs \/(dev|dev\/shm|proc\/\w+|sys\/fs\/cgroup)$/;
      expect(places.filter((place) => !own.test(place)).sort()).toEqual([
        "tmpfs /run",
        "tmpfs /tmp",
        "volume /run/dns-lb-agent",
        "volume /var/lib/dns-lb",
      ]);
      for (const place of ["/run", "/tmp"]) {
        const options = mounts.find((mount) => mount[1] === place)?.[3]?.split(",");
        expect(options).toEqual(expect.arrayContaining(["noexec", "nosuid", "nodev"]));
      }
    });

    test("secrets are for the daemons alone", async () => {
      // All that the daemons may read, and what others may read of it.
      const search = ["grep", "-rlsF", PASSWORD, "/run", "/tmp", "/var", "/etc"];
      const readable = async (user: string) => (await site().lb1.exec(search, user)).output.split("\n");
      expect((await readable("dns-lb")).some((path) => path.endsWith("/secrets/statistics-password"))).toBe(true);
      expect(await readable("nobody")).toEqual([""]);
      expect((await site().lb1.exec(["cat", "/run/dns-lb/dnsdist.key"], "nobody")).code).toBe(1);
      const { output } = await site().lb1.exec(["find", "/run", "/var/lib/dns-lb", "-perm", "/o+w", "!", "-type", "l"]);
      expect(output).toBe("");
    });

    test("no definition of a container, no environment and no log holds a secret", async () => {
      const { container } = site().lb1;
      const log = (await container.logs({ stdout: true, stderr: true })).toString();
      expect(log).toContain("ready ");
      for (const text of [JSON.stringify(await container.inspect()), log]) expect(text).not.toContain(PASSWORD);
    });
  });
}
