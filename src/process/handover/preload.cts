import * as net from "node:net";

void net;
