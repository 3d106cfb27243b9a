/** Programs that run on Node, known without looking at their file: the choice is also made where nothing is installed. */
export const nodePrograms: ReadonlySet<string> = new Set(
  (
    "node nodejs next nest nuxt nuxi vite astro gatsby remix remix-serve react-router react-router-serve " +
    "react-scripts vue-cli-service ng webpack webpack-dev-server parcel rollup tsx ts-node ts-node-dev ts-node-esm " +
    "tsnd swc-node esno babel-node nodemon forever serve http-server sirv json-server fastify strapi directus " +
    "medusa keystone sails moleculer-runner probot micro blitz redwood rw sveltekit wrangler storybook " +
    "start-storybook nx lerna pm2 pm2-runtime lb4 feathers adonis ace"
  ).split(" "),
);

/** Close inherited descriptors or filter the environment, and so leave the program below them without the socket. */
export const severing: ReadonlySet<string> = new Set(
  "sudo su doas runuser ssh docker podman nerdctl docker-compose kubectl systemd-run turbo bun bunx deno uv".split(
    " ",
  ),
);

/** Known not to be Node's; a number behind the name is a version. */
export const otherPrograms: ReadonlySet<string> = new Set(
  (
    "python pypy pipenv poetry flask django-admin gunicorn uvicorn hypercorn daphne waitress-serve java javaw mvn " +
    "mvnw gradle gradlew sbt lein clojure kotlin scala ruby bundle rails puma rackup unicorn thin php artisan " +
    "symfony frankenphp rr perl plackup starman go air cargo rustup dotnet mono elixir mix iex erl swift dart " +
    "Rscript julia lua luajit tarantool tclsh ghc stack cabal nginx httpd apache2 caddy traefik envoy haproxy " +
    "lighttpd foreman honcho overmind hivemind supervisord s6-svscan redis-server postgres mysqld mongod"
  ).split(" "),
);

/** Serve nothing: what stands beside them in a line decides. */
export const neutralPrograms: ReadonlySet<string> = new Set(
  (
    ": . [ [[ alias awk break cat cd chgrp chmod chown continue cp curl cut date declare df dirname du echo " +
    "export false find git grep hash head hostname id install kill let ln local logger ls mkdir " +
    "mkfifo mktemp mv nc printf pwd read readlink readonly realpath return rm rmdir sed set shift shopt sleep " +
    "sort source stat sync tail tar tee test touch tr trap true type ulimit umask unalias uname uniq unset wait wc " +
    "wget which whoami xargs exit fi done esac wait-on"
  ).split(" "),
);

/** Words of the shell that stand before a command. */
export const keywords: ReadonlySet<string> = new Set("if then else elif while until do ! { time".split(" "));

/** Shells; what they run is read. */
export const shells: ReadonlySet<string> = new Set("sh bash dash ash zsh ksh busybox".split(" "));
