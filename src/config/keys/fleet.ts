import { anyText, choice, either, type Keys, listOf, mapOf, object, type Shape, text } from "../shape.ts";

/** [user@]host[:port]; never something that ssh could take for an option. */
const destination = text(
  "user@host or user@host:port",
  /^(\w[\w.-]*@)?(\[[\da-fA-F:.]+\]|\w([\w.-]*\w)?)(:\d{1,5})?$/,
);

const serverKeys: Keys = {
  host: {
    shape: destination,
    about: "Where SSH connects to.",
    isRequired: true,
    example: "host: deploy@web1.example.com",
  },
  address: {
    shape: text("an address as the balancer's configuration has it, for example 10.0.0.5", /^\S+$/),
    about: "How the balancer's configuration names or addresses the server, where that is not its own name.",
    example: "address: 10.0.0.5",
  },
};

const server = either(destination, object(serverKeys));

export const servers: Shape = either(
  listOf(server),
  mapOf(listOf(server), "the name of a half", /^(?!(?:host|address)$)[a-z][a-z0-9-]*$/),
);

export const trafficKeys: Keys = {
  engine: {
    shape: choice("socket", "haproxy", "nginx", "caddy"),
    about:
      "What sends requests to the instances: the listening socket of each server, or a balancer: haproxy (2.6 and later, by its " +
      "runtime API), nginx (1.22 and later) or caddy (2.6 and later, with a Caddyfile and its admin API on).",
    default: "socket",
    example: "engine: haproxy",
  },
  hosts: {
    shape: listOf(destination),
    about: "Hosts of the balancer, reached over SSH like the servers.",
    default: "[]",
    example: "hosts: [lb@10.0.0.2]",
  },
  backends: {
    shape: mapOf(text("the name of a backend, or none", /^\S+$/), "the name of a service", /\S/),
    about:
      "What each service that has a port is called in the balancer's configuration: for haproxy the backend, for nginx the " +
      "upstream, for caddy the address of the site as it stands in the Caddyfile, such as shop.example.com or :8080. Its servers " +
      "stand there already, each by its name or address. none for a service that only its own server asks.",
    default: "{}",
    example: "backends: { web: be_web, catalog: none }",
  },
  options: {
    shape: mapOf(anyText, "the name of an option", /^[a-z][a-z0-9-]*$/),
    about:
      "Settings of the engine, each with a default that fits Debian's package; an unknown one is refused. haproxy: socket " +
      "(/run/haproxy/admin.sock), config (/etc/haproxy/haproxy.cfg), files (the directory cutover beside it), check and reload " +
      "(commands). nginx: command (nginx), reload (a command), include (/etc/nginx/conf.d/cutover-APP.conf), files " +
      "(/etc/nginx/cutover), log (/var/log/nginx/cutover-APP.log), listen (127.0.0.1:7417, where a single server is asked), split " +
      "($request_id, what decides which share a request belongs to). caddy: command (caddy), config (/etc/caddy/Caddyfile, what " +
      "Caddy is started with), sites (the file with the sites, where that one only imports it), files (the directory cutover " +
      "beside the config), listen (127.0.0.1:7418, where a single server is asked).",
    default: "{}",
    example: "options: { socket: /run/haproxy/admin.sock }",
  },
};
