/** A resource as Terraform gets it. */
export interface Resource {
  readonly type: string;
  readonly stack: string;
  /** The path of its construct. */
  readonly path: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The JSON of a stack. */
export interface StackJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

/** The resources of a stack, by the stack's name and their addresses. */
export function readResources({ resource = {} }: StackJson, stack: string): readonly (readonly [string, Resource])[] {
  return Object.entries(resource).flatMap(([type, byId]) =>
    Object.entries(byId).map(([id, { "//": comment, ...attributes }]) => {
      const { metadata } = (comment ?? {}) as { readonly metadata?: { readonly path?: string } };
      return [`${stack}/${type}.${id}`, { type, stack, path: metadata?.path ?? id, attributes }] as const;
    }),
  );
}

/** The end of the path of a loader, behind that of its node. */
const LOADER = "/Loader/Resource";
const NODE = "/Container";

/** Whether a resource is the container that brings a release to a node. */
export function isLoader({ type, path }: Pick<Resource, "type" | "path">): boolean {
  return type === "docker_container" && path.endsWith(LOADER);
}

/** Whether a resource makes a host a node. */
export function isHost({ type, path }: Pick<Resource, "type" | "path">): boolean {
  return type === "terraform_data" && path.endsWith("/Host/Resource");
}

/** The paths of the containers that are nodes: those that have a loader. */
export function nodePathsOf(resources: Iterable<Resource>): ReadonlySet<string> {
  return new Set([...resources].filter(isLoader).map(({ path }) => `${path.slice(0, -LOADER.length)}${NODE}`));
}
