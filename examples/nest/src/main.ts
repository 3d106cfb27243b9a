import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { ShopModule } from "./shop.module.js";

async function main(): Promise<void> {
  const app = await NestFactory.create(ShopModule, { logger: ["log", "warn", "error"] });
  await app.listen(process.env.PORT ?? 3000);
}

void main();
