import type { RawProof } from "./raw.ts";

export interface ProofConfig {
  /** Absent: the services' own ports. */
  readonly url?: string | undefined;
  /** Requests per second. */
  readonly rate: number;
  readonly releaseHeader: string;
  readonly uploadPath?: string | undefined;
  readonly streamPath?: string | undefined;
  readonly websocketPath?: string | undefined;
}

export function toProof(raw: RawProof): ProofConfig {
  return {
    url: raw.url,
    rate: raw.rate,
    releaseHeader: raw["release-header"],
    uploadPath: raw.upload,
    streamPath: raw.stream,
    websocketPath: raw.websocket,
  };
}
