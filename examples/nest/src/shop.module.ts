import { Module } from "@nestjs/common";
import { HealthController } from "./health.controller.js";
import { ShopController } from "./shop.controller.js";
import { ShopService } from "./shop.service.js";

@Module({ controllers: [HealthController, ShopController], providers: [ShopService] })
export class ShopModule {}
