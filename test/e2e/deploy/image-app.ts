/**
 * A tiny app: an image, and a container that stands for a node which runs it. IMAGE holds the image's properties;
 * STACKS=2 gives the image a stack of its own.
 */
import { Container } from "@cdktf/provider-docker/lib/container/index.js";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider/index.js";
import { App, TerraformStack } from "cdktf";
import { DEBIAN_13, DockerNodeImage, type DockerNodeImageProps } from "../../../lib/index.js";

const { ENGINE: host = "", IMAGE: props = "{}", STACKS: stacks = "1" } = process.env;

const app = new App();
const [first, last = first] = ["images", "nodes"].slice(0, Number(stacks)).map((name) => {
  const stack = new TerraformStack(app, name);
  new DockerProvider(stack, "docker", { host });
  return stack;
});
if (first === undefined || last === undefined) throw new RangeError(`STACKS is ${stacks}`);

const image = new DockerNodeImage(first, "Image", {
  versions: DEBIAN_13,
  name: "dnslb-e2e-image",
  ...(JSON.parse(props) as DockerNodeImageProps),
});
new Container(last, "Node", {
  name: "dnslb-e2e-image-node",
  image: image.bind(last),
  entrypoint: ["sleep", "infinity"],
  init: true,
});
app.synth();
