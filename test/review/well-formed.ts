/** What is wrong with a text of SVG or HTML as the library writes it: the elements that do not end, or end elsewhere. */
export function faultsOf(text: string): readonly string[] {
  const open: string[] = [];
  const faults: string[] = [];
  const withoutStyle = text.replace(/^<\?xml[^>]*\?>\n|^<!doctype html>\n/, "").replace(/<style>[^<]*<\/style>/g, "");
  const rest = withoutStyle.replace(
    /<(\/?)([a-z][a-z0-9-]*)((?: [a-zA-Z:-]+="[^"<>]*")*)>/g,
    (_, end: string, name: string) => {
      if (end === "") {
        if (!["meta", "br", "col"].includes(name)) open.push(name);
      } else if (open.pop() !== name) {
        faults.push(`</${name}>`);
      }
      return "";
    },
  );
  if (/[<>]/.test(rest)) faults.push(`a stray < or >: ${rest.match(/.{0,20}[<>].{0,20}/s)?.[0]}`);
  if (/&(?!(?:lt|gt|quot|#39|amp);)/.test(withoutStyle)) faults.push("a stray &");
  return [...faults, ...open];
}
