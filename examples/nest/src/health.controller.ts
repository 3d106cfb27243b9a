import { Controller, Get } from "@nestjs/common";
import { version } from "./version.js";

@Controller("health")
export class HealthController {
  @Get()
  check(): { ok: boolean; version: string } {
    return { ok: true, version };
  }
}
