import { printDnsdistListeners, printDnsdistPolicy } from "../../config/dnsdist/print.js";
import { runtimeLua } from "../../config/dnsdist/runtime.js";
import { printHaproxy } from "../../config/haproxy/print.js";
import { printKeepalived } from "../../config/keepalived/print.js";
import { listenersOf } from "../../model/listener.js";
import type { LoadBalancer, LoadBalancerNode } from "../../model/load-balancer.js";
import type { NodeSpec, ReleaseFile, SecretFile } from "../../model/node-spec.js";
import { DEBIAN_13, type PlatformProfile } from "../../model/platform-profile.js";
import { haproxyAccessLists } from "./access.js";
import { digestOf, sortedByPath } from "./digest.js";
import { compileDnsdistListeners, compileDnsdistPolicy } from "./dnsdist.js";
import { dotSecretFiles } from "./dot.js";
import { compileHaproxy } from "./haproxy.js";
import { compileKeepalived } from "./keepalived.js";
import { compileManifest } from "./manifest.js";
import { statisticsSecret } from "./statistics.js";

/** Compiles a valid model for one of its nodes on one platform. Same input, same bytes. */
export function compileNode(loadBalancer: LoadBalancer, node: LoadBalancerNode, profile: PlatformProfile): NodeSpec {
  const manifest = compileManifest(loadBalancer, node, profile, configurationOf(loadBalancer));
  const files: ReleaseFile[] = [
    { path: "manifest.json", content: `${JSON.stringify(manifest, null, 2)}\n` },
    ...configurationFiles(loadBalancer, node, profile),
    { path: "dnsdist/runtime.lua", content: runtimeLua() },
  ];
  return {
    loadBalancer: loadBalancer.name,
    node: node.name,
    profile,
    files: sortedByPath(files),
    secretFiles: sortedByPath(secretFilesOf(loadBalancer)),
    manifest,
  };
}

function configurationFiles(
  loadBalancer: LoadBalancer,
  node: LoadBalancerNode,
  profile: PlatformProfile,
): ReleaseFile[] {
  const { vrrp } = loadBalancer;
  return [
    { path: "haproxy/haproxy.cfg", content: printHaproxy(compileHaproxy(loadBalancer, node, profile)) },
    ...loadBalancer.frontends.flatMap(haproxyAccessLists),
    { path: "dnsdist/dnsdist.conf", content: printDnsdistListeners(compileDnsdistListeners(node, profile)) },
    { path: "dnsdist/policy.lua", content: printDnsdistPolicy(compileDnsdistPolicy(loadBalancer, node, profile)) },
    ...(vrrp
      ? [
          {
            path: "keepalived/keepalived.conf",
            content: printKeepalived(compileKeepalived(loadBalancer, node, vrrp, profile)),
          },
        ]
      : []),
  ];
}

/* Stands for every node, whatever it runs on, so that the digest is the same on all. */
const ANY_PROFILE: PlatformProfile = {
  name: "docker",
  versions: DEBIAN_13,
  paths: { state: "/state", run: "/run", agent: "/agent", trustStore: "/trust" },
  user: "any",
  keepsAddresses: true,
  log: "stdout",
};

function configurationOf(loadBalancer: LoadBalancer): string {
  const files = loadBalancer.nodes.flatMap((node) => configurationFiles(loadBalancer, node, ANY_PROFILE));
  return digestOf(...files.flatMap(({ path, content }) => [path, content]));
}

function secretFilesOf({ frontends, statistics }: LoadBalancer): SecretFile[] {
  return [
    ...(statistics ? [statisticsSecret(statistics)] : []),
    ...frontends.flatMap((frontend) => listenersOf(frontend, "dot").flatMap(dotSecretFiles)),
  ];
}
