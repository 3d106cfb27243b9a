/** What `caddy adapt` prints, as far as it is read here. */
export interface Adapted {
  readonly admin?: { readonly listen?: string; readonly disabled?: boolean };
  readonly apps?: {
    readonly http?: {
      readonly http_port?: number;
      readonly servers?: Readonly<Record<string, HttpServer>>;
    };
  };
}

export interface HttpServer {
  readonly listen?: readonly string[];
  readonly routes?: readonly Route[];
  readonly automatic_https?: { readonly disable?: boolean; readonly skip?: readonly string[] };
  readonly tls_connection_policies?: readonly unknown[];
}

export interface Route {
  /** Sets of conditions, one of which has to hold. */
  readonly match?: readonly Matchers[];
  readonly handle?: readonly Handler[];
}

export interface Matchers {
  readonly host?: readonly string[];
  readonly path?: readonly string[];
}

export interface Handler {
  readonly handler: string;
  readonly routes?: readonly Route[];
  readonly load_balancing?: { readonly selection_policy?: { readonly policy?: string } };
  readonly upstreams?: readonly { readonly dial?: string }[];
}
