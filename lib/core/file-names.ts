/* Windows has devices of these names, whatever follows after a point. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
/** File systems take 255 bytes; what numbers tell apart, and programs that add an ending, need some of them. */
const LONGEST = 120;

/**
 * Makes names of files or folders out of texts of letters, digits, `-`, `_` and `.`: names that every file system takes, and
 * that differ for each text, also where capitals do not count. Most are the text itself. The order of the texts decides which
 * of two that are alike gets a number.
 */
export function fileNames(texts: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return texts.map((text) => {
    const plain = plainName(text);
    let name = plain;
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${plain}_${number}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** Of a long text its end, which tells more of a path. */
function plainName(text: string): string {
  const short = text.slice(-LONGEST).replace(/^\.+|\.+$/g, "");
  return short === "" ? "_" : short.replace(DEVICE, "$1_");
}
