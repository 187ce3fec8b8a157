import { fileNames } from "../core/file-names.js";
import type { DeployedServer } from "../model/deployed-server.js";
import type { LoadBalancer } from "../model/load-balancer.js";
import type { NodeSpec } from "../model/node-spec.js";
import { pageOf } from "./page.js";
import { pictureFile, pictureOf } from "./picture.js";
import { recordFile, recordOf, serverRecordOf } from "./record.js";
import { topologyOf } from "./topology.js";

export * from "./record.js";

/** The folder of reviews in the output folder of a stack. Terraform reads no folders. */
export const REVIEW_FOLDER = "dns-lb";
/** The names of the files of a review, in the folder of their load balancer or server. */
export const REVIEW_FILES = {
  page: "stack.html",
  picture: "topology.svg",
  record: "model.json",
  nodes: "nodes",
} as const;

/** The files by which people review a load balancer, by path. Same input, same bytes; no secret is in them. */
export function reviewFiles(loadBalancer: LoadBalancer, specs: readonly NodeSpec[]): Readonly<Record<string, string>> {
  const topology = topologyOf(loadBalancer, specs);
  const picture = pictureOf(topology);
  return {
    [REVIEW_FILES.page]: pageOf({ loadBalancer, specs, summary: topology.summary, picture }),
    [REVIEW_FILES.picture]: pictureFile(picture),
    [REVIEW_FILES.record]: recordFile(recordOf(loadBalancer, specs)),
    ...nodeFiles(specs),
  };
}

/** The files by which people review a server that the app deploys, by path: what its node gets, and its record. */
export function serverReviewFiles(server: DeployedServer, spec: NodeSpec): Readonly<Record<string, string>> {
  return { [REVIEW_FILES.record]: recordFile(serverRecordOf(server, spec)), ...nodeFiles([spec]) };
}

function nodeFiles(specs: readonly NodeSpec[]): Readonly<Record<string, string>> {
  const folders = fileNames(specs.map(({ node }) => node));
  return Object.fromEntries(
    specs.flatMap(({ files }, index) =>
      files.map(({ path, content }) => [`${REVIEW_FILES.nodes}/${folders[index]}/${path}`, content]),
    ),
  );
}
