import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endTraffic, type Flow, type FlowReport, startFlow, WAYS } from "../e2e/drill/flows.js";
import { until } from "../e2e/run.js";
import { removeAbandoned } from "../e2e/temporary.js";
import { WHOAMI } from "./dns-server.js";
import { leftovers, NOTHING } from "./leftovers.js";
import type { Machine } from "./machine.js";
import { USER } from "./root.js";
import { Site } from "./site.js";
import { timed } from "./times.js";

const TLS_NAME = "dns.example.com";
const RELEASE = { lb1: "13", lb2: "12" } as const;
const PAIR = ["lb1", "lb2"] as const;

let site: Site;

beforeAll(async () => {
  site = await timed("a site of two machines and two servers", () =>
    Site.open({
      machines: [
        { name: "lb1", suite: "trixie", number: 2 },
        { name: "lb2", suite: "bookworm", number: 3, certified: true },
      ],
      servers: [
        { name: "resolver1", number: 10, role: "resolver", tlsName: TLS_NAME },
        { name: "authoritative1", number: 20, role: "authoritative" },
      ],
    }),
  );
  await timed("both machines from power on to SSH", () => site.start());
});

afterAll(async () => {
  await site?.close();
});

describe.each(PAIR)("machine %s", (name) => {
  const machine = () => site.machine(name);

  test("runs its release of Debian, with all of its units", async () => {
    const { stdout } = await machine().ssh([". /etc/os-release; echo $VERSION_ID; hostname; sudo id -un"]);
    expect(stdout).toBe(`${RELEASE[name]}\n${name}\nroot\n`);
    await machine().mustExec(["systemctl", "is-system-running", "--wait"]);
  });

  test("has control groups of its own", async () => {
    const group = "/sys/fs/cgroup/system.slice/ssh.service/cgroup.procs";
    // A process of another machine would be 0.
    expect((await machine().mustExec(["cat", group])).stdout).toMatch(/^[1-9]\d*\n$/);
  });

  test("has both of its addresses, and reaches the servers", async () => {
    const { stdout } = await machine().mustExec(["ip", "-brief", "address", "show", "dev", "eth0"]);
    expect(stdout).toContain(`${machine().address}/24 ${machine().address6}/64`);
    const reach = "exec 3<>/dev/tcp/10.0.0.10/53 && exec 4<>/dev/tcp/fd53::1/3142";
    await machine().mustExec(["bash", "-c", reach]);
  });

  test("fails when its host key is another one", async () => {
    const wrong = join(site.directory, "wrong_known_hosts");
    writeFileSync(wrong, `${machine().address} ${site.keys.authority}\n`);
    const { code, stderr } = await machine().ssh(["true"], [`UserKnownHostsFile=${wrong}`]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("Host key verification failed");
  });

  test("installs packages from this machine's mirror", async () => {
    await timed(`${name}: apt-get update`, () => machine().mustExec(["apt-get", "-q", "update"]));
    await timed(`${name}: apt-get install netbase`, () => machine().mustExec(["apt-get", "-qy", "install", "netbase"]));
    const { code, stderr } = await machine().exec(["apt-get", "-qy", "install", "no-such-package"]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("Unable to locate package no-such-package");
  });

  test("is changed by Terraform", async () => {
    const workspace = site.workspace();
    try {
      workspace.configure(provisioned(machine(), hostKeyOf(machine())));
      expect(await workspace.terraform("init")).toMatchObject({ code: 0 });
      const first = await timed(`${name}: terraform apply`, () => workspace.terraform("apply", "-auto-approve"));
      expect(first.stdout + first.stderr).toContain(`(remote-exec): this is ${name}`);
      expect(first.code).toBe(0);
      const again = await workspace.terraform("apply", "-auto-approve");
      expect(again.stdout).toContain("No changes.");
      expect((await machine().mustExec(["cat", "/etc/provisioned"])).stdout).toBe("by Terraform\n");
    } finally {
      workspace.remove();
    }
  });

  test("lets Terraform in by the key in an SSH agent", async () => {
    const workspace = site.workspace({ SSH_AUTH_SOCK: site.agent });
    try {
      workspace.configure(provisioned(machine(), hostKeyOf(machine()), { agent: true }));
      await workspace.terraform("init");
      const { stdout, stderr } = await workspace.terraform("apply", "-auto-approve");
      expect(stdout + stderr).toContain(`(remote-exec): this is ${name}`);
    } finally {
      workspace.remove();
    }
  });

  test("fails when Terraform knows another host key", async () => {
    const workspace = site.workspace();
    try {
      workspace.configure(provisioned(machine(), site.keys.authorized, { timeout: "3s" }));
      await workspace.terraform("init");
      const { code, stdout, stderr } = await workspace.terraform("apply", "-auto-approve");
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain("timeout - last error: SSH authentication failed");
    } finally {
      workspace.remove();
    }
  });

  test("comes back after it was killed, with its files and its journal", async () => {
    await machine().mustExec(["sh", "-c", "echo kept > /var/lib/kept; logger -t test before the cut"]);
    await timed(`${name}: killed`, () => machine().kill());
    expect(machine().runs).toBe(false);
    const journal = await machine().journal();
    expect(journal).toContain("before the cut");
    expect(journal).not.toMatch(/Stopp(ed|ing) ssh\.service/);
    await timed(`${name}: from power on to SSH`, () => machine().start());
    expect((await machine().mustExec(["cat", "/var/lib/kept"])).stdout).toBe("kept\n");
    await machine().mustExec(["systemctl", "is-system-running", "--wait"]);
  });

  test("stops its services in order when it is switched off", async () => {
    await timed(`${name}: switched off`, () => machine().stop());
    expect(await machine().journal("ssh.service")).toMatch(/Stopped ssh\.service.*\n?$/);
    await machine().copyOut("/etc/hostname", join(site.directory, "copied"));
    expect(readFileSync(join(site.directory, "copied", "etc", "hostname"), "utf8")).toBe(`${name}\n`);
    await machine().start();
  });

  test("is another one after it was rebuilt, with the same host key", async () => {
    const before = machine().id;
    await machine().kill();
    await timed(`${name}: rebuilt`, () => machine().rebuild());
    await timed(`${name}: from power on to SSH`, () => machine().start());
    expect(machine().id).not.toBe(before);
    expect((await machine().exec(["cat", "/var/lib/kept"])).code).not.toBe(0);
  });
});

describe("servers and clients", () => {
  test("lose no query, whichever way it goes", async () => {
    for (const report of await traffic(1_000)) expect(report).toMatchObject({ lost: 0, wrong: 0, broken: 0 });
  });

  test("count what is lost while a server is down, and for how long", async () => {
    const server = site.server("resolver1");
    const reports = await traffic(1_500, async () => {
      await server.kill();
      await new Promise((resolve) => setTimeout(resolve, 500));
      await server.start();
    });
    for (const { way, lost, longestGap } of reports) {
      expect(lost, way).toBeGreaterThan(5);
      expect(longestGap, way).toBeGreaterThan(400);
    }
  });

  test("are answered by an authoritative server, too", async () => {
    const { status, answers, flags } = await site
      .client(100)
      .query(WHOAMI.authoritative, "TXT", { server: "10.0.0.20" });
    expect({ status, answers }).toEqual({ status: "NOERROR", answers: ["authoritative1"] });
    expect(flags).toContain("aa");
  });
});

/** Asks the resolver all ways while something is done. */
async function traffic(milliseconds: number, meanwhile = async () => {}): Promise<readonly FlowReport[]> {
  const plan = { server: "10.0.0.10", question: WHOAMI.resolver, answers: "resolver", rate: 50, tlsName: TLS_NAME };
  const flows: Flow[] = [];
  for (const way of WAYS) flows.push(await startFlow(site.client(101), { name: way, way, retry: false, ...plan }));
  await meanwhile();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return endTraffic(flows);
}

function hostKeyOf(machine: Machine): string {
  return machine.identity.hostKey.certificate === undefined ? machine.identity.hostKey.known : site.keys.authority;
}

/** What no cdktf is needed for: a resource that runs a script on a machine. */
function provisioned(machine: Machine, hostKey: string, { agent = false, timeout = "10s" } = {}): object {
  const connection = {
    ...{ type: "ssh", host: machine.address, user: USER, agent, timeout, host_key: hostKey },
    ...(agent ? {} : { private_key: readFileSync(site.keys.client, "utf8") }),
  };
  const inline = ["echo this is $(hostname)", "echo by Terraform | sudo tee /etc/provisioned"];
  return {
    resource: {
      terraform_data: {
        node: { triggers_replace: [machine.id], connection, provisioner: [{ "remote-exec": { inline } }] },
      },
    },
  };
}

describe("cloud-init", () => {
  test("fills a machine before SSH lets its user in, and keeps its host key", async () => {
    const userData = "#cloud-config\nwrite_files:\n  - path: /etc/filled\n    content: by cloud-init\n";
    const cloud = await Site.open({ machines: [{ name: "vm1", suite: "trixie", number: 4, userData }] });
    try {
      const machine = cloud.machine("vm1");
      await timed("a machine with cloud-init from power on to SSH", () => cloud.start());
      await timed("its cloud-init after that", () => machine.mustExec(["cloud-init", "status", "--wait"]));
      expect((await machine.mustExec(["cat", "/etc/filled"])).stdout).toBe("by cloud-init");
      expect((await machine.ssh(["ip -brief address show dev eth0"])).stdout).toContain("10.0.0.4/24 fd53::4/64");
    } finally {
      await cloud.close();
    }
  });
});

describe("a site", () => {
  test("leaves nothing behind", async () => {
    const other = await Site.open({ machines: [{ name: "lb1", suite: "bookworm", number: 2 }] });
    await other.start();
    const { folders, inGroups, mounts } = leftovers(other.directory);
    expect([folders.length, inGroups.length, mounts.length]).not.toContain(0);
    await timed("the end of a site with a running machine", () => other.close());
    await expect.poll(() => leftovers(other.directory)).toEqual(NOTHING);
  });

  test("is removed by the next run when its own was aborted", async () => {
    const tsx = join(__dirname, "..", "..", "node_modules", "tsx", "dist", "loader.mjs");
    const child = spawn(process.execPath, ["--import", tsx, join(__dirname, "stay.ts")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
      await until("the other site", 60, () => said.includes("\n"));
      const directory = said.trim();
      expect(leftovers(directory).inGroups.length).toBeGreaterThan(0);
      child.kill("SIGKILL");
      await until("its end", 10, () => child.exitCode !== null || child.signalCode !== null);
      removeAbandoned();
      await expect.poll(() => leftovers(directory)).toEqual(NOTHING);
      expect(site.machine("lb1").runs).toBe(true);
    } finally {
      child.kill("SIGKILL");
    }
  });
});
