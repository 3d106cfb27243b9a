// An operator of an older epoch tries everything it could still do, on every end: one JSON line with the answers for each.
// Arguments: where the compiled program is, the app's directory on the hosts, {hosts: [...], balancers: [...]}, TrafficSettings.
const [, , dist, path, machines, settings] = process.argv;
const { connectServer } = await import(`${dist}/fleet/ssh/connect.js`);
const { hosts, balancers } = JSON.parse(machines);
const release = "20200101000000";
const live = { emit: () => undefined };
const goal = { release, previous: null, hosts: [], balancers: [], routing: {}, spec: { services: [] } };

async function attempt(end, effect) {
  const epoch = (await end.epoch()) - 1;
  return {
    host: end.name,
    effect: (await end.apply({ effect: { host: end.name, release, ...effect }, epoch, goal }, live)).outcome,
    raise: (await end.raise(epoch, "stale")).accepted,
    append: await end.appendJournal?.({ id: "1", at: 0, text: "stale\n", epoch, isRepair: true }),
  };
}

async function say(server, open, effect) {
  const connection = await connectServer(server, { env: process.env });
  console.log(JSON.stringify(await attempt(await open(connection), effect)));
  await connection.close();
}

const host = { app: "shop", path, access: "write" };
for (const server of hosts)
  await say(server, (to) => to.openHost(host), { layer: "release", verb: "switch" });
const balancer = { app: "shop", settings: JSON.parse(settings) };
for (const server of balancers)
  await say(server, (to) => to.openBalancer(balancer), {
    layer: "traffic",
    verb: "switch",
    routing: { weights: { web: Object.fromEntries(hosts.map((name) => [name.split("@")[1], 0])) } },
  });
