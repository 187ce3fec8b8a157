import { expect, test } from "vitest";
import { CloudInit, type UserDataOptions } from "../../../lib/platforms/host/cloud-init.js";
import { refusal } from "../../constructs.js";

test("a load balancer's machine installs its daemons and starts none", () => {
  expect(CloudInit.userData()).toMatchInlineSnapshot(`
    "#cloud-config
    # Before the packages are there: the mask of an administrator outlives their installation.
    bootcmd: [[systemctl, mask, haproxy, dnsdist, keepalived]]
    package_update: true
    packages: [haproxy, dnsdist, keepalived, nftables, python3, iproute2]
    "
  `);
});

test("that of a node that announces its addresses has BIRD, whose package has another name", () => {
  expect(CloudInit.userData({ daemons: "anycast" })).toMatchInlineSnapshot(`
    "#cloud-config
    # Before the packages are there: the mask of an administrator outlives their installation.
    bootcmd: [[systemctl, mask, haproxy, dnsdist, bird]]
    package_update: true
    packages: [haproxy, dnsdist, bird2, python3, iproute2]
    "
  `);
});

test("so does that of a server", () => {
  expect(CloudInit.userData({ daemons: "nsd" })).toContain("packages: [nsd, python3, iproute2]\n");
});

test("it leaves room in what providers allow", () => {
  expect(CloudInit.userData().length).toBeLessThan(512);
});

test("unknown daemons are refused", () => {
  expect(refusal(() => CloudInit.userData({ daemons: "bind" } as unknown as UserDataOptions))).toContain(
    '\'daemons\' must be one of "load-balancer", "anycast", "unbound", "nsd"',
  );
});
