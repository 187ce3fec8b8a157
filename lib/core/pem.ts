/** A block of a PEM file (RFC 7468). */
export interface PemBlock {
  /** What it holds: `CERTIFICATE`. */
  readonly label: string;
  /** The whole block, from its first line to its last. */
  readonly text: string;
}

/** The blocks of a PEM text in their order, and how many begin and do not end. */
export interface PemText {
  readonly blocks: readonly PemBlock[];
  readonly cut: number;
}

const BEGIN = /^-----BEGIN ([^\r\n]+?)-----[ \t]*$/;

/**
 * Reads a PEM text as OpenSSL does: a block begins and ends with lines of its own, and what stands between blocks does not
 * count.
 */
export function readPem(text: string): PemText {
  const blocks: PemBlock[] = [];
  let cut = 0;
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const label = BEGIN.exec(line)?.[1];
    if (label !== undefined) {
      if (open) cut += 1;
      open = { label, lines: [line] };
    } else if (open) {
      open.lines.push(line);
      if (line.trimEnd() !== `-----END ${open.label}-----`) continue;
      blocks.push({ label: open.label, text: `${open.lines.join("\n")}\n` });
      open = undefined;
    }
  }
  return { blocks, cut: cut + (open ? 1 : 0) };
}

/** Of a text with a certificate and its key: the key alone, or all but the key, as where these are two files. */
export function partOf(text: string, part: "certificate" | "key"): string {
  const blocks = readPem(text).blocks.filter((each) => isPrivateKey(each) === (part === "key"));
  return blocks.map((each) => each.text).join("");
}

/** Tells whether a block is a certificate. */
export function isCertificate({ label }: PemBlock): boolean {
  return /^(X509 |TRUSTED )?CERTIFICATE$/.test(label);
}

/** Tells whether a block is a private key, encrypted or not. */
export function isPrivateKey({ label }: PemBlock): boolean {
  return /(^| )PRIVATE KEY$/.test(label);
}

/** Tells whether a private key needs a password. */
export function isEncrypted({ label, text }: PemBlock): boolean {
  return label === "ENCRYPTED PRIVATE KEY" || /^Proc-Type:.*ENCRYPTED/m.test(text);
}
