/**
 * What Terraform, sudo and apt do that a deployment must bear. Elsewhere: the words of a release that is refused, although
 * secrets are in it, and what a failure leaves of both releases (pair.test.ts); what is destroyed when a resource is replaced
 * (changes.test.ts); a bastion whose key would be compared (test/platforms/ssh/ssh-node.test.ts).
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../e2e/run.js";
import { Deployment, SERVERS, UNCHANGED } from "./deployment.js";
import type { Machine } from "./machine.js";
import { USER } from "./root.js";
import { timed } from "./times.js";

/** An address on the switch that nobody answers for. */
const NOBODY = "10.0.0.99";
/** Seconds for which the lock of apt is held, while a deployment waits for it. */
const HELD = 8;
/** Seconds: the timeout of the connection, and what else a deployment takes. */
const REFUSED = 60;

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.open();
});

afterAll(async () => {
  await deployment?.close();
});

/** Mounts /tmp without the right to run programs. */
const forbidPrograms = (machine: Machine) =>
  machine.mustExec(["mount", "-t", "tmpfs", "-o", "noexec,mode=1777", "tmpfs", "/tmp"]);

/** Makes the machine forget its own name, and ask a server for it that never answers. */
async function forgetName(machine: Machine): Promise<void> {
  const script = `
    ip neighbour replace ${NOBODY} lladdr 02:00:00:00:00:99 dev eth0
    sed -i "/ $(hostname)$/d" /etc/hosts
    rm -f /etc/resolv.conf
    echo nameserver ${NOBODY} > /etc/resolv.conf`;
  await machine.mustExec(["sh", "-ec", script]);
}

/** Takes the lock of the lists of packages, as `apt-get update` of a timer does, until some time after a deployment is there. */
async function lockLists(machine: Machine): Promise<void> {
  const program = `
    use Fcntl;
    open F, ">>", "/var/lib/apt/lists/lock" or die;
    my $lock = pack("s s x4 l! l! i", F_WRLCK, 0, 0, 0, 0);
    fcntl(F, F_SETLK, $lock) or die;
    sleep 1 while system("pgrep -f files/[b]ootstrap >/dev/null");
    sleep ${HELD};`;
  await machine.mustExec(["systemd-run", "--quiet", "--unit=holder", "perl", "-e", program]);
}

/** Lets everybody into the home directory, and looks again and again whether others could read what comes with a release. */
async function spy(machine: Machine): Promise<void> {
  const script = `
    cd ~${USER}
    chmod 755 .
    while :; do
      for path in .dns-lb .dns-lb/release; do
        [ ! -d $path ] || stat -c '%a %n' $path
      done
      [ ! -e .dns-lb/release/secrets.json ] || echo seen
      runuser -u nobody -- cat .dns-lb/release/secrets.json 2>/dev/null && echo read
      sleep 0.02
    done > /run/spied`;
  await machine.mustExec(["systemd-run", "--quiet", "--unit=spy", "bash", "-c", script]);
}

test("a deployment bears a /tmp without programs, a lock of apt, and a sudo that waits for DNS, and says why", async () => {
  const [one, two] = deployment.pair;
  if (one === undefined || two === undefined) throw new Error("there are two machines");
  for (const machine of [one, two]) await forbidPrograms(machine);
  await lockLists(one);
  await forgetName(two);
  for (const machine of [one, two]) {
    // Else nothing of this would be tried.
    const { code } = await machine.exec(["sh", "-c", "cp /bin/true /tmp/true && /tmp/true"]);
    expect(code).toBe(126);
  }
  const said = await timed("a deployment with all of this", () => deployment.deploy());
  expect(said).toContain("waits for a lock that another program holds");
  expect(said).toContain("the name of this host, lb2, does not resolve");
  await deployment.settled();
  await two.mustExec(["sh", "-c", "echo 127.0.1.1 lb2 >> /etc/hosts"]);
}, 300_000);

test("nobody else on a host can read the secrets of a release on their way", async () => {
  for (const machine of deployment.pair) await spy(machine);
  deployment.servers = SERVERS;
  await deployment.deploy();
  for (const machine of deployment.pair) {
    await machine.mustExec(["systemctl", "stop", "spy"]);
    const { stdout } = await machine.mustExec(["sh", "-c", "sort -u /run/spied"]);
    expect(stdout).toBe("700 .dns-lb\n700 .dns-lb/release\nseen\n");
  }
});

test.each(["lb1", "lb2"])("nothing is handed to a host %s with an unknown key", async (name) => {
  const { stdout: stranger } = await deployment.site
    .machine(name)
    .mustExec(["cat", "/etc/ssh/ssh_host_ed25519_key.pub"]);
  const known = deployment.known();
  // For the one with a certificate, its own key is that of no authority.
  const wrong = name === "lb1" ? deployment.site.keys.authority : stranger.trim();
  const machines = known.map((machine) => (machine.name === name ? { ...machine, hostKey: wrong } : machine));
  deployment.servers = SERVERS.slice(0, name === "lb1" ? 1 : 2);
  const before = await deployment.release(name);
  const started = performance.now();
  const said = await deployment.failToDeploy({ MACHINES: JSON.stringify(machines) });
  expect(said).toMatch(/last error:\s+SSH\s+authentication\s+failed/);
  expect((performance.now() - started) / 1000).toBeLessThan(REFUSED);
  expect(await deployment.release(name)).toBe(before);
});

test("a deployment goes through a bastion with the keys of an SSH agent", async () => {
  deployment.servers = SERVERS;
  const { stdout: before } = await deployment.site.machine("lb2").mustExec(["journalctl", "-u", "ssh", "--no-pager"]);
  await deployment.deploy({ BASTION: "lb1" });
  await until("a connection from the bastion", 10, async () => {
    const { stdout } = await deployment.site.machine("lb2").mustExec(["journalctl", "-u", "ssh", "--no-pager"]);
    return /Accepted publickey for debian from 10\.0\.0\.2 /.test(stdout.slice(before.length));
  });
  expect(await deployment.deploy({ BASTION: "lb1" })).toContain(UNCHANGED);
  await deployment.settled();
}, 180_000);
