/** A record, by what decides whether it can stand beside others. */
export interface PlacedRecord {
  /** Fully qualified, in lower case. */
  readonly owner: string;
  readonly type: string;
  /** The data in one form, so that equal data are equal texts. */
  readonly data: string;
}

/** Two records that cannot stand in one zone. */
export interface NameConflict {
  /** The earlier one, by its index. */
  readonly beside: number;
  /** Completes "cannot be at ... beside ...: ". */
  readonly why: string;
}

/** Types that may stand beside a CNAME record (RFC 4034, 2.5; RFC 2535, 2.3.5). */
const BESIDE_CNAME = ["RRSIG", "NSEC", "KEY", "CNAME"];

/**
 * The records of a zone that cannot stand beside an earlier one, by their indexes: at the name of an alias (RFC 1034,
 * 3.6.2), a second alias of one name, or below a name whose names are all elsewhere (RFC 6672, 2.4).
 */
export function nameConflicts(records: readonly PlacedRecord[]): ReadonlyMap<number, NameConflict> {
  const conflicts = new Map<number, NameConflict>();
  const [plain, cnames, dnames] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const first = (names: Map<string, number>, { owner }: PlacedRecord, index: number): number => {
    const earlier = names.get(owner);
    if (earlier === undefined) names.set(owner, index);
    return earlier ?? index;
  };
  const add = (index: number, beside: number | undefined, why: string) => {
    if (beside === undefined || beside === index || conflicts.has(index)) return;
    conflicts.set(index, { beside, why });
  };
  for (const [index, record] of records.entries()) {
    const { owner, type } = record;
    if (type === "CNAME") {
      add(index, plain.get(owner), ALIAS);
      const earlier = first(cnames, record, index);
      if (records[earlier]?.data !== record.data) add(index, earlier, ALIAS);
    } else if (!BESIDE_CNAME.includes(type)) {
      add(index, cnames.get(owner), ALIAS);
      first(plain, record, index);
    }
    if (type !== "DNAME") continue;
    const earlier = first(dnames, record, index);
    if (records[earlier]?.data !== record.data) add(index, earlier, "a name has one DNAME record");
  }
  if (dnames.size > 0) {
    for (const [index, { owner }] of records.entries()) {
      const above = namesAbove(owner).find((name) => dnames.has(name));
      if (above !== undefined)
        add(index, dnames.get(above), `all names below ${above} are elsewhere by its DNAME record`);
    }
  }
  return conflicts;
}

const ALIAS = "a name with a CNAME record has no other records";

function namesAbove(name: string): readonly string[] {
  const labels = name.replace(/\.$/, "").split(/(?<!\\)\./);
  return labels.slice(1).map((_, index) => `${labels.slice(index + 1).join(".")}.`);
}
