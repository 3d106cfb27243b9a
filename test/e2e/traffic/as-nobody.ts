import { chmodSync } from "node:fs";

export const nobody = 65_534;

/** Runs as a user who owns nothing here, in this process. */
export async function asNobody<T>(directory: string, act: () => Promise<T>): Promise<T> {
  const { setgroups, seteuid, setegid, getgroups } = process;
  if (!setgroups || !seteuid || !setegid || !getgroups) throw new Error("no users here");
  chmodSync(directory, 0o755);
  const groups = getgroups.call(process);
  setgroups.call(process, []);
  setegid.call(process, nobody);
  seteuid.call(process, nobody);
  try {
    return await act();
  } finally {
    seteuid.call(process, 0);
    setegid.call(process, 0);
    setgroups.call(process, groups);
  }
}
