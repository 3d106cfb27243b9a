const mostAtOnce = 4;

/** Numbers of new instances after each batch. */
export function batches(total: number): readonly number[] {
  const size = total <= mostAtOnce ? total : Math.ceil(total / mostAtOnce);
  return Array.from({ length: Math.ceil(total / size) }, (_, index) => Math.min((index + 1) * size, total));
}
