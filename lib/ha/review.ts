import type { IConstruct } from "constructs";
import type { LoadBalancerBinding } from "../dns/load-balancer.js";
import { REVIEW_FOLDER, reviewFiles } from "../review/index.js";
import { writeReview } from "../terraform/review-folder.js";

/** Writes what people review of a load balancer, at each synthesis. */
export function writeLoadBalancerReview(loadBalancer: IConstruct, binding: LoadBalancerBinding): void {
  writeReview(loadBalancer, REVIEW_FOLDER, () => {
    const model = binding.model();
    const specs = model.nodes.flatMap((node) => binding.specOf(node) ?? []);
    // Without validations, as cdktf can be told, a model may be one that nothing can be compiled of.
    return specs.length < model.nodes.length ? undefined : reviewFiles(model, specs);
  });
}
