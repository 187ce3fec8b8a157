import { z } from "zod";

const component = z.looseObject({
  type: z.enum(["library", "operating-system", "application", "container"]),
  name: z.string().min(1),
  version: z.string().min(1),
});

/** What CycloneDX 1.5 demands of a bill of materials, and what scanners need of its components beside. */
export const cycloneDx = z
  .looseObject({
    bomFormat: z.literal("CycloneDX"),
    specVersion: z.literal("1.5"),
    version: z.literal(1),
    metadata: z.looseObject({ component }),
    components: z
      .array(
        component.extend({ "bom-ref": z.string().min(1), purl: z.string().regex(/^pkg:(deb|npm)\/[^\s@]+@[^\s@]+$/) }),
      )
      .min(1),
  })
  .refine(({ components }) => new Set(components.map((each) => each["bom-ref"])).size === components.length, {
    error: "two components have one bom-ref",
  });
