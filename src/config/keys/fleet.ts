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
    about: "What sends requests to the instances: the listening socket of each server, or a balancer.",
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
      "Backend (upstream) of the balancer's configuration for each service that has a port; none for one that only its own server asks.",
    default: "{}",
    example: "backends: { web: be_web, catalog: none }",
  },
  options: {
    shape: mapOf(anyText, "the name of an option", /^[a-z][a-z0-9-]*$/),
    about: "Settings of the engine, such as the paths of its socket and files; an unknown one is refused.",
    default: "{}",
    example: "options: { socket: /run/haproxy/admin.sock }",
  },
};
