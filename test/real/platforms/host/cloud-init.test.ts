import { describe, expect } from "vitest";
import { VENDOR_DATA } from "../../../../examples/machines/providers/incus.js";
import { USER_DATA, USER_DATA_WITH_KEY } from "../../../../examples/machines/site.js";
import { CloudInit } from "../../../../lib/platforms/host/cloud-init.js";
import { run, testWith, withFiles } from "../../config/daemon.js";

const testWithCloudInit = testWith("cloud-init", "unshare");

const HOST_KEY = 'ssh_keys: { ed25519_private: "-----BEGIN\\n", ed25519_public: "ssh-ed25519 AAAA" }\n';

/** What cloud-init's checker says of user data, without a network. */
const schema = (text: string) =>
  withFiles({ "user-data": text }, (folder) =>
    run("unshare", "--net", "cloud-init", "schema", "--config-file", `${folder}/user-data`),
  );

describe("cloud-init", () => {
  testWithCloudInit.each([
    ["of a load balancer", CloudInit.userData()],
    ["of unbound", CloudInit.userData({ daemons: "unbound" })],
    ["of NSD", CloudInit.userData({ daemons: "nsd" })],
    ["of the example", USER_DATA],
    ["of the example, with a key", USER_DATA_WITH_KEY],
    ["of the example, with a host key", `${USER_DATA}${HOST_KEY}`],
    ["of a vendor", VENDOR_DATA],
  ])("takes the user data %s", async (_, text) => {
    const { status, output } = await schema(text);
    expect({ status, output }).toEqual({ status: 0, output: expect.stringMatching(/^Valid [^\n]*\n$/) });
  });

  testWithCloudInit.each([
    ["packages that are no list", USER_DATA.replace(/^packages:.*$/m, "packages: { haproxy: 1 }"), "packages"],
    ["commands that are no lists", USER_DATA.replace(/^bootcmd:.*$/m, "bootcmd: systemctl mask haproxy"), "bootcmd"],
    ["another host key", `${USER_DATA}${HOST_KEY.replace("ed25519_private", "private")}`, "ssh_keys"],
  ])("refuses %s", async (_, text, word) => {
    const { status, output } = await schema(text);
    expect(status, output).toBe(1);
    expect(output).toContain(`${word}:`);
  });
});
