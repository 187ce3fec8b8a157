/*
 * A systemd takes what it finds in its control group for its own. nspawn makes two below the one that it is started in,
 * so that each machine needs one to itself; in the hierarchy of systemd, that of version 2 and that of processors.
 */
const SCRIPT = `
group=$1
shift
for top in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd /sys/fs/cgroup/cpu; do
  [ -e "$top/cgroup.procs" ] || continue
  mkdir -p "$top/$group"
  echo 0 > "$top/$group/cgroup.procs"
done
exec "$@"`;

/** The argument list that runs a program in a control group of its own. */
export function enterGroup(group: string, argv: readonly string[]): readonly string[] {
  return ["sh", "-ec", SCRIPT, "sh", group, ...argv];
}
