import { Controller, Get } from "@nestjs/common";
import { ShopService, type Product } from "./shop.service.js";
import { version } from "./version.js";

@Controller()
export class ShopController {
  constructor(private readonly shop: ShopService) {}

  @Get()
  home(): { version: string; products: readonly Product[] } {
    return { version, products: this.shop.products() };
  }
}
