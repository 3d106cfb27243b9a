import { expect, test } from "vitest";
import { parseStats } from "../../../src/traffic/haproxy/show.ts";

const stats = `# pxname,svname,scur,qcur,stot,status,mode,cookie,algo,hrsp_5xx,wretr,wredis,
front,FRONTEND,0,,7,OPEN,http,,,0,0,0,
plain,web1,0,0,7,UP,http,,,0,0,0,
plain,BACKEND,0,0,7,UP,http,,roundrobin,0,0,0,
cookies,web1,0,0,7,UP,http,w1,,0,0,0,
cookies,web2,0,0,7,UP,http,,,0,0,0,
cookies,BACKEND,0,0,7,UP,http,SRV,roundrobin,0,0,0,
idle,web1,0,0,7,UP,http,,,0,0,0,
idle,BACKEND,0,0,7,UP,http,,leastconn,0,0,0,
old,web1,0,0,7,UP,http,,,0,0,0,
old,BACKEND,0,0,7,UP,http,,,0,0,0,
`;

test("a server to which clients stick, or whose requests are divided by more than weights, says so", () => {
  const isSticky = (backend: string): (boolean | undefined)[] =>
    [...parseStats(stats, backend).values()].map((one) => one.isSticky);
  expect(isSticky("plain")).toEqual([false]);
  expect(isSticky("cookies")).toEqual([true, false]);
  expect(isSticky("idle")).toEqual([true]);
  expect(isSticky("old")).toEqual([false]);
});
