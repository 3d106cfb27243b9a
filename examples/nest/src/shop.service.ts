import { Injectable } from "@nestjs/common";

export interface Product {
  readonly id: number;
  readonly name: string;
  readonly cents: number;
}

@Injectable()
export class ShopService {
  private readonly stock: readonly Product[] = [
    { id: 1, name: "Tea", cents: 490 },
    { id: 2, name: "Coffee", cents: 790 },
    { id: 3, name: "Cocoa", cents: 650 },
  ];

  products(): readonly Product[] {
    return this.stock;
  }
}
