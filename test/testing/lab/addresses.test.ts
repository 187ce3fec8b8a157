import { describe, expect, test } from "vitest";
import { pickAddress } from "../../../lib/testing/lab/addresses.js";
import { Lab } from "../../../lib/testing/lab/lab.js";

const free = () => false;

describe("pickAddress", () => {
  test.each([
    ["ipv4", ["10.0.0.0/24"], "10.0.0.254"],
    ["ipv4", ["fd00::/8", "192.168.1.0/30"], "192.168.1.2"],
    ["ipv4", ["192.0.2.7/32"], "192.0.2.7"],
    ["ipv4", ["0.0.0.0/0"], "198.18.0.254"],
    ["ipv6", ["2001:db8:1::/126"], "2001:db8:1::2"],
    ["ipv6", ["::/0"], "2001:db8:5a::fe"],
    ["ipv6", ["10.0.0.0/8"], undefined],
  ] as const)("picks for %s from %j: %s", (family, networks, expected) => {
    expect(pickAddress(family, networks, free)).toBe(expected);
  });

  test("leaves what is taken", () => {
    expect(pickAddress("ipv4", ["10.0.0.0/24"], (address) => address === "10.0.0.254")).toBe("10.0.0.253");
    expect(pickAddress("ipv4", ["192.0.2.7/32"], () => true)).toBeUndefined();
  });
});

test("fails when a load balancer has a virtual address that no node can hold", async () => {
  const loadBalancer = {
    ...{ name: "dns", nodes: [], frontends: [] },
    virtualAddresses: [{ address: "255.255.255.255", interface: "eth0" }],
    mobility: { kind: "vrrp", virtualRouterId: 53, advertisementInterval: "200ms" },
  } as const;
  await expect(Lab.start([loadBalancer], { name: "none" })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[LabError: load balancer "dns" has the virtual address 255.255.255.255, the broadcast address, which is that of every machine on a link; no node can hold it]`,
  );
});
