import type { Machine } from "./machine.js";

/*
 * The package as apt has it in its cache, of a higher version: `+v1`, `+v2`, ... With a program in $3, that one is in it in
 * place of its own.
 */
const REPACK = `
cd /srv/packages
deb=$(ls /var/cache/apt/archives/"$1"_*.deb)
rm -rf tree
dpkg-deb --raw-extract "$deb" tree
sed -i "s/^Version: .*/&$2/" tree/DEBIAN/control
if [ -n "$3" ]; then
  printf '%s' "$3" >tree/usr/sbin/"$1"
  rm -f tree/DEBIAN/md5sums
fi
dpkg-deb -Znone --build tree "$1$2.deb" >/dev/null
rm -rf tree
{
  dpkg-deb --field "$1$2.deb"
  echo "Filename: ./$1$2.deb"
  echo "Size: $(stat -c %s "$1$2.deb")"
  echo "SHA256: $(sha256sum "$1$2.deb" | cut -d ' ' -f 1)"
  echo
} >>Packages`;

/** A repository on a machine, with newer packages of what is installed. */
export class PackageRepository {
  private constructor(private readonly machine: Machine) {}

  static async create(machine: Machine): Promise<PackageRepository> {
    const list = "deb [trusted=yes] file:/srv/packages ./";
    const script = 'mkdir -p /srv/packages; : >/srv/packages/Packages; echo "$1" >/etc/apt/sources.list.d/newer.list';
    await machine.mustExec(["sh", "-ec", script, "sh", list]);
    return new PackageRepository(machine);
  }

  /** Adds a package of a higher version than those before, with another program if one is given. */
  async add(name: string, version: number, program = ""): Promise<void> {
    await this.machine.mustExec(["sh", "-ec", REPACK, "sh", name, `+v${version}`, program]);
  }
}
